package saving

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata/written.json anew; then run internal/golden/configs.py --check")

func written() map[string]any {
	return map[string]any{
		"zero": dense{},
		"dense": &dense{
			base: base{Name: "head", Trainable: new(false), built: 3}, Units: 4, Activation: word("relu"), UseBias: new(false),
			KernelInitializer: constant{Value: 2}, KernelRegularizer: l2{L2: new(0.0)}, BiasRegularizer: l2{},
			KernelConstraint: maxNorm{MaxValue: new(3.0)},
		},
		"conv":          &conv2D{base: base{Name: "c"}, Filters: 2, KernelSize: []int{3, 3}, Strides: []int{2, 2}, Padding: "same"},
		"bidirectional": &bidirectional{base: base{Name: "b"}, Layer: &lstm{base: base{Name: "forward_f"}, Units: 3, ReturnSequences: true}, MergeMode: "sum"},
		"input":         &inputLayer{base{Name: "in"}, []int{-1, 3}, "int32"},
		"padding":       &zeroPadding2D{Padding: [][]int{{1, 2}, {3, 4}}},
		"adam":          &adam{LearningRate: 0.5, Beta1: new(0.0), ClipNorm: 2, AMSGrad: true},
		"scheduled":     &adam{Schedule: cosineDecay{InitialLearningRate: 0.1, DecaySteps: 10}},
		"mse":           meanSquaredError{Reduction: "sum"},
	}
}

// written.json is what real Keras loads; see internal/golden/configs.py.
func TestSave(t *testing.T) {
	all := map[string]any{}
	for name, v := range written() {
		m, err := ToConfig(v)
		require.NoError(t, err, name)
		if name != "zero" { // Keras has no Dense without units.
			all[name] = m
		}
	}
	got, err := json.MarshalIndent(all, "", " ")
	require.NoError(t, err)
	path := filepath.Join("testdata", "written.json")
	if *update {
		require.NoError(t, os.WriteFile(path, append(got, '\n'), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, strings.TrimSpace(string(want)), string(got), "run with -update and check the new file")
}

// What is saved loads as what it was, also after a way through JSON.
func TestSavedLoads(t *testing.T) {
	for name, v := range written() {
		m, err := ToConfig(v)
		require.NoError(t, err, name)
		direct, err := FromConfig(m)
		require.NoError(t, err, name)
		b, err := json.Marshal(m)
		require.NoError(t, err, name)
		parsed, err := FromConfig(ofJSON(t, string(b)))
		require.NoError(t, err, name)
		assert.Equal(t, direct, parsed, name)
		again, err := ToConfig(parsed)
		require.NoError(t, err, name)
		assert.Equal(t, m, again, name)
	}
}

func TestCustomObjectsHaveTheirRegisteredName(t *testing.T) {
	m, err := ToConfig(&custom{Sizes: []int{}})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{
		"module": nil, "class_name": "My", "registered_name": "P>My", "config": map[string]any{"sizes": []any{}},
	}, m)
	m, err = ToConfig(dense{Activation: word("P>swoosh")})
	require.NoError(t, err)
	want := readFixture(t).Objects["swoosh"]["config"].(map[string]any)["activation"]
	assert.Equal(t, want, m["config"].(map[string]any)["activation"])
}

func TestEncode(t *testing.T) {
	got, err := Encode(word("relu"))
	require.NoError(t, err)
	assert.Equal(t, "relu", got)
	got, err = Encode(map[string]any{"a": []loss{meanSquaredError{}}, "b": nil})
	require.NoError(t, err)
	object := map[string]any{"module": "keras.losses", "class_name": "MeanSquaredError", "config": map[string]any{}, "registered_name": nil}
	assert.Equal(t, map[string]any{"a": []any{object}, "b": nil}, got)
	got, err = Encode(nil)
	require.NoError(t, err)
	assert.Nil(t, got)
	list, err := Decode[map[string][]loss](map[string]any{"a": []any{"mse", object}})
	require.NoError(t, err)
	assert.Equal(t, map[string][]loss{"a": {meanSquaredError{}, meanSquaredError{}}}, list)
}

func TestRefusedOnSaving(t *testing.T) {
	type stranger struct{ X int }
	cycle := &bidirectional{}
	cycle.Layer = cycle
	for want, v := range map[string]any{
		"saving.stranger is not registered: register it with saving.Register":          stranger{},
		"expected a struct, got int":                                                   3,
		"expected a struct, got *saving.dense":                                         (*dense)(nil),
		"keras.optimizers.Adam: learning_rate: LearningRate and Schedule are both set": &adam{LearningRate: 1, Schedule: cosineDecay{}},
		"on_step: a func() cannot be saved":                                            &adam{OnStep: func() {}},
		"epsilon: NaN cannot be written in JSON":                                       &adam{Epsilon: math.NaN()},
		"nest more than 100 deep":                                                      cycle,
		"kernel_constraint: saving.stranger is not registered":                         dense{KernelConstraint: stranger{}},
	} {
		_, err := ToConfig(v)
		assert.ErrorContains(t, err, want)
	}
}

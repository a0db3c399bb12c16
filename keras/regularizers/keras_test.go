package regularizers_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gokeras/gokeras/internal/golden/fixture"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type golden struct {
	Class              string
	Options, Config    map[string]any // the arguments, and what get_config makes of them
	W, Value, Gradient *fixture.Array
}

// object is what a file says about a regularizer.
func (g golden) object(config map[string]any) map[string]any {
	return map[string]any{"module": "keras.regularizers", "class_name": g.Class, "config": config, "registered_name": nil}
}

func (g golden) run(t *testing.T, r regularizers.Regularizer) {
	record := func(in []ops.Tensor) (ops.Tensor, ops.Tensor) {
		p := r.Penalty(in[0])
		return p, p
	}
	call := fixture.Call{Inputs: []*fixture.Array{g.W}, Record: record}
	value, gradient, err := call.Run(g.Value.Shape)
	require.NoError(t, err)
	g.Value.RequireClose(t, value, 1e-5, "value")
	g.Gradient.RequireClose(t, gradient, 1e-4, "gradient")
	if g.Class == "OrthogonalRegularizer" { // the others have a bend at 0, where each has an element
		call.RequireDifferences(t)
	}
}

func TestPenaltiesAreKeras(t *testing.T) {
	t.Parallel()
	classes := map[string]int{}
	for i, g := range fixture.Read[golden](t, "testdata/regularizers.json.gz").Cases {
		classes[g.Class]++
		t.Run(fmt.Sprintf("%s/%d", g.Class, i), func(t *testing.T) {
			for _, config := range []map[string]any{g.Options, g.Config} {
				r, err := saving.Decode[regularizers.Regularizer](g.object(config))
				require.NoError(t, err)
				g.run(t, r)
				written, err := saving.ToConfig(r)
				require.NoError(t, err)
				assert.Equal(t, g.Class, written["class_name"])
				for key, value := range written["config"].(map[string]any) {
					if _, number := value.(float64); number { // which Keras keeps in float32
						assert.InEpsilon(t, 1+g.Config[key].(float64), 1+value.(float64), 1e-6, key)
						continue
					}
					assert.EqualValues(t, g.Config[key], value, key)
				}
			}
		})
	}
	assert.Equal(t, map[string]int{"L1": 8, "L2": 8, "L1L2": 8, "OrthogonalRegularizer": 8}, classes)
}

func TestGet(t *testing.T) {
	t.Parallel()
	words := fixture.Read[golden](t, "testdata/regularizers.json.gz").Words
	assert.Len(t, words, 8)
	for word, class := range words {
		r, err := regularizers.Get(word)
		require.NoError(t, err, word)
		name, _ := saving.ClassName(r)
		assert.Equal(t, class, name, word)
	}
	for _, word := range []string{"", "l3", "Regularizer", "L1_L2"} {
		_, err := regularizers.Get(word)
		require.ErrorContains(t, err, fmt.Sprintf("%q", word))
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	matrix := ops.Placeholder("w", ops.Float32, 3, 2).In("model/dense")
	orthogonal := regularizers.OrthogonalRegularizer{}
	for message, p := range map[string]ops.Tensor{
		"model/dense: regularizer: l1 is -1: expected a number of at least 0": regularizers.L1{L1: new(-1.0)}.Penalty(matrix),
		"l2 is NaN":                          regularizers.L2{L2: new(math.NaN())}.Penalty(matrix),
		"l2 is +Inf":                         regularizers.L1L2{L2: math.Inf(1)}.Penalty(matrix),
		"factor is -0.5":                     regularizers.OrthogonalRegularizer{Factor: new(-0.5)}.Penalty(matrix),
		`mode "diagonal"`:                    regularizers.OrthogonalRegularizer{Mode: "diagonal"}.Penalty(matrix),
		"shape [3 2 2]: expected a matrix":   orthogonal.Penalty(ops.Placeholder("w", ops.Float32, 3, 2, 2)),
		"shape [1 4]: expected at least two": orthogonal.Penalty(ops.Placeholder("w", ops.Float32, 1, 4)),
		assert.AnError.Error():               orthogonal.Penalty(ops.Fail("", assert.AnError)),
	} {
		require.ErrorContains(t, p.Err(), message)
	}
}

func TestOrthogonalRegularizerOfAnUnknownBatch(t *testing.T) {
	t.Parallel()
	p := regularizers.OrthogonalRegularizer{}.Penalty(ops.Placeholder("x", ops.Float32, ops.Unknown, 3))
	require.NoError(t, p.Err())
	assert.Empty(t, p.Shape())
}

package keras_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

var graphsWritten = flag.String("written", "", "a folder that TestGraphsToKeras writes its models to, for internal/golden/graphs.py --check")

// load makes the case's model, with its weights.
func (c *callCase) load(t *testing.T) *keras.Model {
	t.Helper()
	m, err := keras.DecodeModel(c.Config, 0)
	require.NoError(t, err)
	require.NoError(t, m.Compile(keras.CompileOptions{Loss: losses.MeanSquaredError{}, Seed: 1}))
	require.NoError(t, m.SetWeights(arraysOf(c.Start)))
	return m
}

// inputs are the case's arrays, of the types that the model wants: the script writes truth as 0 and 1.
func (c *callCase) inputs(m *keras.Model) []*tensor.Dense {
	xs := arraysOf(c.X)
	for i, in := range m.Inputs() {
		if in.DType() != ops.Bool {
			continue
		}
		truth := make([]bool, len(xs[i].Int32s()))
		for k, v := range xs[i].Int32s() {
			truth[k] = v != 0
		}
		xs[i] = tensor.New(tensor.WithShape(xs[i].Shape()...), tensor.WithBacking(truth))
	}
	return xs
}

// Tensors by name and flags of calls are read as Keras writes them, and written so that the same model is read again.
func TestCallsAreKeras(t *testing.T) {
	for i, c := range readSteps(t).Calls {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			m := c.load(t)
			got, err := m.PredictArrays(t.Context(), c.inputs(m))
			require.NoError(t, err)
			require.Len(t, got, len(c.Y))
			for k, y := range got {
				closeArrays(t, c.Y[k].Dense, y, 1e-5, fmt.Sprint("output ", k))
			}
			o, err := keras.EncodeModel(m)
			require.NoError(t, err)
			text, err := json.Marshal(o)
			require.NoError(t, err)
			again := callCase{Start: c.Start}
			require.NoError(t, decodeNumbers(text, &again.Config))
			clone, err := m.Clone()
			require.NoError(t, err)
			for _, same := range []*keras.Model{again.load(t), clone} {
				y, err := same.PredictArrays(t.Context(), c.inputs(m))
				require.NoError(t, err)
				for k := range y {
					require.Equal(t, got[k].Data(), y[k].Data())
				}
			}
			node := func(o map[string]any) any { // of the last layer: Keras makes it for the same tensors
				all := o["config"].(map[string]any)["layers"].([]any)
				return all[len(all)-1].(map[string]any)["build_config"]
			}
			require.Equal(t, node(c.Config), node(again.Config))
		})
	}
}

// Real Keras reads these: see internal/golden/regenerate.
func TestGraphsToKeras(t *testing.T) {
	folder := *graphsWritten
	if folder == "" {
		folder = t.TempDir()
	}
	require.NoError(t, os.MkdirAll(folder, 0o755))
	var all []any
	add := func(m *keras.Model, x, predicted []trainingArray, summaries []graphSummary) {
		require.NoError(t, m.Save(filepath.Join(folder, fmt.Sprintf("%d.keras", len(all)))))
		all = append(all, map[string]any{"x": packedArrays(x), "predict": packedArrays(predicted), "summaries": summaries})
	}
	for _, c := range readGraphs(t) {
		m, err := keras.DecodeModel(c.Config, 0)
		require.NoError(t, err)
		_, err = m.PredictArrays(t.Context(), arraysOf(c.X)) // builds the model, which is not compiled: an optimizer would be counted
		require.NoError(t, err)
		require.NoError(t, m.SetWeights(arraysOf(c.Start)))
		add(m, c.X, c.Predict, c.Summaries)
	}
	for _, c := range readSteps(t).Calls {
		add(c.load(t), c.X, c.Y, nil)
	}
	text, err := json.Marshal(all)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "cases.json"), text, 0o600))
}

// MarshalJSON implements [json.Marshaler].
func (s graphSummary) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"expand_nested": s.ExpandNested, "show_trainable": s.ShowTrainable, "text": s.Text})
}

// packedArrays are arrays as the script writes them.
func packedArrays(as []trainingArray) []any {
	all := make([]any, len(as))
	for i, a := range as {
		all[i] = packedArray(a.Dense)
	}
	return all
}

func packedArray(a *tensor.Dense) map[string]any {
	var b bytes.Buffer
	kind := "f"
	if a.Dtype() == tensor.Int32 {
		kind = "i"
	}
	if err := binary.Write(&b, binary.LittleEndian, a.Data()); err != nil {
		return map[string]any{"error": err.Error()}
	}
	return map[string]any{"shape": a.Shape(), "type": kind, "data": b.Bytes()} // which JSON has as base64
}

// flagged is a layer with an argument of its call.
type flagged struct {
	layers.Base
	Double bool `keras:"double,call"`
}

func init() { saving.Register[flagged]("Golden>Flagged", "") }

// Call implements [layers.Layer].
func (f *flagged) Call(_ *layers.Builder, x ops.Tensor) ops.Tensor {
	if f.Double {
		return ops.Add(x, x)
	}
	return x
}

func TestFlagsOfCallsAgree(t *testing.T) {
	x := keras.Input(layers.Input{Shape: []int{2}})
	l := &flagged{Double: true}
	m := keras.NewModel([]ops.Tensor{x}, []ops.Tensor{keras.Apply(l, keras.Apply(l, x))})
	o, err := keras.EncodeModel(m)
	require.NoError(t, err)
	text, err := json.Marshal(o)
	require.NoError(t, err)
	var config map[string]any
	require.NoError(t, decodeNumbers(text, &config))
	again, err := keras.DecodeModel(config, 0)
	require.NoError(t, err)
	y, err := again.Predict(t.Context(), ones(1, 2))
	require.NoError(t, err)
	require.Equal(t, []float32{4, 4}, y.Float32s())

	nodes := config["config"].(map[string]any)["layers"].([]any)[1].(map[string]any)["inbound_nodes"].([]any)
	kwargs := nodes[1].(map[string]any)["kwargs"].(map[string]any)
	require.Equal(t, map[string]any{"double": true}, kwargs)
	delete(kwargs, "double")
	_, err = keras.DecodeModel(config, 0)
	assert.ErrorContains(t, err, "layer flagged: inbound_nodes: kwargs: expected the flags map[double:true] of the layer's first call, got map[]")
	kwargs["nose"] = true
	_, err = keras.DecodeModel(config, 0)
	assert.Error(t, err)
	delete(kwargs, "nose")
	kwargs["double"] = "yes"
	_, err = keras.DecodeModel(config, 0)
	assert.ErrorContains(t, err, "double")
}

// Tensors that are left out have no place in the graph, and the layer sees that they are.
func TestTensorsMayBeLeftOut(t *testing.T) {
	q, v := keras.Input(layers.Input{Shape: []int{4, 3}}), keras.Input(layers.Input{Shape: []int{5, 3}})
	mask := keras.Input(layers.Input{Shape: []int{4, 5}, DType: ops.Bool})
	a := &layers.MultiHeadAttention{NumHeads: 2, KeyDim: 3}
	m := keras.NewModel([]ops.Tensor{q, v, mask}, keras.ApplyAll(a, q, v, ops.Tensor{}, mask))
	on := tensor.New(tensor.WithShape(2, 4, 5), tensor.WithBacking(make([]bool, 40)))
	for i := range on.Bools() {
		on.Bools()[i] = i%2 == 0
	}
	_, err := m.PredictArrays(t.Context(), []*tensor.Dense{ones(2, 4, 3), ones(2, 5, 3), on})
	require.NoError(t, err)
	assert.ErrorContains(t, keras.ApplyAll(&layers.LSTM{Units: 2}, ops.Tensor{}, q)[0].Err(), "LSTM: expected tensors made by")
	assert.ErrorContains(t, keras.Merge(&layers.Add{}, q, ops.Tensor{}).Err(), "Add: expected tensors made by")
}

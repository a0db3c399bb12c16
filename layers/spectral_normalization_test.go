package layers_test

import (
	"flag"
	"testing"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
)

var spectral = flag.String("spectral", "testdata/spectral_normalization.json.gz", "where internal/golden/spectral_normalization.py wrote to")

// TestSpectralNormalization compares steps with Keras's, without the finite differences of TestKeras: gradients leave the estimate out.
func TestSpectralNormalization(t *testing.T) {
	var file struct{ Cases []kerasCase }
	readJSON(t, *spectral, &file)
	require.NotEmpty(t, file.Cases)
	for _, k := range file.Cases {
		t.Run(k.Name, func(t *testing.T) {
			l := load[layers.Layer](t, k.Config)
			ws := builtWith(t, l, k)
			x, tr := input(k.Inputs[0].Shape...), &layers.Trace{Sealed: true}
			y := layers.NewBuilder(tr, &wrapper{Inner: l}, "", k.Training).Apply(l, x)
			require.NoError(t, tr.Err())
			loss := ops.Sum(ops.Multiply(y, ops.Array(k.Cotangents[0].dense())))
			for _, penalty := range tr.Losses {
				loss = ops.Add(loss, penalty)
			}
			o := ops.Options{Inputs: []ops.Tensor{x}, Outputs: []ops.Tensor{y}, Updates: tr.Updates, Loss: loss}
			for _, w := range ws {
				if !w.Spec.NonTrainable {
					o.WithRespectTo = append(o.WithRespectTo, w.Tensor())
				}
			}
			p, err := ops.Compile(o)
			require.NoError(t, err)
			copy(p.Inputs()[0].Float32s(), k.Inputs[0].dense().Float32s())
			require.NoError(t, p.Run())
			require.InDeltaSlice(t, k.Outputs[0].dense().Float32s(), p.Outputs()[0].Float32s(), 1e-5*max(1, largest(k.Outputs[0].dense())))
			for i, want := range k.WeightGradients {
				v := want.dense().Float32s()
				require.InDeltaSlice(t, v, p.Gradients()[i].Float32s(), 1e-4*max(1, largest(want.dense())), "gradient %d", i)
			}
			p.Commit()
			for i, want := range k.After {
				require.InDeltaSlice(t, want.dense().Float32s(), ws[i].Float32s(), 1e-5, ws[i].Path)
			}
		})
	}
}

// builtWith gives a layer the weights of a case, in Keras's order.
func builtWith(t *testing.T, l layers.Layer, k kerasCase) []*layers.Weight {
	t.Helper()
	tr := &layers.Trace{}
	layers.NewBuilder(tr, &wrapper{Inner: l}, "", false).Apply(l, input(k.Inputs[0].Shape...))
	require.NoError(t, tr.Commit(1))
	var ws []*layers.Weight
	seen := map[*layers.Weight]bool{}
	layers.Walk(l, func(p layers.Part) {
		for _, w := range layers.WithShared(p, func(p layers.Part) []*layers.Weight { return layers.BaseOf(p).Weights() }) {
			if !seen[w] {
				seen[w] = true
				ws = append(ws, w)
			}
		}
	})
	require.Len(t, ws, len(k.Weights))
	for i, w := range ws {
		require.Equal(t, k.Weights[i].Shape, w.Shape(), w.Path)
		copy(w.Float32s(), k.Weights[i].dense().Float32s())
	}
	return ws
}

func TestSpectralNormalizationLeavesZeros(t *testing.T) {
	k := kerasCase{
		Inputs: []*array{{Shape: []int{2, 3}}}, Weights: []*array{floatsOf(3, 2), floatsOf(1, 2), floatsOf(2)},
	}
	l := &layers.SpectralNormalization{Layer: &layers.Dense{Units: 2}}
	ws := builtWith(t, l, k)
	ws[1].Float32s()[0] = 0.5
	x, tr := input(2, 3), &layers.Trace{Sealed: true}
	y := layers.NewBuilder(tr, &wrapper{Inner: l}, "", true).Apply(l, x)
	p, err := ops.Compile(ops.Options{
		Inputs: []ops.Tensor{x}, Outputs: []ops.Tensor{y}, Updates: tr.Updates, Loss: ops.Sum(y), WithRespectTo: []ops.Tensor{ws[0].Tensor()},
	})
	require.NoError(t, err)
	copy(p.Inputs()[0].Float32s(), []float32{1, 2, 3, 4, 5, 6})
	require.NoError(t, p.Run())
	p.Commit()
	require.Equal(t, []float32{5, 5, 7, 7, 9, 9}, p.Gradients()[0].Float32s())
	require.Equal(t, make([]float32, 6), ws[0].Float32s())
	require.Equal(t, []float32{0.5, 0}, ws[1].Float32s())
}

func floatsOf(shape ...int) *array {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return &array{Shape: shape, Type: "f", Data: make([]byte, 4*n)}
}

func TestSpectralNormalizationRefusals(t *testing.T) {
	for want, l := range map[string]*layers.SpectralNormalization{
		"a layer is nil": {},
		"power_iterations: expected a positive number, got -1":                                           {Layer: &layers.Dense{Units: 1}, PowerIterations: -1},
		"layer: expected one with a weight named kernel or embeddings, got a BatchNormalization without": {Layer: &layers.BatchNormalization{}},
	} {
		_, err := trace(l, true, input(2, 3))
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "(SpectralNormalization)")
	}
}

func TestSpectralNormalizationConfig(t *testing.T) {
	l := &layers.SpectralNormalization{Layer: &layers.Dense{Units: 2}, PowerIterations: 3}
	config, err := saving.ToConfig(l)
	require.NoError(t, err)
	loaded, err := saving.FromConfig(config)
	require.NoError(t, err)
	require.Equal(t, l, loaded)
}

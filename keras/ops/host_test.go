package ops_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// lengths counts the bytes of each text.
func lengths(out *tensor.Dense, in []*tensor.Dense) error {
	for i, s := range in[0].Strings() {
		if s == "" {
			return errors.Errorf("text %d is empty", i)
		}
		out.Int32s()[i] = int32(len(s))
	}
	return nil
}

func TestHost(t *testing.T) {
	x := ops.Placeholder("x", ops.String, 3, 1)
	flat := ops.Reshape(x, 3) // Shapes of text may change.
	n := ops.Host("lengths", ops.Spec{Shape: []int{3}, DType: ops.Int32}, lengths, flat)
	shout := ops.Host("shout", ops.Spec{Shape: []int{3}, DType: ops.String}, func(out *tensor.Dense, in []*tensor.Dense) error {
		for i, s := range in[0].Strings() {
			out.Strings()[i] = s + "!"
		}
		return nil
	}, flat)
	loud := ops.Host("lengths", ops.Spec{Shape: []int{3}, DType: ops.Int32}, lengths, shout)
	p, err := ops.Compile(ops.Options{Inputs: []ops.Tensor{x}, Outputs: []ops.Tensor{ops.Multiply(n, ops.Int(2)), loud, shout}})
	require.NoError(t, err)
	copy(p.Inputs()[0].Strings(), []string{"a", "héh", "abc"})
	require.NoError(t, p.Run())
	require.Equal(t, []int32{2, 8, 6}, p.Outputs()[0].Int32s())
	require.Equal(t, []int32{2, 5, 4}, p.Outputs()[1].Int32s())
	require.Equal(t, []string{"a!", "héh!", "abc!"}, p.Outputs()[2].Strings())
	p.Inputs()[0].Strings()[1] = ""
	require.ErrorContains(t, p.Run(), "lengths: text 1 is empty")
}

// TestHostFloats checks that a function sees float32 whatever the program computes in.
func TestHostFloats(t *testing.T) {
	double := func(out *tensor.Dense, in []*tensor.Dense) error {
		for i, v := range in[0].Float32s() {
			out.Float32s()[i] = 2 * v
		}
		return nil
	}
	for _, float := range []ops.DType{ops.Float32, ops.Float64} {
		x := ops.Placeholder("x", ops.Float32, 2)
		y := ops.Host("double", ops.Spec{Shape: []int{2}, DType: ops.Float32}, double, x)
		p, err := ops.Compile(ops.Options{Inputs: []ops.Tensor{x}, Outputs: []ops.Tensor{y}, Float: float})
		require.NoError(t, err)
		if float == ops.Float64 {
			copy(p.Inputs()[0].Float64s(), []float64{1.5, -2})
			require.NoError(t, p.Run())
			require.Equal(t, []float64{3, -4}, p.Outputs()[0].Float64s())
			continue
		}
		copy(p.Inputs()[0].Float32s(), []float32{1.5, -2})
		require.NoError(t, p.Run())
		require.Equal(t, []float32{3, -4}, p.Outputs()[0].Float32s())
	}
}

func TestTextIsNotForComputing(t *testing.T) {
	x := ops.Placeholder("x", ops.String, 3)
	for name, y := range map[string]ops.Tensor{
		"add": ops.Add(x, ops.Scalar(1)), "cast": ops.Cast(x, ops.Float32), "one_hot": ops.OneHot(x, 2), "sum": ops.Sum(x),
	} {
		require.ErrorContains(t, y.Err(), "holds text", name)
	}
}

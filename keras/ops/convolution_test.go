package ops

import (
	"testing"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConvolutionErrors(t *testing.T) {
	x := func(shape ...int) Tensor { return Placeholder("x", Float32, shape...) }
	for name, c := range map[string]struct {
		y    Tensor
		want []string
	}{
		"vectors":               {Conv(x(2, 3), x(3, 3), Window{}), []string{"conv", "[2 3]", "1 to 3 axes"}},
		"four axes":             {Conv(x(2, 3, 3, 3, 3, 1), x(1, 1, 1, 1, 1, 1), Window{}), []string{"conv", "1 to 3 axes"}},
		"kernel of other axes":  {Conv(x(2, 8, 3), x(3, 3, 3, 4), Window{}), []string{"conv", "[2 8 3]", "[3 3 3 4]", "as many axes"}},
		"kernel longer":         {Conv(x(2, 4, 3), x(5, 3, 4), Window{}), []string{"time of [2 4 3]", "5 elements", "4"}},
		"dilated beyond depth":  {Conv(x(2, 4, 9, 9, 3), x(3, 3, 3, 3, 4), Window{Dilation: []int{2, 1, 1}}), []string{"depth of", "5 elements", "4"}},
		"groups":                {Conv(x(2, 9, 4), x(3, 3, 4), Window{}), []string{"4 channels", "3 of them", "no groups"}},
		"unknown channels":      {Conv(x(2, 9, Unknown), x(3, 3, 4), Window{}), []string{"-1 channels", "known"}},
		"strides":               {Conv(x(2, 9, 9, 3), x(3, 3, 3, 4), Window{Strides: []int{1, 2, 3}}), []string{"strides [1 2 3]", "2 axes"}},
		"stride of 0":           {Conv(x(2, 9, 9, 3), x(3, 3, 3, 4), Window{Strides: []int{0}}), []string{"strides [0]", "at least 1"}},
		"no dilation":           {Conv(x(2, 9, 9, 3), x(3, 3, 3, 4), Window{Dilation: []int{}}), []string{"dilation_rate []"}},
		"causal images":         {Conv(x(2, 9, 9, 3), x(3, 3, 3, 4), Window{Padding: Causal}), []string{"causal", "sequences only"}},
		"unknown padding":       {Conv(x(2, 9, 3), x(3, 3, 4), Window{Padding: "most"}), []string{"most", "valid", "same"}},
		"depthwise channels":    {DepthwiseConv(x(2, 9, 4), x(3, 2, 4), Window{}), []string{"depthwise_conv", "[2 9 4]", "[3 2 4]"}},
		"separable channels":    {SeparableConv(x(2, 9, 4), x(3, 4, 2), x(1, 5, 4), Window{}), []string{"8 channels", "5 of them"}},
		"transposed channels":   {ConvTranspose(x(2, 9, 4), x(3, 4, 3), TransposeWindow{}), []string{"conv_transpose", "4 channels", "3 of them"}},
		"transposed causal":     {ConvTranspose(x(2, 9, 4), x(3, 2, 4), TransposeWindow{Padding: Causal}), []string{"causal", "valid"}},
		"transposed padding":    {ConvTranspose(x(2, 9, 4), x(3, 2, 4), TransposeWindow{Padding: "full"}), []string{"full", "same"}},
		"output padding":        {ConvTranspose(x(2, 9, 4), x(3, 2, 4), TransposeWindow{OutputPadding: []int{-1}}), []string{"output_padding [-1]", "at least 0"}},
		"nothing left":          {ConvTranspose(x(2, 1, 4), x(2, 2, 4), TransposeWindow{Padding: Same, OutputPadding: []int{0}}), []string{"leaves nothing", "time of"}},
		"the first error stays": {Conv(Fail("here", assert.AnError), x(3, 3, 4), Window{}), []string{assert.AnError.Error()}},
	} {
		require.Error(t, c.y.Err(), name)
		for _, want := range c.want {
			assert.Contains(t, c.y.Err().Error(), want, name)
		}
	}
}

// Bias and activation run where a convolution is, for all numbers of axes and backwards.
func TestConvolutionsTakeBiasAndActivation(t *testing.T) {
	for axes := 1; axes <= maxSpatial; axes++ {
		image, window := []int{2}, []int{}
		for range axes {
			image, window = append(image, 5), append(window, 3)
		}
		x := Placeholder("x", Float32, append(image, 3)...)
		bias := Placeholder("bias", Float32, 4)
		for _, y := range []Tensor{
			Conv(x, Placeholder("k", Float32, append(append([]int{}, window...), 3, 4)...), Window{Padding: Same}),
			ConvTranspose(x, Placeholder("k", Float32, append(append([]int{}, window...), 4, 3)...), TransposeWindow{Strides: []int{2}}),
		} {
			require.NoError(t, y.Err())
			op, ok := fuse([]Tensor{Tanh(Add(y, bias))})[0].node.op.(convolution)
			require.True(t, ok)
			assert.True(t, op.bias)
			assert.Equal(t, kernel.Tanh, op.activation)
		}
	}
}

func TestConvTransposeSizes(t *testing.T) {
	size := func(w TransposeWindow) []int {
		y := ConvTranspose(Placeholder("x", Float32, Unknown, 4, Unknown, 2), Placeholder("k", Float32, 3, 2, 5, 2), w)
		require.NoError(t, y.Err())
		return y.Shape()
	}
	assert.Equal(t, []int{Unknown, 6, Unknown, 5}, size(TransposeWindow{}))
	assert.Equal(t, []int{Unknown, 16, Unknown, 5}, size(TransposeWindow{Strides: []int{4}}))
	assert.Equal(t, []int{Unknown, 10, Unknown, 5}, size(TransposeWindow{Strides: []int{2}, OutputPadding: []int{1}}))
	assert.Equal(t, []int{Unknown, 8, Unknown, 5}, size(TransposeWindow{Strides: []int{2}, Padding: Same}))
	assert.Equal(t, []int{Unknown, 7, Unknown, 5}, size(TransposeWindow{Strides: []int{2}, Padding: Same, OutputPadding: []int{0}}))
}

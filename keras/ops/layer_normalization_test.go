package ops

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLayerNormalization holds the operations and their gradients against compositions.
func TestLayerNormalization(t *testing.T) {
	const epsilon = 0.1
	x, gamma, beta := Placeholder("x", Float32, 3, 4, 5), Placeholder("gamma", Float32, 5), Placeholder("beta", Float32, 5)
	in, none := []Tensor{x, gamma, beta}, Tensor{}
	centered := Subtract(x, KeepDims(Mean, x, -1))
	normal := Multiply(centered, Rsqrt(Add(KeepDims(Mean, Square(centered), -1), Scalar(epsilon))))
	rms := Multiply(x, Rsqrt(Add(KeepDims(Mean, Square(x), -1), Scalar(epsilon))))
	for name, c := range map[string]struct{ one, composed Tensor }{
		"scale and shift": {LayerNormalization(x, gamma, beta, epsilon), Add(Multiply(normal, gamma), beta)},
		"scale":           {LayerNormalization(x, gamma, none, epsilon), Multiply(normal, gamma)},
		"shift":           {LayerNormalization(x, none, beta, epsilon), Add(normal, beta)},
		"neither":         {LayerNormalization(x, none, none, epsilon), normal},
		"rms":             {RMSNormalization(x, gamma, epsilon), Multiply(rms, gamma)},
		"rms alone":       {RMSNormalization(x, none, epsilon), rms},
	} {
		t.Run(name, func(t *testing.T) {
			loss := Sum(Multiply(Square(c.one), Sin(x)))
			p, err := Compile(Options{Inputs: in, Outputs: []Tensor{c.one, c.composed}, Loss: loss, WithRespectTo: in})
			require.NoError(t, err)
			fillRandom(p, rand.New(rand.NewPCG(1, 2)))
			require.NoError(t, p.Run())
			assert.InDeltaSlice(t, p.Outputs()[1].Float32s(), p.Outputs()[0].Float32s(), 1e-5)
			one := gradientsOfAll(p)
			p, err = Compile(Options{Inputs: in, Loss: Sum(Multiply(Square(c.composed), Sin(x))), WithRespectTo: in})
			require.NoError(t, err)
			fillRandom(p, rand.New(rand.NewPCG(1, 2)))
			require.NoError(t, p.Run())
			for i, g := range gradientsOfAll(p) {
				assert.InDeltaSlice(t, g, one[i], 1e-4, "input %d", i)
			}
		})
	}
	checkGradients(t, in, Sum(Square(LayerNormalization(x, gamma, beta, epsilon))), func(p *Program) { fillRandom(p, rand.New(rand.NewPCG(3, 4))) })
}

// gradientsOfAll are copies, empty for what the loss does not depend on.
func gradientsOfAll(p *Program) [][]float32 {
	gs := make([][]float32, len(p.Gradients()))
	for i, g := range p.Gradients() {
		if g != nil {
			gs[i] = append(gs[i], g.Float32s()...)
		}
	}
	return gs
}

func TestLayerNormalizationErrors(t *testing.T) {
	x := Placeholder("x", Float32, 2, Unknown)
	assert.ErrorContains(t, LayerNormalization(x, Tensor{}, Tensor{}, 0).Err(), "layer_normalization: shape [2 -1]")
	x = Placeholder("x", Float32, 2, 5)
	assert.ErrorContains(t, RMSNormalization(x, Placeholder("g", Float32, 4), 0).Err(), "rms_normalization: scale or offset of shape [4]: expected [5]")
}

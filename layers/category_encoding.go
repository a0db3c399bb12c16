package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// CategoryEncoding marks categories, which are numbers in [0, NumTokens): by default [batch, n] becomes float32 [batch, NumTokens]. Other
// numbers leave no mark.
type CategoryEncoding struct {
	Base
	NumTokens  int        // number of categories; required
	OutputMode OutputMode // OutputOneHot, OutputMultiHot or OutputCount; "": OutputMultiHot
}

func init() { saving.Register[CategoryEncoding]("CategoryEncoding", "keras.layers") }

func (c *CategoryEncoding) mode() (OutputMode, error) {
	if err := positive("num_tokens", c.NumTokens); err != nil {
		return "", err
	}
	return outputMode(c.OutputMode, OutputMultiHot, OutputOneHot, OutputCount)
}

// cook implements the layer in plain Go. A second array has what each category adds to its count.
func (c *CategoryEncoding) cook(in []ops.Spec) (recipe, error) {
	mode, err := c.mode()
	if err != nil {
		return recipe{}, err
	}
	if in[0].DType == ops.String {
		return recipe{}, errors.New("expected numbers, got text: use a StringLookup")
	}
	if len(in) > 1 && (mode != OutputCount || !slices.Equal(in[0].Shape, in[1].Shape)) {
		return recipe{}, errors.Errorf("count_weights: expected output_mode %q and the shape %v, got %q and %v", OutputCount, in[0].Shape, mode, in[1].Shape)
	}
	var ids []int
	return recipe{"category_encoding", mode.encoded(in[0].Shape, c.NumTokens), func(out *tensor.Dense, in []*tensor.Dense) error {
		var weights []float32
		if len(in) > 1 {
			var err error
			if weights, err = floats(in[1]); err != nil {
				return err
			}
		}
		ids = integers(in[0], ids)
		mode.encodeWeighted(out, ids, weights, in[0].Shape(), c.NumTokens)
		return nil
	}}, nil
}

// Call implements [Layer].
func (c *CategoryEncoding) Call(b *Builder, x ops.Tensor) ops.Tensor { return b.prepare(c.cook, x) }

// Apply implements [Applier].
func (c *CategoryEncoding) Apply(x *tensor.Dense) (*tensor.Dense, error) { return prepare(c.cook, x) }

// ApplyWeighted is Apply in count mode with Keras's count_weights, of the shape of x: what each category adds to its count.
func (c *CategoryEncoding) ApplyWeighted(x, weights *tensor.Dense) (*tensor.Dense, error) {
	return prepare(c.cook, x, weights)
}

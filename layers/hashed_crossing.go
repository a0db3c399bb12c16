package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// HashedCrossing sorts combinations of two or more features, text or whole numbers of shape [batch] or [batch, 1], into bins by a hash.
type HashedCrossing struct {
	Base
	NumBins    int        // required
	OutputMode OutputMode // OutputInt or OutputOneHot; "": OutputInt
}

func init() { saving.Register[HashedCrossing]("HashedCrossing", "keras.layers") }

// crossingKey is what TensorFlow's cross_hashed starts from.
const crossingKey = 0xDECAFCAFFE

// cook implements the layer in plain Go.
func (h *HashedCrossing) cook(in []ops.Spec) (recipe, error) {
	if err := positive("num_bins", h.NumBins); err != nil {
		return recipe{}, err
	}
	mode, err := outputMode(h.OutputMode, OutputInt, OutputOneHot)
	if err != nil {
		return recipe{}, err
	}
	if len(in) < 2 {
		return recipe{}, errors.Errorf("expected at least two inputs, got %d", len(in))
	}
	for _, s := range in {
		if !slices.Equal(s.Shape, in[0].Shape) || len(s.Shape) > 2 || len(s.Shape) == 2 && s.Shape[1] != 1 {
			return recipe{}, errors.Errorf("expected inputs of shape [batch] or [batch, 1], all of the same, got %v and %v", in[0].Shape, s.Shape)
		}
		if s.DType != ops.String && s.DType != ops.Int32 {
			return recipe{}, errors.Errorf("expected text or whole numbers, got %s", s.DType)
		}
	}
	var ids, numbers []int
	var hashes []uint64
	return recipe{"hashed_crossing", mode.encoded(in[0].Shape, h.NumBins), func(out *tensor.Dense, in []*tensor.Dense) error {
		hashes = slices.Grow(hashes[:0], in[0].DataSize())[:in[0].DataSize()]
		for i := range hashes {
			hashes[i] = crossingKey
		}
		for _, x := range in {
			numbers = crossWith(hashes, x, numbers)
		}
		ids = ids[:0]
		for _, v := range hashes {
			ids = append(ids, int(v%uint64(h.NumBins)))
		}
		mode.encode(out, ids, in[0].Shape(), h.NumBins)
		return nil
	}}, nil
}

// crossWith joins the hashes with those of a feature; scratch is returned for the next one.
func crossWith(hashes []uint64, x *tensor.Dense, scratch []int) []int {
	if texts, ok := x.Data().([]string); ok {
		for i, s := range texts {
			hashes[i] = crossed(hashes[i], fingerprint(s))
		}
		return scratch
	}
	scratch = integers(x, scratch)
	for i, n := range scratch {
		hashes[i] = crossed(hashes[i], uint64(n))
	}
	return scratch
}

// Merge implements [Merger].
func (h *HashedCrossing) Merge(b *Builder, xs ...ops.Tensor) ops.Tensor {
	return b.prepare(h.cook, xs...)
}

// Apply does outside of a model what Merge does inside of one.
func (h *HashedCrossing) Apply(xs ...*tensor.Dense) (*tensor.Dense, error) {
	return prepare(h.cook, slices.Clone(xs)...)
}

// SaveConfig implements [saving.ConfigSaver].
func (h *HashedCrossing) SaveConfig(config map[string]any) error {
	saveWideIntegers(config, h.OutputMode)
	return nil
}

// LoadConfig implements [saving.ConfigLoader].
func (h *HashedCrossing) LoadConfig(config map[string]any) error {
	dropWideIntegers(config)
	return nil
}

package layers

import (
	"math"
	"strconv"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Hashing sorts text or whole numbers into bins by a hash, TensorFlow's, so that the same value is in the same bin on all machines. Of
// floats the fraction is cut off.
type Hashing struct {
	Base
	NumBins int // with the bin of MaskValue; required
	// MaskValue is a string, or an int for numbers, that goes into bin 0, which is its own. nil: none.
	MaskValue any
	// Salt is one number, or two, which are the key of SipHash. nil: FarmHash, without a key.
	Salt       []int
	OutputMode OutputMode // all but OutputTFIDF; "": OutputInt
}

func init() { saving.Register[Hashing]("Hashing", "keras.layers") }

// A hasher puts text in one of n bins.
type hasher struct {
	n    uint64
	salt *[2]uint64
}

func newHasher(n int, salt []int) (hasher, error) {
	h := hasher{n: uint64(n)}
	switch len(salt) {
	case 0:
	case 1:
		h.salt = &[2]uint64{uint64(salt[0]), uint64(salt[0])}
	case 2:
		h.salt = &[2]uint64{uint64(salt[0]), uint64(salt[1])}
	default:
		return h, errors.Errorf("salt %v: expected one or two numbers", salt)
	}
	return h, nil
}

func (h hasher) bin(s string) int {
	if h.salt != nil {
		return int(sipHash(*h.salt, s) % h.n)
	}
	return int(fingerprint(s) % h.n)
}

// cook implements the layer in plain Go.
func (h *Hashing) cook(in []ops.Spec) (recipe, error) {
	if err := positive("num_bins", h.NumBins); err != nil {
		return recipe{}, err
	}
	mode, err := outputMode(h.OutputMode, OutputInt, OutputOneHot, OutputMultiHot, OutputCount)
	if err != nil {
		return recipe{}, err
	}
	text := in[0].DType == ops.String
	masked, err := h.mask(text)
	if err != nil {
		return recipe{}, err
	}
	bins, first := h.NumBins, 0
	if masked != nil && bins > 1 {
		bins, first = bins-1, 1
	} else {
		masked = nil
	}
	hash, err := newHasher(bins, h.Salt)
	if err != nil {
		return recipe{}, err
	}
	place := func(s string) int { return hash.bin(s) + first }
	var ids, numbers []int
	return recipe{"hashing", mode.encoded(in[0].Shape, h.NumBins), func(out *tensor.Dense, in []*tensor.Dense) error {
		if text {
			ids = hashed(in[0].Strings(), ids, masked, place)
		} else {
			numbers = integers(in[0], numbers)
			ids = hashedNumbers(in[0], numbers, ids, masked, place)
		}
		mode.encode(out, ids, in[0].Shape(), h.NumBins)
		return nil
	}}, nil
}

// mask is MaskValue as a string or as a float64, as the input is; nil where there is none.
func (h *Hashing) mask(text bool) (any, error) {
	switch v := h.MaskValue.(type) {
	case nil:
		return nil, nil
	case string:
		if text {
			return v, nil
		}
	case int:
		if !text {
			return v, nil
		}
	}
	return nil, errors.Errorf("mask_value: expected a string for text and an int for numbers, got the %T %v", h.MaskValue, h.MaskValue)
}

func hashed(texts []string, ids []int, masked any, place func(string) int) []int {
	ids = ids[:0]
	for _, s := range texts {
		if masked != nil && s == masked {
			ids = append(ids, 0)
			continue
		}
		ids = append(ids, place(s))
	}
	return ids
}

// hashedNumbers hashes the numbers' decimal digits. A float equals the masked value only without a fraction.
func hashedNumbers(d *tensor.Dense, numbers, ids []int, masked any, place func(string) int) []int {
	ids = ids[:0]
	wide, _ := d.Data().([]float32)
	for i, n := range numbers {
		whole := wide == nil || float64(wide[i]) == math.Trunc(float64(wide[i]))
		if masked != nil && n == masked && whole {
			ids = append(ids, 0)
			continue
		}
		ids = append(ids, place(strconv.Itoa(n)))
	}
	return ids
}

// Call implements [Layer].
func (h *Hashing) Call(b *Builder, x ops.Tensor) ops.Tensor { return b.prepare(h.cook, x) }

// Apply implements [Applier].
func (h *Hashing) Apply(x *tensor.Dense) (*tensor.Dense, error) { return prepare(h.cook, x) }

// SaveConfig implements [saving.ConfigSaver].
func (h *Hashing) SaveConfig(config map[string]any) error {
	saveWideIntegers(config, h.OutputMode)
	return nil
}

// saveWideIntegers gives a layer whose results are integers Keras's default type of them, without which Keras refuses it.
func saveWideIntegers(config map[string]any, mode OutputMode) {
	if mode == "" || mode == OutputInt {
		config["dtype"] = "int64"
	}
}

// LoadConfig implements [saving.ConfigLoader].
func (h *Hashing) LoadConfig(config map[string]any) error {
	dropWideIntegers(config)
	if n, err := saving.Decode[int](config["mask_value"]); err == nil && config["mask_value"] != nil {
		config["mask_value"] = n // which a decoder of JSON makes another type of
	}
	return nil
}

// dropWideIntegers takes out a dtype that says that results are integers, which the output mode says.
func dropWideIntegers(config map[string]any) {
	name, err := saving.Decode[string](config["dtype"])
	if err == nil && (name == "int64" || name == "int32") {
		delete(config, "dtype")
	}
}

package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// Input says what goes into a model: the first layer of a stack, or the start of a graph by keras.Input. It computes nothing.
type Input struct {
	Base      `keras:"-"`
	Shape     []int     `keras:"-"` // of one sample, without the batch axis; -1 where any size will do
	DType     ops.DType // "": float32
	BatchSize int       `keras:"-"` // 0: any
}

func init() { saving.Register[Input]("InputLayer", "keras.layers") }

// Call implements [Layer].
func (i *Input) Call(_ *Builder, x ops.Tensor) ops.Tensor { return x }

// Spec is the shape with the batch axis, and the element type.
func (i *Input) Spec() (ops.Spec, error) {
	batch := ops.Unknown
	if i.BatchSize > 0 {
		batch = i.BatchSize
	}
	dtype := i.DType
	if dtype == "" {
		dtype = ops.Float32
	}
	switch dtype {
	case ops.Float32, ops.Int32, ops.Bool, ops.String:
	default:
		return ops.Spec{}, errors.Errorf("input %s: dtype %q: expected %q, %q, %q or %q", i.Name, dtype, ops.Float32, ops.Int32, ops.Bool, ops.String)
	}
	for _, d := range i.Shape {
		if d < ops.Unknown || d == 0 {
			return ops.Spec{}, errors.Errorf("input %s: shape %v: sizes must be positive, or -1 for any", i.Name, i.Shape)
		}
	}
	return ops.Spec{Shape: append([]int{batch}, i.Shape...), DType: dtype}, nil
}

// SaveConfig implements [saving.ConfigSaver]: Keras has one shape with the batch axis.
func (i *Input) SaveConfig(config map[string]any) error {
	spec, err := i.Spec()
	if err != nil {
		return err
	}
	config["batch_shape"] = sizes(spec.Shape)
	config["dtype"] = string(spec.DType)
	config["sparse"], config["ragged"], config["optional"] = false, false, false
	config["name"] = i.Name
	return nil
}

// sizes is a shape as it stands in Keras's JSON, with null where a size is not known.
func sizes(shape []int) []any {
	out := make([]any, len(shape))
	for i, d := range shape {
		if d != ops.Unknown {
			out[i] = d
		}
	}
	return out
}

// LoadConfig implements [saving.ConfigLoader].
func (i *Input) LoadConfig(config map[string]any) error {
	for _, key := range []string{"batch_shape", "batch_input_shape"} { // of Keras 3 and Keras 2
		if config[key] == nil {
			delete(config, key)
			continue
		}
		shape, err := saving.Decode[[]int](config[key])
		if err != nil {
			return errors.WithMessage(err, key)
		}
		if len(shape) == 0 {
			return errors.Errorf("%s: expected a shape with the batch axis, got none", key)
		}
		i.Shape, i.BatchSize = shape[1:], max(0, shape[0])
		delete(config, key)
	}
	if name, ok := config["name"].(string); ok {
		i.Name = name
	}
	dtype, err := saving.Decode[string](config["dtype"])
	if err != nil {
		return errors.WithMessage(err, "dtype")
	}
	if word, ok := inputTypes[dtype]; ok {
		config["dtype"] = string(word)
	}
	return nil
}

// inputTypes are the types that programs have for others of Keras's. Arrays are converted, and integers checked, where they come in.
var inputTypes = map[string]ops.DType{
	"float16": ops.Float32, "bfloat16": ops.Float32, "float64": ops.Float32,
	"int8": ops.Int32, "int16": ops.Int32, "int64": ops.Int32,
	"uint8": ops.Int32, "uint16": ops.Int32, "uint32": ops.Int32, "uint64": ops.Int32,
}

package keras

import (
	"strings"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// encodeModel is the model as an object of Keras's JSON, for inputs like these; nil where they are not known yet.
func encodeModel(m *Model, name string, in []ops.Spec) (map[string]any, error) {
	if m.stack == nil {
		return encodeFunctional(m, name)
	}
	s := &shapes{}
	if in == nil {
		var err error
		if in, err = m.inputSpecs(); err != nil {
			return nil, err
		}
	}
	if in != nil {
		var err error
		if s, err = m.stackShapes(in); err != nil {
			return nil, err
		}
	}
	list, err := encodeStack(m, s, in)
	if err != nil {
		return nil, err
	}
	config := map[string]any{"name": name, "trainable": !isFrozen(m), "dtype": float32Policy(), "layers": list}
	o := map[string]any{"module": "keras", "class_name": "Sequential", "config": config, "registered_name": nil}
	if in != nil {
		config["build_input_shape"] = jsonShape(in[0].Shape)
		o["build_config"] = map[string]any{"input_shape": jsonShape(in[0].Shape)}
	}
	return o, nil
}

// encodeStack lists the layers of a Sequential, with its input where that is known, as Keras does once a model is built.
func encodeStack(m *Model, s *shapes, in []ops.Spec) ([]any, error) {
	var list []any
	if in != nil {
		list = append(list, encodeInput(m.stackInput(in[0])))
	}
	seen := map[layers.Part]bool{}
	for i, l := range m.stack {
		if seen[l] {
			return nil, errors.Errorf("layer %s: a Sequential that applies a layer twice cannot be saved: Keras has no such model", m.names[l])
		}
		seen[l] = true
		var x []ops.Spec
		if s.stack != nil {
			x = s.stack[i].in
		}
		o, err := encodeLayer(l, m.names[l], x)
		if err != nil {
			return nil, errors.WithMessagef(err, "layer %s", m.names[l])
		}
		list = append(list, o)
	}
	return list, nil
}

// stackInput is the input of a Sequential that gets a tensor like this; one that it does not declare is made up.
func (m *Model) stackInput(s ops.Spec) *layers.Input {
	in := &layers.Input{Shape: s.Shape[1:], DType: s.DType, BatchSize: max(0, s.Shape[0])}
	in.Name = "input_layer"
	if m.input != nil {
		in.Name = m.names[m.input]
	}
	return in
}

func encodeInput(in *layers.Input) map[string]any {
	config := map[string]any{}
	if err := in.SaveConfig(config); err != nil {
		config["batch_shape"] = nil // Its shape was checked when the model was made.
	}
	return map[string]any{"module": "keras.layers", "class_name": "InputLayer", "config": config, "registered_name": nil}
}

// encodeLayer is a layer as an object of Keras's JSON. in are its inputs; nil where they are not known.
func encodeLayer(p layers.Part, name string, in []ops.Spec) (map[string]any, error) {
	if m, ok := p.(*Model); ok {
		return encodeModel(m, name, in)
	}
	o, err := saving.ToConfig(p)
	if err != nil {
		return nil, err
	}
	config := o["config"].(map[string]any)
	config["name"], config["trainable"] = name, !isFrozen(p)
	if l, ok := p.(layers.Omitter); ok {
		for _, key := range l.Omits() {
			delete(config, key)
		}
	}
	if _, ok := config["dtype"]; !ok {
		config["dtype"] = float32Policy()
	}
	for key, zero := range required[o["class_name"].(string)] {
		if _, ok := config[key]; !ok {
			config[key] = zero
		}
	}
	for _, key := range sizeKeys {
		if list, ok := config[key].([]any); ok && len(list) == 1 {
			config[key] = list[0]
		}
	}
	if in == nil || builtAtOnce(o["class_name"].(string)) {
		return o, nil
	}
	if b := buildConfig(p, in); b != nil {
		o["build_config"] = b
	}
	return o, nil
}

// required are arguments that Keras has no default for, so that they must be written also where they are Go's zero.
var required = map[string]map[string]any{
	"AlphaDropout": {"rate": 0.0}, "Dropout": {"rate": 0.0}, "GaussianDropout": {"rate": 0.0}, "GaussianNoise": {"stddev": 0.0},
	"Rescaling": {"scale": 0.0}, "Reshape": {"target_shape": []any{}},
	"SpatialDropout1D": {"rate": 0.0}, "SpatialDropout2D": {"rate": 0.0}, "SpatialDropout3D": {"rate": 0.0},
}

// sizeKeys are arguments of which Keras takes one number, or one for each axis; a list of one number it takes for one axis only.
var sizeKeys = []string{"kernel_size", "strides", "dilation_rate", "pool_size", "size"}

// buildConfig tells Keras for which inputs a layer has its weights; nil: Keras finds out itself.
func buildConfig(p layers.Part, in []ops.Spec) map[string]any {
	_, merges := p.(layers.Merger)
	if !merges && len(in) == 1 {
		return map[string]any{"input_shape": jsonShape(in[0].Shape)}
	}
	all := make([]any, len(in))
	for i, s := range in {
		all[i] = jsonShape(s.Shape)
	}
	if merges {
		return map[string]any{"input_shape": all}
	}
	return nil
}

func float32Policy() map[string]any {
	return map[string]any{"module": "keras", "class_name": "DTypePolicy", "config": map[string]any{"name": "float32"}, "registered_name": nil}
}

// builtAtOnce reports whether Keras calls a layer of this class built before it has seen an input.
func builtAtOnce(class string) bool {
	if strings.Contains(class, "Pooling") {
		return !strings.HasPrefix(class, "Adaptive")
	}
	switch class {
	case "Activation", "ActivityRegularization", "ELU", "Identity", "LeakyReLU", "Masking", "ReLU", "Reshape", "Softmax", "UnitNormalization",
		"AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "InputLayer":
		return true
	}
	return false
}

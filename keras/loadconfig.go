package keras

import (
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// maxNesting bounds how deep models may lie within each other in a file.
const maxNesting = 50

// isModel reports whether an object of Keras's JSON is a model of Keras's own, not a layer.
func isModel(o map[string]any) bool {
	switch o["class_name"] {
	case "Sequential", "Functional", "Model":
		return true
	}
	return false
}

// decodeModel reads a model from an object of Keras's JSON.
func decodeModel(o map[string]any, depth int) (*Model, error) {
	if depth > maxNesting {
		return nil, errors.Errorf("models nest more than %d deep", maxNesting)
	}
	if !isModel(o) {
		return nil, errors.Errorf("class %v.%v: expected a Sequential or Functional model; a model class of one's own is a registered layer in a Sequential",
			o["module"], o["class_name"])
	}
	config, ok := o["config"].(map[string]any)
	if !ok {
		return nil, errors.New("config: expected an object")
	}
	decode := decodeFunctional
	if o["class_name"] == "Sequential" {
		decode = decodeSequential
	}
	m, err := decode(config, depth)
	if err != nil {
		return nil, err
	}
	if m.err != nil {
		return nil, m.err
	}
	m.Name, _ = config["name"].(string)
	if trainable, ok := config["trainable"].(bool); ok && !trainable {
		m.SetTrainable(false)
	}
	return m, nil
}

func decodeSequential(config map[string]any, depth int) (*Model, error) {
	list, ok := config["layers"].([]any)
	if !ok {
		return nil, errors.New("layers: expected a list")
	}
	var stack []layers.Layer
	for i, e := range list {
		o, ok := e.(map[string]any)
		if !ok {
			return nil, errors.Errorf("layers: %d: expected an object", i)
		}
		p, err := decodeLayer(o, depth)
		if err != nil {
			return nil, errors.WithMessagef(err, "layer %s", nameOf(o, i))
		}
		l, ok := p.(layers.Layer)
		if !ok {
			return nil, errors.Errorf("layer %s: a %T cannot stand in a Sequential: it takes several inputs", nameOf(o, i), p)
		}
		if in, err := declaredInput(o); err != nil {
			return nil, errors.WithMessagef(err, "layer %s", nameOf(o, i))
		} else if in != nil && i == 0 {
			stack = append(stack, in)
		}
		stack = append(stack, l)
	}
	return Sequential(stack...), nil
}

// declaredInput is the input that the first layer of a stack declares in the way of Keras 2; nil where it does not.
func declaredInput(o map[string]any) (*layers.Input, error) {
	config, _ := o["config"].(map[string]any)
	if o["class_name"] == "InputLayer" || config["batch_input_shape"] == nil {
		return nil, nil
	}
	in := &layers.Input{}
	return in, in.LoadConfig(map[string]any{"batch_input_shape": config["batch_input_shape"]})
}

// nameOf is the name of a layer in a file, for errors.
func nameOf(o map[string]any, i int) string {
	if name, ok := o["name"].(string); ok {
		return name
	}
	config, _ := o["config"].(map[string]any)
	if name, ok := config["name"].(string); ok {
		return name
	}
	return itoa(i)
}

// decodeLayer reads a layer or a model within a model.
func decodeLayer(o map[string]any, depth int) (layers.Part, error) {
	if isModel(o) {
		return decodeModel(o, depth+1)
	}
	v, err := saving.FromConfig(o)
	if err != nil {
		return nil, err
	}
	p, ok := v.(layers.Part)
	if !ok {
		return nil, errors.Errorf("%T is no layer", v)
	}
	return p, nil
}

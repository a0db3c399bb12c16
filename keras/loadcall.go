package keras

import (
	"encoding/json"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// call makes one call.
func (g *graphReader) call(p *graphPart, node any) ([]ops.Tensor, error) {
	n, ok := node.(map[string]any)
	if !ok {
		return nil, errors.New("expected an object with args and kwargs")
	}
	args, err := itemsOf(n["args"])
	if err != nil {
		return nil, errors.WithMessage(err, "args")
	}
	kwargs, _ := n["kwargs"].(map[string]any)
	if p.layer == nil {
		return g.callOperation(p, args, kwargs)
	}
	return g.callLayer(p, args, kwargs)
}

// itemsOf is a list, which may stand as a tuple.
func itemsOf(v any) ([]any, error) {
	if m, ok := v.(map[string]any); ok && m["class_name"] == "__tuple__" {
		v = m["items"]
	}
	list, ok := v.([]any)
	if !ok && v != nil {
		return nil, errors.Errorf("expected a list, got a %T", v)
	}
	return list, nil
}

func (g *graphReader) callLayer(p *graphPart, args []any, kwargs map[string]any) ([]ops.Tensor, error) {
	var in []ops.Tensor
	for i, a := range args {
		ts, err := g.tensors(a)
		if err != nil {
			return nil, at(err, "args", itoa(i))
		}
		in = append(in, ts...)
	}
	var masks []any
	for _, key := range sortedKeys(kwargs) {
		v := kwargs[key]
		switch {
		case v == nil || key == "training" && v == false:
		case key == "mask":
			if masks, _ = v.([]any); masks == nil {
				masks = []any{v}
			}
		case key == "initial_state":
			ts, err := g.tensors(v)
			if err != nil {
				return nil, at(err, "kwargs", key)
			}
			in = append(in, ts...)
		default:
			return nil, errors.Errorf("kwargs: %s: the argument is not supported", key)
		}
	}
	if len(in) == 0 {
		return nil, errors.New("args: expected at least one tensor")
	}
	a := &application{part: p.layer}
	if err := a.choose(len(in), p.config); err != nil {
		return nil, err
	}
	in, err := g.addMasks(a, in, masks)
	if err != nil {
		return nil, at(err, "kwargs", "mask")
	}
	return record(a, in...), nil
}

// at says where in a call an error is; errNotYet is passed on as it is.
func at(err error, where, what string) error {
	if errors.Is(err, errNotYet) {
		return err
	}
	return errors.WithMessagef(err, "%s: %s", where, what)
}

// addMasks puts masks that a call is given behind its inputs.
func (g *graphReader) addMasks(a *application, in []ops.Tensor, masks []any) ([]ops.Tensor, error) {
	if len(masks) > len(in) {
		return nil, errors.Errorf("%d masks for %d inputs", len(masks), len(in))
	}
	for i, v := range masks {
		if v == nil {
			continue
		}
		t, err := g.tensors(v)
		if err != nil {
			return nil, err
		}
		if len(t) != 1 || t[0].DType() != ops.Bool {
			return nil, errors.New("expected a bool tensor")
		}
		a.masks, in = append(a.masks, i), append(in, t[0])
	}
	return in, nil
}

// choose finds the way in which a layer takes so many inputs.
func (a *application) choose(inputs int, config map[string]any) error {
	_, one := a.part.(layers.Layer)
	_, merges := a.part.(layers.Merger)
	_, all := a.part.(layers.MultiLayer)
	if m, ok := a.part.(*Model); ok {
		one = m.stack != nil || len(m.outputs) == 1
	}
	several := inputs > 1 || config["return_state"] == true
	switch {
	case merges:
		a.how = merged
	case one && !several:
		a.how = applied
	case all:
		a.how = appliedToAll
	default:
		return errors.Errorf("a %T takes one tensor, got %d", a.part, inputs)
	}
	return nil
}

func (g *graphReader) callOperation(p *graphPart, args []any, kwargs map[string]any) ([]ops.Tensor, error) {
	for _, key := range []string{"x", "x1", "x2", "condition", "xs"} {
		if v, ok := kwargs[key]; ok {
			args = append(args, v)
		}
	}
	if p.operation.inputs < 0 && len(args) == 1 {
		var err error
		if args, err = itemsOf(args[0]); err != nil {
			return nil, err
		}
	}
	if n := p.operation.inputs; n >= 0 && len(args) != n || len(args) == 0 {
		return nil, errors.Errorf("%s: args: expected %d tensors or numbers, got %d", p.operation.class, n, len(args))
	}
	in, err := g.operands(args)
	if err != nil {
		return nil, err
	}
	config := arguments{}
	for k, v := range p.config {
		if k != "name" && k != "dtype" || p.operation.class == "Cast" && k == "dtype" {
			config[k] = v
		}
	}
	out, err := p.operation.record(in, config)
	if err != nil {
		return nil, errors.WithMessage(err, "config")
	}
	for _, k := range sortedKeys(config) {
		if config[k] != nil {
			return nil, errors.Errorf("%s: config: %s is not supported", p.operation.class, k)
		}
	}
	return []ops.Tensor{out}, nil
}

// operands are the tensors and numbers that an operation is applied to.
func (g *graphReader) operands(args []any) ([]ops.Tensor, error) {
	in := make([]ops.Tensor, len(args))
	tensors := 0
	for i, a := range args {
		if _, ok := a.(map[string]any); !ok {
			continue
		}
		ts, err := g.tensors(a)
		if err == nil && len(ts) != 1 {
			err = errors.Errorf("expected one tensor, got %d", len(ts))
		}
		if err != nil {
			return nil, at(err, "args", itoa(i))
		}
		in[i] = ts[0]
		tensors++
	}
	if tensors == 0 {
		return nil, errors.New("args: expected at least one tensor, got numbers alone")
	}
	for i, a := range args {
		if in[i].Valid() {
			continue
		}
		n, err := constantIn(a, in)
		if err != nil {
			return nil, errors.WithMessagef(err, "args: %d", i)
		}
		in[i] = n
	}
	return in, nil
}

// constantIn is a number as a tensor of the type that it has among the tensors of its operation.
func constantIn(v any, in []ops.Tensor) (ops.Tensor, error) {
	whole := true
	for _, t := range in {
		if t.Valid() && t.DType() == ops.Float32 {
			whole = false
		}
	}
	n, err := saving.Decode[float64](v)
	if err != nil {
		return ops.Tensor{}, errors.WithMessage(err, "expected a tensor or a number")
	}
	text, _ := v.(json.Number)
	if i, err := text.Int64(); err == nil && whole && i == int64(int32(i)) {
		return ops.Int(int32(i)), nil
	}
	return ops.Scalar(n), nil
}

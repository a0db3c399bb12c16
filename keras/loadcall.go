package keras

import (
	"encoding/json"
	"maps"
	"slices"

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
	c, used, err := g.tensorsOf(p, args, kwargs)
	if err != nil {
		return nil, err
	}
	if err := p.setFlags(kwargs); err != nil {
		return nil, err
	}
	known := append(append(used, flagNames(p.layer)...), "mask")
	for _, key := range sortedKeys(kwargs) {
		v := kwargs[key]
		if v != nil && !(key == "training" && v == false) && !slices.Contains(known, key) {
			return nil, errors.Errorf("kwargs: %s: the argument is not supported", key)
		}
	}
	a := &application{part: p.layer}
	if !slices.Equal(c.places, firstNumbers(len(c.places))) {
		a.places = c.places
	}
	if err := a.choose(len(c.in), p); err != nil {
		return nil, err
	}
	masks, isList := kwargs["mask"].([]any)
	if !isList && kwargs["mask"] != nil {
		masks = []any{kwargs["mask"]}
	}
	in, err := g.addMasks(a, c.in, masks)
	if err != nil {
		return nil, at(err, "kwargs", "mask")
	}
	return record(a, in...), nil
}

// firstNumbers are 0, 1, ..., n-1.
func firstNumbers(n int) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
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
func (a *application) choose(inputs int, p *graphPart) error {
	_, one := a.part.(layers.Layer)
	_, merges := a.part.(layers.Merger)
	_, all := a.part.(layers.MultiLayer)
	if m, ok := a.part.(*Model); ok {
		one = m.stack != nil || len(m.outputs) == 1
	}
	several := p.returnsSeveral()
	switch {
	case merges && !several:
		a.how = merged
	case one && !several && inputs == 1:
		a.how = applied
	case all:
		a.how = appliedToAll
	default:
		return errors.Errorf("a %T takes one tensor, got %d", a.part, inputs)
	}
	return nil
}

// returnsSeveral reports whether a layer that can return one result returns more: states, its own or those of the layer that it wraps, or scores.
func (p *graphPart) returnsSeveral() bool {
	wrapped, _ := p.config["layer"].(map[string]any)
	inner, _ := wrapped["config"].(map[string]any)
	return p.config["return_state"] == true || inner["return_state"] == true || p.flags["return_attention_scores"] == true
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
	o := &operated{name: p.opName, class: p.operation, config: maps.Clone(config)}
	out, err := p.operation.record(in, config)
	if err != nil {
		return nil, errors.WithMessage(err, "config")
	}
	for _, k := range sortedKeys(config) {
		if config[k] != nil {
			return nil, errors.Errorf("%s: config: %s is not supported", p.operation.class, k)
		}
	}
	if out.Err() == nil && !isOneLine(out, in) {
		return o.record(out.Spec(), in), nil
	}
	return []ops.Tensor{out}, nil
}

// isOneLine reports whether a tensor is made of others by one operation.
func isOneLine(out ops.Tensor, in []ops.Tensor) bool {
	before, _ := ops.Lines(in)
	after, _ := ops.Lines(append(slices.Clone(in), out))
	return len(after) == len(before)+1
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

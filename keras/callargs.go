package keras

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// A callNamer is a layer of several tensors that says what Keras calls them. The last name stands for all tensors from there on.
type callNamer interface {
	CallNames() []string
}

// tensorNames are Keras's names of a layer's tensors; nil for a layer of one, or of a list. A layer that can take states behind its
// sequence is a recurrent one, if it does not say otherwise.
func tensorNames(p layers.Part) []string {
	if n, ok := p.(callNamer); ok {
		return n.CallNames()
	}
	_, one := p.(layers.Layer)
	_, all := p.(layers.MultiLayer)
	_, merges := p.(layers.Merger)
	_, model := p.(*Model)
	if one && all && !merges && !model {
		return []string{"sequences", "initial_state"}
	}
	return nil
}

// takesPair reports whether a layer that was given one tensor is, in Keras, given it twice: as query and as value.
func takesPair(names []string, tensors int) bool {
	return tensors == 1 && len(names) > 1 && names[1] == "value"
}

// byName sorts what belongs to the tensors behind the first by their names; a list where one name has several. places are the tensors'
// places among all that the layer can take; nil: none is left out.
func byName[T any](names []string, places []int, of []T) map[string]any {
	lists := map[string][]any{}
	for i := 1; i < len(of); i++ {
		place := i
		if places != nil {
			place = places[i]
		}
		name := names[min(place, len(names)-1)]
		lists[name] = append(lists[name], of[i])
	}
	all := map[string]any{}
	for name, list := range lists {
		all[name] = unlisted(list)
	}
	return all
}

// arguments are those of a call as Keras's files hold them: tensors by place and by name, and the flags of the call.
func (a *application) arguments(in []any) (args []any, kwargs map[string]any, err error) {
	if kwargs, err = saving.CallArguments(a.part); err != nil {
		return nil, nil, err
	}
	n := len(in) - len(a.masks)
	if len(a.masks) == 1 && n == 1 {
		kwargs["mask"] = in[n]
	} else if len(a.masks) > 0 {
		masks := make([]any, n)
		for k, i := range a.masks {
			masks[i] = in[n+k]
		}
		kwargs["mask"] = masks
	}
	in = in[:n]
	names := tensorNames(a.part)
	_, model := a.part.(*Model)
	_, merges := a.part.(layers.Merger)
	switch {
	case merges || model && n > 1:
		return []any{in}, kwargs, nil
	case takesPair(names, n):
		return []any{in[0], in[0]}, kwargs, nil
	case names != nil:
		maps.Copy(kwargs, byName(names, a.places, in))
		return in[:1], kwargs, nil
	}
	return in, kwargs, nil
}

// namedShapes tells Keras for which tensors a layer has its weights, by the tensors' names, those left out that are masks.
func namedShapes(names []string, places []int, in []ops.Spec) map[string]any {
	shapes := make([]any, len(in))
	for i, s := range in {
		shapes[i] = jsonShape(s.Shape)
	}
	if takesPair(names, len(in)) {
		shapes = append(shapes, shapes[0])
	}
	all := map[string]any{names[0] + "_shape": shapes[0]}
	for name, shape := range byName(names, places, shapes) {
		if !strings.HasSuffix(name, "mask") {
			all[name+"_shape"] = shape
		}
	}
	return map[string]any{"shapes_dict": all}
}

// flagNames are the names of the fields of a layer that are arguments of its call.
func flagNames(p layers.Part) []string {
	t := reflect.TypeOf(p)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var names []string
	for f := range t.Fields() {
		if name, ok := strings.CutSuffix(f.Tag.Get("keras"), ",call"); ok {
			names = append(names, name)
		}
	}
	return names
}

// setFlags gives a layer the flags of a call, which all its calls must agree on, as they are the layer's here.
func (p *graphPart) setFlags(kwargs map[string]any) error {
	given := map[string]any{}
	for _, name := range flagNames(p.layer) {
		given[name] = kwargs[name]
	}
	if len(given) == 0 {
		return nil
	}
	if err := saving.SetCallArguments(p.layer, given); err != nil {
		return errors.WithMessage(err, "kwargs")
	}
	flags, err := saving.CallArguments(p.layer)
	if err != nil {
		return errors.WithMessage(err, "kwargs")
	}
	if p.flags != nil && !reflect.DeepEqual(p.flags, flags) {
		return errors.Errorf("kwargs: expected the flags %v of the layer's first call, got %v: calls of one layer with different flags are not supported", p.flags, flags)
	}
	p.flags = flags
	return nil
}

// A call's tensors, in the order of their places among all that the layer can take.
type callTensors struct {
	in     []ops.Tensor
	places []int
}

func (c *callTensors) add(place int, ts []ops.Tensor) {
	for i, t := range ts {
		c.in, c.places = append(c.in, t), append(c.places, place+i)
	}
}

// tensorsOf reads the tensors of a call, and returns the names of the arguments that it has used.
func (g *graphReader) tensorsOf(p *graphPart, args []any, kwargs map[string]any) (*callTensors, []string, error) {
	c := &callTensors{}
	for i, a := range args {
		ts, err := g.tensors(a)
		if err != nil {
			return nil, nil, at(err, "args", itoa(i))
		}
		c.add(len(c.in), ts)
	}
	var used []string
	for place, name := range tensorNames(p.layer) {
		v := kwargs[name]
		if v == nil {
			continue
		}
		ts, err := g.tensors(v)
		if err != nil {
			return nil, nil, at(err, "kwargs", name)
		}
		if slices.Contains(c.places, place) {
			return nil, nil, errors.Errorf("kwargs: %s: the argument stands among args too", name)
		}
		c.add(place, ts)
		used = append(used, name)
	}
	if len(c.in) == 0 || c.places[0] != 0 {
		return nil, nil, errors.New("args: expected at least one tensor")
	}
	return c, used, nil
}

package main

import (
	"go/types"
	"path"
	"strings"

	"github.com/pkg/errors"
)

// homes are the packages in which what a module of Keras has is looked for.
var homes = map[string][]string{
	"keras.optimizers":           {"keras/optimizers"},
	"keras.optimizers.schedules": {"keras/optimizers"},
	"keras.losses":               {"keras/losses"},
	"keras.metrics":              {"metrics"},
	"keras.callbacks":            {"callbacks"},
	"keras.activations":          {"keras/activations"},
	"keras.initializers":         {"keras/initializers"},
	"keras.regularizers":         {"keras/regularizers"},
	"keras.constraints":          {"keras/constraints"},
	"keras.layers":               {"layers", "layers/..."},
	"keras.utils":                {"keras/preprocessing", "keras/data", "datasets", "keras", "keras/visualization/diagram"},
	"keras.Model":                {"keras"},
}

// datasets is the home of all modules below keras.datasets.
const datasets = "datasets"

func homesOf(module string) []string {
	if strings.HasPrefix(module, "keras.datasets.") {
		return []string{datasets}
	}
	return homes[module]
}

// patterns are what is loaded: all homes.
func patterns() []string {
	all := []string{modulePath + "/" + datasets}
	for _, home := range homes {
		for _, p := range home {
			all = append(all, modulePath+"/"+p)
		}
	}
	return all
}

// An ours is what takes the place of a class or function of Keras.
type ours struct {
	names      []string
	fields     []field
	registered bool // its fields are keys in Keras's files
}

// finder looks for what takes the place of Keras's classes and functions.
type finder struct {
	*source
	*knowledge
}

// find looks a class or function up: under the name that names gives, registered with keras/saving, or under the same name.
func (f finder) find(module string, e kerasEntry) (ours, error) {
	full := module + "." + e.Name
	if given, ok := names[full]; ok {
		return f.named(e, given)
	}
	if named, ok := f.classes[full]; ok && e.Kind == "class" {
		o := f.ours(e, named.Obj())
		o.registered = true
		return o, nil
	}
	if object := f.lookup(module, e); object != nil {
		return f.ours(e, object), nil
	}
	return ours{}, nil
}

// named joins what several names of Go stand for.
func (f finder) named(e kerasEntry, given []string) (ours, error) {
	var o ours
	for _, name := range given {
		object := f.resolve(name)
		if object == nil {
			return o, errors.Errorf("coverage: names: %s is not there", name)
		}
		one := f.ours(e, object)
		o.names = append(o.names, one.names...)
		o.fields = append(o.fields, one.fields...)
	}
	return o, nil
}

// resolve finds "keras/data.CSV" or "keras.Model.Fit".
func (f finder) resolve(name string) types.Object {
	dir, base := path.Split(name)
	parts := strings.Split(base, ".")
	p := f.packages[modulePath+"/"+dir+parts[0]]
	if p == nil || len(parts) < 2 {
		return nil
	}
	object := p.Scope().Lookup(parts[1])
	if object == nil || len(parts) == 2 {
		return object
	}
	for _, m := range methodsOf(object.Type()) {
		if m.Name() == parts[2] {
			return m
		}
	}
	return nil
}

// lookup finds an exported object of the same name: a type for a class; a function, a constant or else a type for a function.
func (f finder) lookup(module string, e kerasEntry) types.Object {
	var found types.Object
	for _, home := range homesOf(module) {
		p := f.packages[modulePath+"/"+home]
		if p == nil {
			continue
		}
		for _, name := range p.Scope().Names() {
			object := p.Scope().Lookup(name)
			_, isType := object.(*types.TypeName)
			switch same := normalized(name) == normalized(e.Name); {
			case !object.Exported():
			case same && isType == (e.Kind == "class"):
				return object
			case isType && e.Kind == "function" && (same || normalized(name) == normalized(e.Name)+"with"):
				found = object
			}
		}
	}
	return found
}

func (f finder) ours(e kerasEntry, object types.Object) ours {
	o := ours{names: []string{display(object)}}
	switch object := object.(type) {
	case *types.Func:
		o.fields = f.parametersOf(object)
		if r := object.Signature().Recv(); r != nil {
			if s := structOf(r.Type()); s != nil {
				o.fields = append(o.fields, f.fieldsOf(s)...)
			}
		}
	case *types.TypeName:
		o.fields = f.typeFields(object)
		if e.Kind == "function" {
			o.fields = append(o.fields, f.methodParameters(object.Type())...)
		}
	default:
		o.fields = f.methodParameters(object.Type())
		if with := object.Pkg().Scope().Lookup(object.Name() + "With"); with != nil {
			o.names = append(o.names, display(with))
			o.fields = append(o.fields, f.typeFields(with)...)
		}
	}
	return o
}

// typeFields are a struct's fields; an interface stands for what its implementations share, the package's Base.
func (f finder) typeFields(object types.Object) []field {
	t := object.Type()
	if types.IsInterface(t) {
		base := object.Pkg().Scope().Lookup("Base")
		if base == nil {
			return nil
		}
		t = base.Type()
	}
	if s := structOf(t); s != nil {
		return f.fieldsOf(s)
	}
	return nil
}

func (f finder) methodParameters(t types.Type) []field {
	var all []field
	for _, m := range methodsOf(t) {
		if m.Exported() {
			all = append(all, f.parametersOf(m)...)
		}
	}
	return all
}

func methodsOf(t types.Type) []*types.Func {
	var all []*types.Func
	for selection := range types.NewMethodSet(types.NewPointer(t)).Methods() {
		if m, ok := selection.Obj().(*types.Func); ok {
			all = append(all, m)
		}
	}
	return all
}

// display is the name by which a user writes an object: "optimizers.Adam", "Model.Fit".
func display(object types.Object) string {
	if m, ok := object.(*types.Func); ok && m.Signature().Recv() != nil {
		t := m.Signature().Recv().Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if named, ok := t.(*types.Named); ok {
			return named.Obj().Pkg().Name() + "." + named.Obj().Name() + "." + m.Name()
		}
	}
	return object.Pkg().Name() + "." + object.Name()
}

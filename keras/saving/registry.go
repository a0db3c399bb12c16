package saving

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/pkg/errors"
)

// A class is a registered struct type. Keras's own have a module, others a registered name.
type class struct {
	typ        reflect.Type
	module     string // "keras.layers"; "": not Keras's.
	name       string // "Dense"
	registered string // "Package>Name", where module is "".
}

func (c *class) String() string {
	if c.module == "" {
		return c.registered
	}
	return c.module + "." + c.name
}

// A function is a value that is saved as its name.
type function struct {
	name  string
	value any
}

// registry is what all of a program's saving and loading goes by. It is filled in init.
var registry = struct {
	sync.RWMutex
	classes   map[string]*class   // By String.
	names     map[string][]*class // By normalized class name.
	types     map[reflect.Type]*class
	functions map[string][]function // By normalized name.
	values    map[any]string
	slots     sync.Map // reflect.Type to []slot, as they are needed.
}{
	classes:   map[string]*class{},
	names:     map[string][]*class{},
	types:     map[reflect.Type]*class{},
	functions: map[string][]function{},
	values:    map[any]string{},
}

// Register makes the struct type T known under its Keras class name and module, as in
// Register[Dense]("Dense", "keras.layers"). A type that Keras does not have is registered with an
// empty module, by the name that register_keras_serializable gives it in Python: "Package>Name",
// or "Name" for "Custom>Name". A type registered under several names is saved under the first.
//
// Register is called from init. It panics if the name is taken or T is no struct.
func Register[T any](className, module string) {
	typ := reflect.TypeFor[T]()
	if typ.Kind() != reflect.Struct {
		panic(errors.Errorf("saving: Register %s: %s is not a struct", className, typ))
	}
	c := &class{typ: typ, module: module, name: className}
	if module == "" {
		if !strings.Contains(className, ">") {
			className = "Custom>" + className
		}
		c.registered = className
		c.name = className[strings.LastIndex(className, ">")+1:]
	}
	registry.Lock()
	defer registry.Unlock()
	if other, taken := registry.classes[c.String()]; taken {
		panic(errors.Errorf("saving: Register %s: the name is taken by %s", c, other.typ))
	}
	registry.classes[c.String()] = c
	key := normalized(c.name)
	registry.names[key] = append(registry.names[key], c)
	if registry.types[typ] == nil {
		registry.types[typ] = c
	}
}

// RegisterFunction makes value what Keras calls by a name: "relu", "Package>mish2". A value with
// several names is saved under the first. Values of different types may share a name: which one is
// meant follows from the field it is loaded into.
//
// RegisterFunction is called from init. It panics if a value of this type has the name already, or
// if values of the type cannot be compared.
func RegisterFunction(name string, value any) {
	if value == nil || !reflect.ValueOf(value).Comparable() {
		panic(errors.Errorf("saving: RegisterFunction %s: a %T cannot be compared", name, value))
	}
	registry.Lock()
	defer registry.Unlock()
	key := normalized(name)
	for _, f := range registry.functions[key] {
		if f.name == name && reflect.TypeOf(f.value) == reflect.TypeOf(value) {
			panic(errors.Errorf("saving: RegisterFunction %s: the name is taken by %#v", name, f.value))
		}
	}
	registry.functions[key] = append(registry.functions[key], function{name, value})
	if _, named := registry.values[value]; !named {
		registry.values[value] = name
	}
}

func classOf(t reflect.Type) *class {
	registry.RLock()
	defer registry.RUnlock()
	return registry.types[t]
}

// ClassName returns the class name that v, a struct or a pointer to one, is saved under; ok is false where its type is not registered.
func ClassName(v any) (name string, ok bool) {
	t := reflect.TypeOf(v)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if c := classOf(t); c != nil {
		return c.name, true
	}
	return "", false
}

// functionName returns the name under which a value was registered.
func functionName(v reflect.Value) (string, bool) {
	if !v.Comparable() {
		return "", false
	}
	registry.RLock()
	defer registry.RUnlock()
	name, ok := registry.values[v.Interface()]
	return name, ok
}

// functionsNamed returns the values registered under a name that fit the target type.
func functionsNamed(name string, target reflect.Type) []reflect.Value {
	registry.RLock()
	defer registry.RUnlock()
	var out []reflect.Value
	for _, f := range registry.functions[normalized(name)] {
		if v := reflect.ValueOf(f.value); v.Type().AssignableTo(target) {
			out = append(out, v)
		}
	}
	return out
}

// classesNamed returns the classes whose name is a word in a config, "glorot_uniform" or
// "GlorotUniform", and which fit the target type.
func classesNamed(name string, target reflect.Type) []*class {
	if full, ok := shortNames[strings.ToLower(name)]; ok {
		name = full
	}
	registry.RLock()
	defer registry.RUnlock()
	var out []*class
	for _, c := range registry.names[normalized(name)] {
		if fits(c.typ, target) {
			out = append(out, c)
		}
	}
	return out
}

// fits reports whether a T or a *T can be stored in the target type.
func fits(t, target reflect.Type) bool {
	return t.AssignableTo(target) || reflect.PointerTo(t).AssignableTo(target)
}

// classFor finds the class that a config object names, among those that fit the target type.
func classFor(o object, target reflect.Type) (*class, error) {
	registry.RLock()
	c := registry.classes[o.registered]
	custom := strings.Contains(o.registered, ">")
	if c == nil && o.module != "" && !custom {
		c = registry.classes[o.module+"."+o.class]
	}
	if c == nil && o.module == "" && o.registered == "" {
		c = registry.classes[o.class] // Keras 2 wrote a custom class's registered name here.
	}
	registry.RUnlock()
	if c != nil {
		return c, nil
	}
	if o.registered != "" && o.registered != o.class || o.module != "" && !isKerasModule(o.module) {
		return nil, unknown(o)
	}
	return onlyClass(o, classesExactly(o.class, o.module, target))
}

func onlyClass(o object, found []*class) (*class, error) {
	switch len(found) {
	case 0:
		return nil, unknown(o)
	case 1:
		return found[0], nil
	}
	names := make([]string, len(found))
	for i, c := range found {
		names[i] = c.String()
	}
	slices.Sort(names)
	return nil, errors.Errorf("class %q is ambiguous without a module: %s", o.class, strings.Join(names, ", "))
}

// classesExactly returns Keras's classes of that name. Of a private module, such as
// keras.src.layers.core.dense, one word must be the last of the class's: "layers".
func classesExactly(name, module string, target reflect.Type) []*class {
	words := strings.Split(module, ".")
	var out []*class
	for _, c := range classesNamed(name, target) {
		area := c.module[strings.LastIndex(c.module, ".")+1:]
		if c.name == name && (module == "" || c.module != "" && slices.Contains(words, area)) {
			out = append(out, c)
		}
	}
	return out
}

func isKerasModule(module string) bool {
	for _, prefix := range []string{"keras", "tf_keras", "tensorflow.keras", "tensorflow.python.keras", "builtins"} {
		if module == prefix || strings.HasPrefix(module, prefix+".") {
			return true
		}
	}
	return false
}

func unknown(o object) error {
	name := o.class
	switch {
	case strings.Contains(o.registered, ">"):
		name = o.registered
	case o.module != "":
		name = o.module + "." + o.class
	}
	return errors.Errorf("class %q is unknown: register it with saving.Register", name)
}

package saving

import (
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// A ConfigLoader sees its config before the fields are set from it, and may change it: rename keys
// of older versions, take out what no field can stand for and keep it itself. Implement it on the
// pointer type. The config is a copy of the outermost map.
type ConfigLoader interface {
	LoadConfig(config map[string]any) error
}

// FromConfig returns a pointer to a new struct of the registered type that a Keras object names,
// with its fields set from the object's config. It reads the objects that [ToConfig] and Keras 3
// write and those of Keras 2, {"class_name", "config"}. Keys beside these, such as build_config, are
// the caller's.
//
// An unknown class is an error, as is a key that the struct lacks, unless its value is Keras's
// usual one, which it says anyway.
func FromConfig(m map[string]any) (any, error) {
	o, ok := asObject(m)
	if !ok {
		return nil, errors.Errorf("saving: expected an object with class_name, got the keys %s", keys(m))
	}
	p, err := decodeObject(o, reflect.TypeFor[any](), 0)
	if err != nil {
		return nil, errors.WithMessage(err, "saving")
	}
	return p.Interface(), nil
}

// Decode converts any value of a config to T by the rules for a field of that type: a word such as
// "mse" or an object to an interface that a registered type implements, a number to a slice of
// one. Null is T's zero value.
func Decode[T any](v any) (T, error) {
	var out T
	err := decode(reflect.ValueOf(&out).Elem(), v, 0)
	return out, errors.WithMessage(err, "saving")
}

func isObject(v any) bool {
	_, ok := v.(map[string]any)
	return ok
}

// decode sets dst from a value of a config.
func decode(dst reflect.Value, value any, depth int) error {
	if depth > maxDepth {
		return errors.Errorf("values nest more than %d deep", maxDepth)
	}
	value, err := plain(value)
	if err != nil || value == nil {
		return err
	}
	if set, err := decodeText(dst, value); set {
		return err
	}
	switch dst.Kind() {
	case reflect.Pointer:
		return decodePointer(dst, value, depth)
	case reflect.Interface:
		return decodeInterface(dst, value, depth)
	case reflect.Struct:
		return decodeStruct(dst, value, depth)
	case reflect.Slice, reflect.Array:
		return decodeList(dst, value, depth)
	case reflect.Map:
		return decodeMap(dst, value, depth)
	}
	return decodeScalar(dst, value)
}

// plain unwraps the objects that stand for a plain value: tuples, arrays, dtype policies.
func plain(value any) (any, error) {
	m, ok := value.(map[string]any)
	if !ok {
		return value, nil
	}
	config, _ := m["config"].(map[string]any)
	switch m["class_name"] {
	case "__tuple__":
		return m["items"], nil
	case "__tensor__", "__numpy__", "__bytes__":
		return config["value"], nil
	case "DTypePolicy", "Policy":
		return config["name"], nil
	case "__lambda__":
		return nil, refuseCode(object{class: "__lambda__"})
	}
	return value, nil
}

func decodePointer(dst reflect.Value, value any, depth int) error {
	fresh := reflect.New(dst.Type().Elem())
	if err := decode(fresh.Elem(), value, depth+1); err != nil {
		return err
	}
	dst.Set(fresh)
	return nil
}

// decodeInterface makes a registered struct or function that implements the interface.
func decodeInterface(dst reflect.Value, value any, depth int) error {
	switch v := value.(type) {
	case string:
		if dst.NumMethod() > 0 {
			return decodeWord(dst, v)
		}
	case map[string]any:
		o, ok := asObject(v)
		if !ok {
			break
		}
		if name, ok := o.config.(string); ok && o.class == "function" {
			return decodeWord(dst, name)
		}
		p, err := decodeObject(o, dst.Type(), depth)
		if err != nil {
			return err
		}
		return store(dst, p)
	}
	if dst.NumMethod() > 0 {
		return errors.Errorf("expected the name of a %s or an object, got %s", dst.Type(), brief(value))
	}
	dst.Set(reflect.ValueOf(value))
	return nil
}

// store puts the struct p points to into an interface: as a value if that implements it, otherwise
// as the pointer.
func store(dst, p reflect.Value) error {
	t := dst.Type()
	switch {
	case dst.NumMethod() > 0 && p.Elem().Type().Implements(t):
		dst.Set(p.Elem())
	case p.Type().Implements(t):
		dst.Set(p)
	default:
		return errors.Errorf("a %s is no %s", p.Elem().Type(), t)
	}
	return nil
}

// decodeWord finds what Keras calls by a word: a function, or a class with its defaults.
func decodeWord(dst reflect.Value, word string) error {
	found := functionsNamed(word, dst.Type())
	if len(found) == 0 && shortNames[strings.ToLower(word)] != "" {
		found = functionsNamed(shortNames[strings.ToLower(word)], dst.Type())
	}
	if len(found) > 0 {
		dst.Set(found[0])
		return nil
	}
	c, err := onlyClass(object{class: word}, classesNamed(word, dst.Type()))
	if err != nil {
		return errors.WithMessagef(err, "no %s is named %q", dst.Type(), word)
	}
	return store(dst, reflect.New(c.typ))
}

func decodeStruct(dst reflect.Value, value any, depth int) error {
	m, _ := value.(map[string]any)
	o, ok := asObject(m)
	if !ok {
		return errors.Errorf("expected an object for a %s, got %s", dst.Type(), brief(value))
	}
	p, err := decodeObject(o, dst.Type(), depth)
	if err != nil {
		return err
	}
	if p.Elem().Type() != dst.Type() {
		return errors.Errorf("expected a %s, got a %s", dst.Type(), p.Elem().Type())
	}
	dst.Set(p.Elem())
	return nil
}

// decodeList takes a list, or one element without a list around it: {"kernel_size": 3}.
func decodeList(dst reflect.Value, value any, depth int) error {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	if dst.Kind() == reflect.Array && len(list) != dst.Len() {
		return errors.Errorf("expected %d elements, got %d", dst.Len(), len(list))
	}
	out := dst
	if dst.Kind() == reflect.Slice {
		out = reflect.MakeSlice(dst.Type(), len(list), len(list))
	}
	for i, e := range list {
		if e == nil && isInt(out.Index(i).Kind()) {
			e = int64(unknownSize)
		}
		if err := decode(out.Index(i), e, depth+1); err != nil {
			return errors.WithMessagef(err, "[%d]", i)
		}
	}
	dst.Set(out)
	return nil
}

// unknownSize stands for None in a shape.
const unknownSize = -1

func decodeMap(dst reflect.Value, value any, depth int) error {
	m, ok := value.(map[string]any)
	if !ok || dst.Type().Key().Kind() != reflect.String {
		return errors.Errorf("expected an object for a %s, got %s", dst.Type(), brief(value))
	}
	out := reflect.MakeMapWithSize(dst.Type(), len(m))
	for _, k := range keys(m) {
		e := reflect.New(dst.Type().Elem()).Elem()
		if err := decode(e, m[k], depth+1); err != nil {
			return errors.WithMessage(err, k)
		}
		out.SetMapIndex(reflect.ValueOf(k).Convert(dst.Type().Key()), e)
	}
	dst.Set(out)
	return nil
}

func keys(m map[string]any) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

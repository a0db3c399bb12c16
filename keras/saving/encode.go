package saving

import (
	"encoding"
	"math"
	"reflect"
	"strings"

	"github.com/pkg/errors"
)

// maxDepth bounds how deep objects nest, on saving and on loading.
const maxDepth = 100

// A ConfigSaver has the last word on its config before it is saved, for keys that no field can
// stand for. Implement it on the pointer type.
type ConfigSaver interface {
	SaveConfig(config map[string]any) error
}

// ToConfig returns the Keras object for a registered struct, or a pointer to one:
//
//	{"module": "keras.layers", "class_name": "Dense", "config": {...}, "registered_name": nil}
//
// All values are of the types that encoding/json writes. Fields that are zero are left out, so that
// Keras takes its default.
func ToConfig(v any) (map[string]any, error) {
	value := reflect.ValueOf(v)
	for value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	if value.Kind() != reflect.Struct {
		return nil, errors.Errorf("saving: expected a struct, got %T", v)
	}
	o, err := encodeObject(value, 0)
	return o, errors.WithMessage(err, "saving")
}

// Encode returns what stands in a config for v: the name of a registered function, the object of a
// registered struct, or plain JSON.
func Encode(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	e, err := encode(reflect.ValueOf(v), 0)
	return e, errors.WithMessage(err, "saving")
}

func encodeObject(v reflect.Value, depth int) (map[string]any, error) {
	c := classOf(v.Type())
	if c == nil {
		return nil, errors.Errorf("%s is not registered: register it with saving.Register", v.Type())
	}
	if depth > maxDepth {
		return nil, errors.Errorf("%s: objects nest more than %d deep", c, maxDepth)
	}
	config := map[string]any{}
	for _, s := range slots(v.Type()) {
		value, set, err := encodeSlot(v, s, depth)
		if err != nil {
			return nil, errors.WithMessagef(err, "%s: %s", c, s.key)
		}
		if set {
			config[s.key] = value
		}
	}
	if err := finish(v, config); err != nil {
		return nil, errors.WithMessage(err, c.String())
	}
	o := map[string]any{"module": nil, "class_name": c.name, "config": config, "registered_name": nil}
	if c.module != "" {
		o["module"] = c.module
	} else {
		o["registered_name"] = c.registered
	}
	return o, nil
}

// finish calls the type's own SaveConfig on a copy, since v may not be addressable.
func finish(v reflect.Value, config map[string]any) error {
	if !reflect.PointerTo(v.Type()).Implements(reflect.TypeFor[ConfigSaver]()) {
		return nil
	}
	if !v.CanAddr() {
		addressable := reflect.New(v.Type())
		addressable.Elem().Set(v)
		v = addressable.Elem()
	}
	return v.Addr().Interface().(ConfigSaver).SaveConfig(config)
}

// encodeSlot encodes the field that is set, if one is.
func encodeSlot(v reflect.Value, s slot, depth int) (value any, set bool, err error) {
	var from string
	for _, f := range s.fields {
		field := v.FieldByIndex(f.Index)
		if field.IsZero() {
			continue
		}
		if set {
			return nil, false, errors.Errorf("%s and %s are both set, expected one of them", from, f.Name)
		}
		if value, err = encode(field, depth+1); err != nil {
			return nil, false, err
		}
		from, set = f.Name, true
	}
	return value, set, nil
}

// encode converts a value that was set. A pointer to zero is zero, not left out.
func encode(v reflect.Value, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.Errorf("values nest more than %d deep", maxDepth)
	}
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return nil, nil
		}
		if name, ok := functionName(v); ok {
			return encodeFunction(name), nil
		}
		return encode(v.Elem(), depth+1)
	}
	if name, ok := functionName(v); ok {
		return encodeFunction(name), nil
	}
	switch v.Kind() {
	case reflect.Struct:
		return encodeStruct(v, depth)
	case reflect.Slice, reflect.Array:
		return encodeList(v, depth)
	case reflect.Map:
		return encodeMap(v, depth)
	}
	return encodeScalar(v)
}

// encodeFunction is a word for Keras's own functions, an object for registered ones.
func encodeFunction(name string) any {
	if !strings.Contains(name, ">") {
		return name
	}
	return map[string]any{"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}
}

func encodeStruct(v reflect.Value, depth int) (any, error) {
	if classOf(v.Type()) == nil {
		if text, ok := reflect.TypeAssert[encoding.TextMarshaler](v); ok {
			b, err := text.MarshalText()
			return string(b), err
		}
	}
	return encodeObject(v, depth)
}

func encodeList(v reflect.Value, depth int) (any, error) {
	list := make([]any, v.Len())
	for i := range list {
		e, err := encode(v.Index(i), depth+1)
		if err != nil {
			return nil, errors.WithMessagef(err, "[%d]", i)
		}
		list[i] = e
	}
	return list, nil
}

func encodeMap(v reflect.Value, depth int) (any, error) {
	if v.Type().Key().Kind() != reflect.String {
		return nil, errors.Errorf("a %s cannot be saved, only maps with string keys", v.Type())
	}
	out := map[string]any{}
	for it := v.MapRange(); it.Next(); {
		e, err := encode(it.Value(), depth+1)
		if err != nil {
			return nil, errors.WithMessage(err, it.Key().String())
		}
		out[it.Key().String()] = e
	}
	return out, nil
}

func encodeScalar(v reflect.Value) (any, error) {
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.String:
		return v.String(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return v.Uint(), nil
	case reflect.Float32, reflect.Float64:
		f := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, errors.Errorf("%v cannot be written in JSON", f)
		}
		return f, nil
	}
	return nil, errors.Errorf("a %s cannot be saved", v.Type())
}

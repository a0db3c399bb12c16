package saving

import (
	"reflect"

	"github.com/pkg/errors"
)

// CallArguments are the fields of a struct, or of a pointer to one, that Keras has as arguments of a layer's call and not of its constructor, so
// that its configs lack them: those with a tag such as keras:"use_causal_mask,call". They are encoded as in a config, by Keras's names; zero
// fields are left out.
func CallArguments(v any) (map[string]any, error) {
	arguments := map[string]any{}
	for _, f := range callFields(v) {
		if f.value.IsZero() {
			continue
		}
		e, err := encode(f.value, 0)
		if err != nil {
			return nil, errors.WithMessagef(err, "saving: %s", f.name)
		}
		arguments[f.name] = e
	}
	return arguments, nil
}

// SetCallArguments sets the fields that [CallArguments] reads, of the struct that v points to, from arguments by Keras's names. Null is a field's
// zero value; names that the struct lacks are left to the caller.
func SetCallArguments(v any, arguments map[string]any) error {
	for _, f := range callFields(v) {
		value, ok := arguments[f.name]
		if !ok {
			continue
		}
		if !f.value.CanSet() {
			return errors.Errorf("saving: %s: expected a pointer to a struct, got %T", f.name, v)
		}
		fresh := reflect.New(f.value.Type()).Elem()
		if err := decode(fresh, value, 0); err != nil {
			return errors.WithMessagef(err, "saving: %s", f.name)
		}
		f.value.Set(fresh)
	}
	return nil
}

type callField struct {
	name  string
	value reflect.Value
}

func callFields(v any) []callField {
	s := reflect.ValueOf(v)
	for s.Kind() == reflect.Pointer && !s.IsNil() {
		s = s.Elem()
	}
	if s.Kind() != reflect.Struct {
		return nil
	}
	var fields []callField
	for i := range s.NumField() {
		if name, isOfCall := tagOf(s.Type().Field(i)); isOfCall {
			fields = append(fields, callField{name, s.Field(i)})
		}
	}
	return fields
}

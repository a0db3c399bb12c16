package diagram

import (
	"reflect"

	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
)

// activationOf is Keras's name of a layer's activation; empty for a layer that has none.
func activationOf(p layers.Part) string {
	v := reflect.Indirect(reflect.ValueOf(p))
	if v.Kind() != reflect.Struct {
		return ""
	}
	f := v.FieldByName("Activation")
	if !f.IsValid() || f.Kind() != reflect.Interface {
		return ""
	}
	if f.IsNil() {
		if v.FieldByName("RecurrentInitializer").IsValid() {
			return "tanh"
		}
		return "linear"
	}
	encoded, err := saving.Encode(f.Interface())
	if err != nil {
		return layers.SnakeCase(reflect.Indirect(f.Elem()).Type().Name()) // of one's own, not registered
	}
	switch a := encoded.(type) {
	case string:
		return a
	case map[string]any:
		class, _ := a["class_name"].(string)
		return layers.SnakeCase(class)
	}
	return ""
}

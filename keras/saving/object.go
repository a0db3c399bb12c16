package saving

import (
	"maps"
	"reflect"

	"github.com/pkg/errors"
)

// An object is what a config says about an instance of a class.
type object struct {
	module, class, registered string
	config                    any
}

func asObject(m map[string]any) (object, bool) {
	name, ok := m["class_name"].(string)
	if !ok {
		return object{}, false
	}
	o := object{class: name, config: m["config"]}
	o.module, _ = m["module"].(string)
	o.registered, _ = m["registered_name"].(string)
	return o, true
}

// decodeObject returns a pointer to a new struct.
func decodeObject(o object, target reflect.Type, depth int) (reflect.Value, error) {
	if depth > maxDepth {
		return reflect.Value{}, errors.Errorf("%s: objects nest more than %d deep", o.class, maxDepth)
	}
	if err := refuseCode(o); err != nil {
		return reflect.Value{}, err
	}
	c, err := classFor(o, target)
	if err != nil {
		return reflect.Value{}, err
	}
	config, ok := o.config.(map[string]any)
	if !ok && o.config != nil {
		return reflect.Value{}, errors.Errorf("%s: config: expected an object, got %s", c, brief(o.config))
	}
	p := reflect.New(c.typ)
	return p, errors.WithMessage(decodeFields(p, config, depth), c.String())
}

// refuseCode finds Python code: as a value, and in the Lambda layers of all versions.
func refuseCode(o object) error {
	const advice = "Python code in files is not run: register a Go function of a name with layers.RegisterFunction and let the file name it, or write a layer and register it with saving.Register"
	if o.class == "__lambda__" {
		return errors.Errorf("a lambda: %s", advice)
	}
	config, ok := o.config.(map[string]any)
	if o.class != "Lambda" || !ok {
		return nil
	}
	inner, _ := config["function"].(map[string]any)
	_, named := config["function"].(string)
	if config["function_type"] == "lambda" || !named && inner["class_name"] != "function" {
		return errors.Errorf("Lambda %q: %s", config["name"], advice)
	}
	return nil
}

func decodeFields(p reflect.Value, config map[string]any, depth int) error {
	config = copied(config)
	if l, ok := reflect.TypeAssert[ConfigLoader](p); ok {
		if err := l.LoadConfig(config); err != nil {
			return err
		}
	}
	all := slots(p.Elem().Type())
	renameOld(config, all)
	for _, s := range all {
		value, ok := config[s.key]
		delete(config, s.key)
		if !ok || value == nil {
			continue
		}
		if err := decodeSlot(p.Elem(), s, value, depth+1); err != nil {
			return errors.WithMessage(err, s.key)
		}
	}
	return refuseUnknown(config)
}

func copied(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	maps.Copy(out, m)
	return out
}

// decodeSlot sets the first of the slot's fields that the value fits.
func decodeSlot(v reflect.Value, s slot, value any, depth int) error {
	var first error
	for _, f := range s.fields {
		field := v.FieldByIndex(f.Index)
		fresh := reflect.New(field.Type()).Elem()
		err := decode(fresh, value, depth)
		if err == nil {
			field.Set(fresh)
			return nil
		}
		if first == nil || f.Type.Kind() == reflect.Interface && isObject(value) {
			first = err
		}
	}
	return first
}

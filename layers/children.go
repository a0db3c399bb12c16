package layers

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// A Child is a layer within a layer.
type Child struct {
	Name string // its name there, also in weight paths
	Attr string // the name of the attribute that holds it, by which Keras's files find it
	Part Part
	// Listed says that the attribute holds a list or map of layers, in which files number them by their classes.
	Listed bool
}

// A Container lists its inner layers itself; for others they are found among the fields.
type Container interface {
	Children() []Child
}

// Children are the layers within a layer: its fields that are layers, pointers to layers, or slices and maps of them, in the order of
// the fields. A field's name in snake case is the layer's name; a tag keras:"conv_1" says another.
func Children(p Part) []Child {
	if c, ok := p.(Container); ok {
		return c.Children()
	}
	v := reflect.ValueOf(p)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	return childrenOf(v.Elem())
}

var partType = reflect.TypeFor[Part]()

func childrenOf(v reflect.Value) []Child {
	var cs []Child
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Type == reflect.TypeFor[Base]() {
			continue
		}
		name := f.Tag.Get("keras")
		if name == "-" {
			continue
		}
		if name == "" {
			name = SnakeCase(f.Name)
		}
		cs = append(cs, childrenIn(name, v.Field(i))...)
	}
	return cs
}

func childrenIn(name string, v reflect.Value) []Child {
	if p := partAt(v); p != nil {
		return []Child{{Name: name, Attr: name, Part: p}}
	}
	var cs []Child
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if p := partAt(v.Index(i)); p != nil {
				cs = append(cs, Child{Name: fmt.Sprintf("%s_%d", name, i), Attr: name, Part: p, Listed: true})
			}
		}
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String {
			return nil
		}
		byKey := map[string]reflect.Value{}
		for _, k := range v.MapKeys() {
			byKey[k.String()] = v.MapIndex(k)
		}
		for _, k := range slices.Sorted(maps.Keys(byKey)) {
			if p := partAt(byKey[k]); p != nil {
				cs = append(cs, Child{Name: name + "_" + k, Attr: name, Part: p, Listed: true})
			}
		}
	}
	return cs
}

// partAt is the layer that a field holds or points to. Fields need not be exported, so that they are read by their address.
func partAt(v reflect.Value) Part {
	switch v.Kind() {
	case reflect.Struct:
		if !v.CanAddr() || !reflect.PointerTo(v.Type()).Implements(partType) {
			return nil
		}
		return reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Interface().(Part)
	case reflect.Pointer:
		if v.IsNil() || !v.Type().Implements(partType) {
			return nil
		}
		return reflect.NewAt(v.Type().Elem(), v.UnsafePointer()).Interface().(Part)
	case reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return partAt(v.Elem())
	}
	return nil
}

// childName finds a layer among the layers of another.
func childName(parent, p Part) (string, error) {
	if parent == p {
		return "", errors.New("a layer is inside itself")
	}
	for _, c := range Children(parent) {
		if c.Part == p {
			return c.Name, nil
		}
	}
	return "", errors.Errorf("%T is not a field of %T: keep inner layers in fields and call them by their address, not by a copy", p, parent)
}

// Walk calls f for a layer and all layers within it, outer ones first, each once.
func Walk(p Part, f func(Part)) {
	seen := map[Part]bool{}
	var walk func(Part)
	walk = func(p Part) {
		if seen[p] {
			return
		}
		seen[p] = true
		f(p)
		for _, c := range Children(p) {
			walk(c.Part)
		}
	}
	walk(p)
}

// Word starts, by the two rules that Keras applies one after the other.
var (
	capitalized = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	afterLower  = regexp.MustCompile(`([a-z])([A-Z])`)
)

// SnakeCase is Keras's spelling of a type name for layer names: "Conv2D" becomes "conv2d", "MaxPooling2D" "max_pooling2d".
func SnakeCase(name string) string {
	name = capitalized.ReplaceAllString(name, "${1}_${2}")
	return strings.ToLower(afterLower.ReplaceAllString(name, "${1}_${2}"))
}

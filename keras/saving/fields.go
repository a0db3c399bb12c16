package saving

import (
	"reflect"
	"slices"
	"strings"
)

// A slot is a key of a config and the fields that hold it: one, or several at the same depth of
// which at most one is set, such as a number and a schedule for learning_rate.
type slot struct {
	key    string
	fields []reflect.StructField
	depth  int
}

func slots(t reflect.Type) []slot {
	if cached, ok := registry.slots.Load(t); ok {
		return cached.([]slot)
	}
	var all []slot
	collect(t, nil, &all)
	registry.slots.Store(t, all)
	return all
}

// collect appends the slots of t, whose fields are reached by index from the outermost struct.
func collect(t reflect.Type, index []int, all *[]slot) {
	var inner []reflect.StructField
	for i := range t.NumField() {
		f := t.Field(i)
		f.Index = append(slices.Clone(index), i)
		tag, isOfCall := tagOf(f)
		switch {
		case tag == "-", isOfCall:
		case f.Anonymous && f.Type.Kind() == reflect.Struct && tag == "":
			inner = append(inner, f)
		case !f.IsExported():
		case tag == "":
			add(all, snake(f.Name), f)
		default:
			add(all, tag, f)
		}
	}
	for _, f := range inner {
		collect(f.Type, f.Index, all)
	}
}

// tagOf is a field's name by its tag, and whether it is an argument of a call, which configs do not have.
func tagOf(f reflect.StructField) (name string, isOfCall bool) {
	return strings.CutSuffix(f.Tag.Get("keras"), ",call")
}

// add appends a field to the slots. A field of an embedded struct is hidden by one further out.
func add(all *[]slot, key string, f reflect.StructField) {
	depth := len(f.Index)
	for i := range *all {
		s := &(*all)[i]
		if s.key != key {
			continue
		}
		if s.depth == depth {
			s.fields = append(s.fields, f)
		}
		return
	}
	*all = append(*all, slot{key, []reflect.StructField{f}, depth})
}

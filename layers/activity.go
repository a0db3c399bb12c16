package layers

import (
	"reflect"
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
)

const activityRegularizer = "activity_regularizer"

// penalizeResults adds what the regularizer in the layer's Base says of its results.
func (b *Builder) penalizeResults(ys []ops.Tensor) {
	r := b.part.base().ActivityRegularizer
	if r == nil {
		return
	}
	if o, ok := b.part.(Omitter); ok && slices.Contains(o.Omits(), activityRegularizer) {
		b.Errorf("activity_regularizer: Keras has none for a %s: expected nil, got %T", ClassName(b.part), r)
		return
	}
	if hasField(b.part, "ActivityRegularizer") {
		b.Errorf("activity_regularizer: set the field of %s itself, not that of its Base", ClassName(b.part))
		return
	}
	for _, y := range ys {
		if y.DType() == ops.Float32 {
			b.penalizeOutput(r, y)
		}
	}
}

// hasField reports whether a layer has a field of its own, not one of its Base.
func hasField(p Part, name string) bool {
	t := reflect.TypeOf(p)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	f, ok := t.FieldByName(name)
	return ok && len(f.Index) == 1
}

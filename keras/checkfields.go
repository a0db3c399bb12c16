package keras

import (
	"math"
	"reflect"

	"github.com/pkg/errors"
)

// checkFields refuses a loss or metric that has a NaN or an infinity among its arguments: what it computes would be as meaningless.
func checkFields(part any) error {
	v := reflect.Indirect(reflect.ValueOf(part))
	if !v.IsValid() || v.Kind() != reflect.Struct {
		return nil
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		if bad, found := notFinite(v.Field(i)); found {
			return errors.Errorf("%s: %s: expected a number, got %v", v.Type(), f.Name, bad)
		}
	}
	return nil
}

// notFinite finds a NaN or an infinity in a number, behind a pointer, or in a slice.
func notFinite(v reflect.Value) (bad float64, found bool) {
	switch v.Kind() {
	case reflect.Float64:
		x := v.Float()
		return x, math.IsNaN(x) || math.IsInf(x, 0)
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.Float64 && !v.IsNil() {
			return notFinite(v.Elem())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Float64 {
			return 0, false
		}
		for i := range v.Len() {
			if bad, found = notFinite(v.Index(i)); found {
				return bad, true
			}
		}
	}
	return 0, false
}

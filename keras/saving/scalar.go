package saving

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"

	"github.com/pkg/errors"
)

// decodeText sets a type that reads its own words; set tells whether dst is one.
func decodeText(dst reflect.Value, value any) (set bool, err error) {
	word, ok := value.(string)
	if !ok || !dst.CanAddr() {
		return false, nil
	}
	t, ok := reflect.TypeAssert[encoding.TextUnmarshaler](dst.Addr())
	if !ok {
		return false, nil
	}
	return true, t.UnmarshalText([]byte(word))
}

func decodeScalar(dst reflect.Value, value any) error {
	// An axis may stand in a list of one.
	if list, ok := value.([]any); ok && len(list) == 1 && isInt(dst.Kind()) {
		value = list[0]
	}
	switch kind := dst.Kind(); {
	case kind == reflect.String:
		if s, ok := value.(string); ok {
			dst.SetString(s)
			return nil
		}
	case kind == reflect.Bool:
		if b, ok := value.(bool); ok {
			dst.SetBool(b)
			return nil
		}
	case kind == reflect.Float32 || kind == reflect.Float64:
		if f, ok := toFloat(value); ok {
			dst.SetFloat(f)
			return nil
		}
	case isInt(kind) || isUint(kind):
		if n, ok := toInt(value); ok && setInt(dst, n) {
			return nil
		}
	default:
		return errors.Errorf("a %s cannot be loaded", dst.Type())
	}
	return errors.Errorf("expected a %s, got %s", dst.Type(), brief(value))
}

func setInt(dst reflect.Value, n int64) bool {
	if isInt(dst.Kind()) {
		if dst.OverflowInt(n) {
			return false
		}
		dst.SetInt(n)
		return true
	}
	if n < 0 || dst.OverflowUint(uint64(n)) {
		return false
	}
	dst.SetUint(uint64(n))
	return true
}

func isInt(k reflect.Kind) bool  { return k >= reflect.Int && k <= reflect.Int64 }
func isUint(k reflect.Kind) bool { return k >= reflect.Uint && k <= reflect.Uint64 }

// toFloat converts whatever number a decoder of JSON, or ToConfig, has made.
func toFloat(value any) (float64, bool) {
	if n, ok := value.(json.Number); ok {
		f, err := n.Float64()
		return f, err == nil
	}
	switch v := reflect.ValueOf(value); {
	case v.CanFloat():
		return v.Float(), true
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	}
	return 0, false
}

// toInt converts whole numbers: 3 and 3.0, not 3.5.
func toInt(value any) (int64, bool) {
	if n, ok := value.(json.Number); ok {
		if i, err := n.Int64(); err == nil {
			return i, true
		}
	}
	switch v := reflect.ValueOf(value); {
	case v.CanInt():
		return v.Int(), true
	case v.CanUint():
		return int64(v.Uint()), v.Uint() <= math.MaxInt64
	}
	f, ok := toFloat(value)
	const limit = 1 << 53 // Beyond it a float64 does not tell whole numbers apart.
	if !ok || f != math.Trunc(f) || math.Abs(f) > limit {
		return 0, false
	}
	return int64(f), true
}

// brief is a value for an error message.
func brief(v any) string {
	const most = 80
	s := fmt.Sprintf("%v", v)
	if text, ok := v.(string); ok {
		s = fmt.Sprintf("%q", text)
	}
	if len(s) > most {
		s = s[:most] + "..."
	}
	return s
}

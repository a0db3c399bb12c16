package saving

import (
	"reflect"

	"github.com/pkg/errors"
)

// usual holds, for keys that a struct may lack, the values that say nothing new: Keras's defaults
// for what gokeras always does. A predicate takes the place of a list where any value is harmless.
var usual = map[string]func(value any) bool{
	"trainable":     oneOf(true),
	"dtype":         isFloat32,
	"autocast":      anything,
	"name":          anything, // Of objects that nobody calls by name.
	"seed":          anything, // Keras's random numbers are its own.
	"data_format":   oneOf("channels_last"),
	"dilation_rate": allOnes,
	"groups":        oneOf(1.0),
	"keepdims":      oneOf(false),
	"sparse":        oneOf(false),
	"ragged":        oneOf(false),
	"optional":      oneOf(false),

	"stateful":             oneOf(false),
	"go_backwards":         oneOf(false),
	"return_state":         oneOf(false),
	"unroll":               anything, // How, not what, is computed.
	"zero_output_for_mask": oneOf(false),
	"reset_after":          oneOf(true),
	"unit_forget_bias":     oneOf(true),
	"time_major":           oneOf(false),
	"implementation":       anything,

	"synchronized":          oneOf(false),
	"renorm":                oneOf(false),
	"renorm_momentum":       anything, // Used with renorm alone.
	"rms_scaling":           oneOf(false),
	"use_gate":              oneOf(false),
	"supports_masking":      anything,
	"axis":                  oneOf(-1.0),
	"arguments":             isEmpty,
	"label_smoothing":       oneOf(0.0),
	"from_logits":           oneOf(false),
	"reduction":             oneOf("sum_over_batch_size", "auto"),
	"batch_input_shape":     anything, // Keras 2 says in the first layer what an Input says; the model reads it.
	"use_ema":               oneOf(false),
	"ema_momentum":          anything, // Used with use_ema alone.
	"decay":                 oneOf(0.0),
	"jit_compile":           anything,
	"is_legacy_optimizer":   anything,
	"amsgrad":               oneOf(false),
	"centered":              oneOf(false),
	"pad_to_max_tokens":     oneOf(false),
	"apply_class_balancing": oneOf(false),
}

// oldNames are the keys of Keras 2 that Keras 3 calls otherwise.
var oldNames = map[string]string{
	"lr":    "learning_rate",
	"alpha": "negative_slope", // Of LeakyReLU.
}

func renameOld(config map[string]any, all []slot) {
	for old, name := range oldNames {
		value, ok := config[old]
		if _, clash := config[name]; !ok || clash || has(all, old) || !has(all, name) {
			continue
		}
		config[name] = value
		delete(config, old)
	}
}

func has(all []slot, key string) bool {
	for _, s := range all {
		if s.key == key {
			return true
		}
	}
	return false
}

// refuseUnknown returns an error for the first key that a struct lacks and that says something.
func refuseUnknown(config map[string]any) error {
	for _, key := range keys(config) {
		value, err := plain(config[key])
		if err != nil {
			return errors.WithMessage(err, key)
		}
		if value == nil {
			continue
		}
		if harmless := usual[key]; harmless == nil || !harmless(value) {
			return errors.Errorf("%s: %s is not supported", key, brief(value))
		}
	}
	return nil
}

func anything(any) bool { return true }

func oneOf(values ...any) func(any) bool {
	return func(value any) bool {
		if f, ok := toFloat(value); ok {
			value = f
		}
		for _, v := range values {
			if reflect.DeepEqual(v, value) {
				return true
			}
		}
		return false
	}
}

func allOnes(value any) bool {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, v := range list {
		if f, ok := toFloat(v); !ok || f != 1 {
			return false
		}
	}
	return true
}

func isEmpty(value any) bool {
	v := reflect.ValueOf(value)
	return (v.Kind() == reflect.Map || v.Kind() == reflect.Slice) && v.Len() == 0
}

func isFloat32(value any) bool { return value == "float32" }

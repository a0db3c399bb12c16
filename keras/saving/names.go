package saving

import (
	"strings"
	"unicode"
)

// shortNames are words of Keras that are not a class's name in another spelling. The source is
// ALL_OBJECTS_DICT of keras.losses, keras.metrics and keras.initializers, and Keras 2.
var shortNames = map[string]string{
	"acc":                         "accuracy",
	"bce":                         "binary_crossentropy",
	"kld":                         "kl_divergence",
	"kullback_leibler_divergence": "kl_divergence",
	"mae":                         "mean_absolute_error",
	"mape":                        "mean_absolute_percentage_error",
	"mse":                         "mean_squared_error",
	"msle":                        "mean_squared_logarithmic_error",
	"normal":                      "random_normal",
	"one":                         "ones",
	"uniform":                     "random_uniform",
	"zero":                        "zeros",
	"identityinitializer":         "identity",
	"orthogonalinitializer":       "orthogonal",
}

// normalized drops what tells "RMSprop", "rmsprop" and "rm_sprop" apart.
func normalized(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}

// snake is the Keras argument for a Go field: UseBias is use_bias, MinLR min_lr, Beta1 beta_1,
// L2 l2, DType dtype.
func snake(field string) string {
	runes := []rune(strings.ReplaceAll(field, "DType", "Dtype"))
	var b strings.Builder
	for i, r := range runes {
		if i > 0 && startsWord(runes, i) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// startsWord reports whether a new word begins at i: at a digit after a small letter, at a capital
// after anything else, and at the last capital of several when a small letter follows, unless that
// is the s of a plural: TargetClassIDs.
func startsWord(runes []rune, i int) bool {
	before, r := runes[i-1], runes[i]
	switch {
	case unicode.IsDigit(r):
		return unicode.IsLower(before)
	case !unicode.IsUpper(r):
		return false
	case !unicode.IsUpper(before):
		return true
	}
	if i+1 == len(runes) || !unicode.IsLower(runes[i+1]) {
		return false
	}
	plural := runes[i+1] == 's' && (i+2 == len(runes) || unicode.IsUpper(runes[i+2]))
	return !plural
}

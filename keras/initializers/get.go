package initializers

import (
	"strings"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/keras/saving"
)

// Get returns the initializer with Keras's defaults that Keras knows by a word: a class's name ("GlorotUniform"), the same in small letters
// ("glorot_uniform"), or one of its short names ("normal", "uniform", "zero", "one"). One of one's own is found by the name it was
// registered under for files, with its package: "Package>Name".
//
// Source: keras.initializers.get.
func Get(identifier string) (Initializer, error) {
	if i := builtin(identifier); i != nil {
		return i, nil
	}
	if strings.Contains(identifier, ">") {
		return saving.Decode[Initializer](map[string]any{"class_name": identifier, "registered_name": identifier})
	}
	return nil, errors.Errorf("initializers: Get: expected the name of an initializer, such as glorot_uniform or zeros, got %q", identifier)
}

func builtin(word string) Initializer {
	switch word {
	case "Constant", "constant":
		return Constant{}
	case "GlorotNormal", "glorot_normal":
		return GlorotNormal{}
	case "GlorotUniform", "glorot_uniform":
		return GlorotUniform{}
	case "HeNormal", "he_normal":
		return HeNormal{}
	case "HeUniform", "he_uniform":
		return HeUniform{}
	case "Identity", "identity", "IdentityInitializer":
		return Identity{}
	case "LecunNormal", "lecun_normal":
		return LecunNormal{}
	case "LecunUniform", "lecun_uniform":
		return LecunUniform{}
	case "Ones", "ones", "one":
		return Ones{}
	case "Orthogonal", "orthogonal", "OrthogonalInitializer":
		return Orthogonal{}
	case "RandomNormal", "random_normal", "normal":
		return RandomNormal{}
	case "RandomUniform", "random_uniform", "uniform":
		return RandomUniform{}
	case "STFT", "stft", "STFTInitializer":
		return STFT{}
	case "TruncatedNormal", "truncated_normal":
		return TruncatedNormal{}
	case "VarianceScaling", "variance_scaling":
		return VarianceScaling{}
	case "Zeros", "zeros", "zero":
		return Zeros{}
	}
	return nil
}

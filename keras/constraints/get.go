package constraints

import (
	"strings"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/keras/saving"
)

// Get returns the constraint with Keras's defaults that has a class's name ("MaxNorm"), or the same in small letters ("max_norm"). One of
// one's own is found by the name it was registered under for files, with its package: "Package>Name".
//
// Source: keras.constraints.get.
func Get(identifier string) (Constraint, error) {
	switch identifier {
	case "MaxNorm", "max_norm":
		return MaxNorm{}, nil
	case "MinMaxNorm", "min_max_norm":
		return MinMaxNorm{}, nil
	case "NonNeg", "non_neg":
		return NonNeg{}, nil
	case "UnitNorm", "unit_norm":
		return UnitNorm{}, nil
	}
	if strings.Contains(identifier, ">") {
		return saving.Decode[Constraint](map[string]any{"class_name": identifier, "registered_name": identifier})
	}
	return nil, errors.Errorf("constraints: Get: expected the name of a constraint, such as max_norm or non_neg, got %q", identifier)
}

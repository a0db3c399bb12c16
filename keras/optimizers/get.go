package optimizers

import (
	"strings"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/keras/saving"
)

// Get returns a new optimizer with Keras's defaults by its class's name, in capital letters or small ones: "adam", "SGD", "RMSprop". An optimizer
// of one's own is found by the name it was registered under for files, with its package: "Package>Name".
//
// Source: keras.optimizers.get; "lamb", which Keras forgets there, is known too.
func Get(identifier string) (Optimizer, error) {
	if fresh := builtin(strings.ToLower(identifier)); fresh != nil {
		return fresh, nil
	}
	if strings.Contains(identifier, ">") {
		return saving.Decode[Optimizer](map[string]any{"class_name": identifier, "registered_name": identifier})
	}
	return nil, errors.Errorf("optimizers: Get: expected the name of an optimizer, such as adam, sgd or rmsprop, got %q", identifier)
}

func builtin(name string) Optimizer {
	switch name {
	case "adadelta":
		return &Adadelta{}
	case "adafactor":
		return &Adafactor{}
	case "adagrad":
		return &Adagrad{}
	case "adam":
		return &Adam{}
	case "adamax":
		return &Adamax{}
	case "adamw":
		return &AdamW{}
	case "ftrl":
		return &Ftrl{}
	case "lamb":
		return &Lamb{}
	case "lion":
		return &Lion{}
	case "muon":
		return &Muon{}
	case "nadam":
		return &Nadam{}
	case "rmsprop":
		return &RMSprop{}
	case "schedulefreeadamw":
		return &ScheduleFreeAdamW{}
	case "sgd":
		return &SGD{}
	}
	return nil
}

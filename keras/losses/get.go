package losses

import "github.com/pkg/errors"

// Get is the loss, with Keras's defaults, that keras.losses.get makes of a word: a class's name ("MeanSquaredError"), a function's
// ("mean_squared_error") or an alias ("mse", "MSE"). Any other word is an error.
func Get(identifier string) (Loss, error) {
	for _, find := range []func(string) Loss{regressionNamed, classificationNamed, otherNamed} {
		if l := find(identifier); l != nil {
			return l, nil
		}
	}
	return nil, errors.Errorf("losses: %q is not the name of one of Keras's losses", identifier)
}

func regressionNamed(word string) Loss {
	switch word {
	case "MeanSquaredError", "mean_squared_error", "mse", "MSE":
		return MeanSquaredError{}
	case "MeanAbsoluteError", "mean_absolute_error", "mae", "MAE":
		return MeanAbsoluteError{}
	case "MeanAbsolutePercentageError", "mean_absolute_percentage_error", "mape", "MAPE":
		return MeanAbsolutePercentageError{}
	case "MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", "msle", "MSLE":
		return MeanSquaredLogarithmicError{}
	case "CosineSimilarity", "cosine_similarity":
		return CosineSimilarity{}
	case "Huber", "huber":
		return Huber{}
	case "LogCosh", "log_cosh":
		return LogCosh{}
	}
	return nil
}

func classificationNamed(word string) Loss {
	switch word {
	case "BinaryCrossentropy", "binary_crossentropy", "bce", "BCE":
		return BinaryCrossentropy{}
	case "CategoricalCrossentropy", "categorical_crossentropy":
		return CategoricalCrossentropy{}
	case "SparseCategoricalCrossentropy", "sparse_categorical_crossentropy":
		return SparseCategoricalCrossentropy{}
	case "BinaryFocalCrossentropy", "binary_focal_crossentropy":
		return BinaryFocalCrossentropy{}
	case "CategoricalFocalCrossentropy", "categorical_focal_crossentropy":
		return CategoricalFocalCrossentropy{}
	case "CategoricalGeneralizedCrossEntropy": // which Keras has and does not know by name
		return CategoricalGeneralizedCrossEntropy{}
	}
	return nil
}

func otherNamed(word string) Loss {
	switch word {
	case "KLDivergence", "kl_divergence", "kld", "KLD":
		return KLDivergence{}
	case "Poisson", "poisson":
		return Poisson{}
	case "Hinge", "hinge":
		return Hinge{}
	case "SquaredHinge", "squared_hinge":
		return SquaredHinge{}
	case "CategoricalHinge", "categorical_hinge":
		return CategoricalHinge{}
	case "Dice", "dice":
		return Dice{}
	case "Tversky", "tversky":
		return Tversky{}
	case "Circle", "circle":
		return Circle{}
	case "CTC", "ctc":
		return CTC{}
	}
	return nil
}

package metrics

import (
	"strings"

	"github.com/pkg/errors"
)

// Get returns a new metric for one of Keras's words, which is its name: a class, as "BinaryAccuracy" or "binary_accuracy", or one of "acc",
// "bce", "mse", "mae", "mape" and "msle", or these in capitals. "accuracy" and "acc" are an [Accuracy], which finds out at the
// first batch what it measures. A class that needs arguments has no word.
func Get(word string) (Metric, error) {
	key := word
	if lower := strings.ToLower(word); lower == "accuracy" || lower == "acc" {
		key = "accuracy"
	}
	named, ok := words[key]
	if !ok {
		return nil, errors.Errorf("metrics: expected a word for a metric that needs no arguments, such as \"accuracy\" or \"mse\", got %q", word)
	}
	return named(word), nil
}

type naming = func(word string) Metric

// words are Keras's keys of metrics. The functions give them their names.
var words = spellings(map[string]naming{
	"accuracy": func(w string) Metric { return &Accuracy{Label: w} },
	"MeanSquaredError mean_squared_error mse MSE":                          func(w string) Metric { return &MeanSquaredError{Label: w} },
	"RootMeanSquaredError root_mean_squared_error":                         func(w string) Metric { return &RootMeanSquaredError{Label: w} },
	"MeanAbsoluteError mean_absolute_error mae MAE":                        func(w string) Metric { return &MeanAbsoluteError{Label: w} },
	"MeanAbsolutePercentageError mean_absolute_percentage_error mape MAPE": func(w string) Metric { return &MeanAbsolutePercentageError{Label: w} },
	"MeanSquaredLogarithmicError mean_squared_logarithmic_error msle MSLE": func(w string) Metric { return &MeanSquaredLogarithmicError{Label: w} },
	"CosineSimilarity cosine_similarity":                                   func(w string) Metric { return &CosineSimilarity{Label: w} },
	"LogCoshError log_cosh_error":                                          func(w string) Metric { return &LogCoshError{Label: w} },
	"R2Score r2_score":                                                     func(w string) Metric { return &R2Score{Label: w} },
	"AUC auc":                                                              func(w string) Metric { return &AUC{Label: w} },
	"FalseNegatives false_negatives":                                       func(w string) Metric { return &FalseNegatives{Label: w} },
	"FalsePositives false_positives":                                       func(w string) Metric { return &FalsePositives{Label: w} },
	"TrueNegatives true_negatives":                                         func(w string) Metric { return &TrueNegatives{Label: w} },
	"TruePositives true_positives":                                         func(w string) Metric { return &TruePositives{Label: w} },
	"Precision precision":                                                  func(w string) Metric { return &Precision{Label: w} },
	"Recall recall":                                                        func(w string) Metric { return &Recall{Label: w} },
	"ConcordanceCorrelation concordance_correlation":                       func(w string) Metric { return &ConcordanceCorrelation{Label: w} },
	"PearsonCorrelation pearson_correlation":                               func(w string) Metric { return &PearsonCorrelation{Label: w} },
	"Hinge hinge":                                                          func(w string) Metric { return &Hinge{Label: w} },
	"SquaredHinge squared_hinge":                                           func(w string) Metric { return &SquaredHinge{Label: w} },
	"CategoricalHinge categorical_hinge":                                   func(w string) Metric { return &CategoricalHinge{Label: w} },
	"KLDivergence kl_divergence":                                           func(w string) Metric { return &KLDivergence{Label: w} },
	"Poisson poisson":                                                      func(w string) Metric { return &Poisson{Label: w} },
	"BinaryCrossentropy binary_crossentropy bce BCE":                       func(w string) Metric { return &BinaryCrossentropy{Label: w} },
	"CategoricalCrossentropy categorical_crossentropy":                     func(w string) Metric { return &CategoricalCrossentropy{Label: w} },
	"SparseCategoricalCrossentropy sparse_categorical_crossentropy":        func(w string) Metric { return &SparseCategoricalCrossentropy{Label: w} },
	"BinaryAccuracy binary_accuracy":                                       func(w string) Metric { return &BinaryAccuracy{Label: w} },
	"CategoricalAccuracy categorical_accuracy":                             func(w string) Metric { return &CategoricalAccuracy{Label: w} },
	"SparseCategoricalAccuracy sparse_categorical_accuracy":                func(w string) Metric { return &SparseCategoricalAccuracy{Label: w} },
	"TopKCategoricalAccuracy top_k_categorical_accuracy":                   func(w string) Metric { return &TopKCategoricalAccuracy{Label: w} },
	"SparseTopKCategoricalAccuracy sparse_top_k_categorical_accuracy":      func(w string) Metric { return &SparseTopKCategoricalAccuracy{Label: w} },
	"F1Score f1_score":                                                     func(w string) Metric { return &F1Score{Label: w} },
	"FBetaScore f_beta_score":                                              func(w string) Metric { return &FBetaScore{Label: w} },
	"BinaryIoU binary_io_u":                                                func(w string) Metric { return &BinaryIoU{Label: w} },
})

// spellings splits the keys at their spaces.
func spellings(byKeys map[string]naming) map[string]naming {
	all := map[string]naming{}
	for keys, named := range byKeys {
		for key := range strings.FieldsSeq(keys) {
			all[key] = named
		}
	}
	return all
}

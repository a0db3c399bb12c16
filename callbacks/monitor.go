package callbacks

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// A Mode says which way a monitored value improves.
type Mode string

// The modes of callbacks that monitor a value.
const (
	Auto Mode = "auto" // by the metric: losses and errors fall, accuracies rise
	Min  Mode = "min"
	Max  Mode = "max"
)

// A Director is a [Model] that knows which way its metrics improve, those of users included.
type Director interface {
	// MetricMode returns Min or Max, or "" for a name that it does not know. The name is without "val_".
	MetricMode(name string) Mode
}

// directions holds the names that Keras gives to metrics and to strings in compile, apart from its losses' own.
var directions = map[string]Mode{
	"acc":                               Max,
	"accuracy":                          Max,
	"auc":                               Max,
	"bce":                               Min,
	"binary_accuracy":                   Max,
	"binary_crossentropy":               Min,
	"binary_io_u":                       Max,
	"categorical_accuracy":              Max,
	"categorical_crossentropy":          Min,
	"categorical_hinge":                 Min,
	"concordance_correlation":           Max,
	"cosine_similarity":                 Max,
	"f1_score":                          Max,
	"fbeta_score":                       Max,
	"hinge":                             Min,
	"kl_divergence":                     Min,
	"logcosh":                           Min,
	"loss":                              Min,
	"mae":                               Min,
	"mape":                              Min,
	"mean_absolute_error":               Min,
	"mean_absolute_percentage_error":    Min,
	"mean_squared_error":                Min,
	"mean_squared_logarithmic_error":    Min,
	"mse":                               Min,
	"msle":                              Min,
	"pearson_correlation":               Max,
	"poisson":                           Min,
	"precision":                         Max,
	"r2_score":                          Max,
	"recall":                            Max,
	"root_mean_squared_error":           Min,
	"sparse_categorical_accuracy":       Max,
	"sparse_categorical_crossentropy":   Min,
	"sparse_top_k_categorical_accuracy": Max,
	"squared_hinge":                     Min,
	"top_k_categorical_accuracy":        Max,
}

// A monitor compares values of one key of the logs.
type monitor struct {
	callback string // for errors
	key      string
	mode     Mode // Min or Max once resolved
	delta    float64
}

// newMonitor resolves an automatic mode by what the model and Keras know of the metric.
func newMonitor(callback, key string, mode Mode, minDelta float64, model Model) (monitor, error) {
	m := monitor{callback, key, mode, math.Abs(minDelta)}
	if err := notNaN(callback, "MinDelta", &minDelta); err != nil {
		return m, err
	}
	switch mode {
	case Min, Max:
		return m, nil
	case "", Auto:
	default:
		return m, errors.Errorf("callbacks: %s: Mode: expected %q, %q or %q, got %q", callback, Auto, Min, Max, mode)
	}
	name := strings.TrimPrefix(key, "val_")
	if d, ok := model.(Director); ok {
		m.mode = d.MetricMode(name)
	}
	if m.mode != Min && m.mode != Max {
		m.mode = directions[name]
	}
	if m.mode == "" {
		return m, errors.Errorf("callbacks: %s: Monitor %q: expected a metric that is known to rise or fall: set Mode to %q or %q",
			callback, key, Min, Max)
	}
	return m, nil
}

// notNaN refuses a number that compares with nothing. nil is none.
func notNaN(callback, field string, v *float64) error {
	if v != nil && math.IsNaN(*v) {
		return errors.Errorf("callbacks: %s: %s: expected a number, got NaN", callback, field)
	}
	return nil
}

// value returns the monitored value. ok is false, without an error, where validation is not due after this epoch.
func (m monitor) value(r *Run, epoch int, logs Logs) (v float64, ok bool, err error) {
	if v, ok = logs[m.key]; ok {
		return v, true, nil
	}
	if !r.ValidationAfter(epoch) && strings.HasPrefix(m.key, "val_") {
		return 0, false, nil
	}
	available := slices.Sorted(maps.Keys(logs))
	return 0, false, errors.Errorf("callbacks: %s: Monitor: expected one of [%s], got %q",
		m.callback, strings.Join(available, ", "), m.key)
}

// better reports whether v improves on reference by more than the delta. As in Keras the comparison is in float32, so that noise
// below it is no improvement.
func (m monitor) better(v, reference float64) bool {
	if m.mode == Min {
		return float32(v+m.delta) < float32(reference)
	}
	return float32(v-m.delta) > float32(reference)
}

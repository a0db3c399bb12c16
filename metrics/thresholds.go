package metrics

import (
	"math"

	"github.com/pkg/errors"
)

// most is how many thresholds or classes a metric has at most: a number that is wrong shall not take all memory.
const most = 1 << 24

func atMost(name, field string, n int) error {
	if n > most {
		return errors.Errorf("metrics: %s: %s: expected %d at most, got %d", name, field, most, n)
	}
	return nil
}

// evenly reports whether Keras takes thresholds, in the order in which they were given, for even ones.
func evenly(thresholds []float64) bool {
	if len(thresholds) < 3 {
		return false
	}
	for i, v := range thresholds {
		want := float64(float32(i) / float32(len(thresholds)-1))
		if math.Abs(v-want) > epsilon+1e-5*want {
			return false
		}
	}
	return true
}

// linear returns n thresholds, 0, 1/(n-1), ... 1.
func linear(n int) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = float64(i) / float64(n-1)
	}
	return all
}

// checkThresholds says which of them is not in [0, 1].
func checkThresholds(name string, thresholds []float64) error {
	for _, v := range thresholds {
		if !(v >= 0 && v <= 1) {
			return errors.Errorf("metrics: %s: Thresholds: expected numbers in [0, 1], got %v", name, v)
		}
	}
	return nil
}

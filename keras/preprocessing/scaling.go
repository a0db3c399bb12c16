package preprocessing

import (
	"math"

	"github.com/pkg/errors"
)

const epsilon = 0x1p-52 // of float64

// notZero returns 1 for a scale that is no more than rounding, as scikit-learn decides it: whatever the size of the values.
func notZero(scale float64) float64 {
	if scale < 10*epsilon {
		return 1
	}
	return scale
}

func orTrue(b *bool) bool { return b == nil || *b }

// linear returns what to subtract from and what to divide by in each of the features: zeros and ones for what is not wanted.
func linear(features int, center, scale []float64, centered, scaled bool) (c, s []float64, err error) {
	if len(center) != features || len(scale) != features {
		return nil, nil, errors.Errorf("expected %d features as in Fit, got %d (with %d scales)", len(center), features, len(scale))
	}
	if !centered {
		center = make([]float64, features)
	}
	if !scaled {
		scale = make([]float64, features)
		for k := range scale {
			scale[k] = 1
		}
	}
	return center, scale, nil
}

// quantile returns the share q of sorted values, between two of them by linear interpolation.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	below := min(int(at), len(sorted)-1)
	a, b := sorted[below], sorted[min(below+1, len(sorted)-1)]
	t := at - math.Floor(at)
	if t < 0.5 {
		return a + (b-a)*t
	}
	return b - (b-a)*(1-t) // Exact at b.
}

package optimizers

import (
	"math"

	"github.com/pkg/errors"
)

// epsilon is the default of most optimizers' Epsilon.
const epsilon = 1e-7

// sqrt and power round once, to float32.
func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }

func power(x, y float32) float32 { return float32(math.Pow(float64(x), float64(y))) }

// squares returns the sum of squares of x, in float64 and in an order that depends on the length alone. Four sums keep the adder busy.
func squares(x []float32) float64 {
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		a += float64(x[0]) * float64(x[0])
		b += float64(x[1]) * float64(x[1])
		c += float64(x[2]) * float64(x[2])
		d += float64(x[3]) * float64(x[3])
	}
	for _, v := range x {
		a += float64(v) * float64(v)
	}
	return a + b + (c + d)
}

// atLeast0 takes names and values by turns and returns an error for the first value that is not 0 or more, or too large for a float32.
func atLeast0(pairs ...any) error {
	return checkPairs(pairs, "0 or more", func(v float64) bool { return v >= 0 && v <= math.MaxFloat32 })
}

// shares is the same for values that are not in [0, 1).
func shares(pairs ...any) error {
	return checkPairs(pairs, "a number in [0, 1)", func(v float64) bool { return v >= 0 && v < 1 })
}

func checkPairs(pairs []any, expected string, good func(v float64) bool) error {
	for i := 0; i < len(pairs); i += 2 {
		if v := pairs[i+1].(float64); !good(v) {
			return errors.Errorf("%s: expected %s, got %v", pairs[i], expected, v)
		}
	}
	return nil
}

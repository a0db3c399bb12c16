package kernel

import "math"

// The float32 functions below are the vector kernels' algorithms with separate roundings where those fuse: the paths differ by
// the ulps that are stated here, all of them measured by the tests.

// expPolynomial approximates (exp(t) - 1 - t)/t² on |t| <= ln(2)/2, highest power first: Cephes's expf coefficients.
var expPolynomial = [6]float32{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}

// tanhPolynomial approximates (tanh(x)/x - 1)/x² in x² for |x| < 0.625, highest power first: Cephes's tanhf coefficients.
var tanhPolynomial = [5]float32{-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1}

const (
	expMax = 89   // exp overflows float32 below it
	expMin = -104 // exp rounds to zero above it
	// roundingShift leaves no room for a fraction: adding and subtracting it rounds to the nearest integer.
	roundingShift = 3 << 22
	ln2Hi         = 0.693359375
	ln2Lo         = -2.12194440e-4
)

// exp32 is exp within 2 ulp, subnormal results and overflow included: 2^n·P(x - n·ln 2).
func exp32(x float32) float32 {
	if x != x {
		return x
	}
	t := min(max(x, expMin), expMax)
	n := float32(t*math.Log2E+roundingShift) - roundingShift
	t = t - n*ln2Hi - n*ln2Lo
	p := expPolynomial[0]
	for _, c := range expPolynomial[1:] {
		p = p*t + c
	}
	p = p*(t*t) + (t + 1)
	i := int32(n)
	half := i >> 1
	return p * pow2(i-half) * pow2(half)
}

// pow2 is 2^n for -127 < n < 128.
func pow2(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }

// sigmoid32 is 1/(1 + exp(-x)) within 4 ulp: from exp(-|x|), so that small results keep their digits.
func sigmoid32(x float32) float32 {
	e := exp32(-float32(math.Abs(float64(x))))
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}

// tanh32 is tanh within 4 ulp: a polynomial near 0, 1 - 2/(exp(2x) + 1) elsewhere.
func tanh32(x float32) float32 {
	a := float32(math.Abs(float64(x)))
	if a < 0.625 {
		z := a * a
		p := tanhPolynomial[0]
		for _, c := range tanhPolynomial[1:] {
			p = p*z + c
		}
		return x + x*(p*z)
	}
	return float32(math.Copysign(float64(1-2/(exp32(a+a)+1)), float64(x)))
}

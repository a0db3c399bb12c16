package initializers

import (
	"math"

	"github.com/pkg/errors"
)

// STFT fills the kernel [frame, 1, frequencies] of a one-dimensional convolution with the waves of a short-time Fourier transform, times a window.
// frequencies is half of the transform's length, and 1. Nothing is random.
//
// Keras rounds the angle to float32 first, which takes digits away in long frames; here it is exact.
//
// Windows are "hann", "hamming", "blackman", "nuttall", "blackmanharris", "flattop", "boxcar" and "none"; scipy's others, and lists of
// values, are not supported.
//
// Source: keras.initializers.STFT.
type STFT struct {
	Side     string // "": "real"; or "imag": which part of the complex wave
	Window   string // "": "hann"; "none" is Keras's None
	Scaling  string // "": "density", the window's L2 norm becomes 1; "spectrum": the L1 norm; "none" is Keras's None: as it is
	Periodic bool   // false; true: the window goes on as if repeated, rather than ending as it began
}

// windows holds the coefficients of the windows that are sums of cosines.
var windows = map[string][]float64{
	"boxcar":         {1},
	"hann":           {0.5, 0.5},
	"hamming":        {0.54, 0.46},
	"blackman":       {0.42, 0.5, 0.08},
	"nuttall":        {0.3635819, 0.4891775, 0.1365995, 0.0106411},
	"blackmanharris": {0.35875, 0.48829, 0.14128, 0.01168},
	"flattop":        {0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368},
}

// Init implements [Initializer].
func (s STFT) Init(dst []float32, shape []int, _ Stream) error {
	if err := s.check(shape); err != nil {
		return errors.WithMessage(err, "initializers: STFT")
	}
	if err := check("STFT", dst, shape); err != nil {
		return err
	}
	window, scale := s.window(shape[0])
	wave := math.Cos
	if s.Side == "imag" {
		wave = math.Sin
	}
	n := shape[2]
	length := float64(2 * (n - 1))
	for t := range shape[0] {
		for f := range n {
			v := float32(wave(-2 * math.Pi * float64(t) * float64(f) / length))
			if window != nil {
				v = v * window[t] / scale
			}
			dst[t*n+f] = v
		}
	}
	return nil
}

func (s STFT) check(shape []int) error {
	if len(shape) != 3 || shape[1] != 1 || shape[2] < 2 {
		return errors.Errorf("shape %v: expected [frame, 1, frequencies] of 2 frequencies or more", shape)
	}
	if s.Side != "" && s.Side != "real" && s.Side != "imag" {
		return errors.Errorf("Side: expected %q or %q, got %q", "real", "imag", s.Side)
	}
	switch s.Scaling {
	case "", "density", "spectrum", "none":
	default:
		return errors.Errorf("Scaling: expected %q, %q or %q, got %q", "density", "spectrum", "none", s.Scaling)
	}
	if s.Window != "" && s.Window != "none" && windows[s.Window] == nil {
		return errors.Errorf("Window: %q is not supported, only hann, hamming, blackman, nuttall, blackmanharris, flattop, boxcar and none", s.Window)
	}
	return nil
}

// window returns n values, nil for none, and what they are divided by.
func (s STFT) window(n int) (values []float32, scale float32) {
	if s.Window == "none" {
		return nil, 1
	}
	terms := windows[s.Window]
	if s.Window == "" {
		terms = windows["hann"]
	}
	period := float64(n - 1)
	if s.Periodic {
		period = float64(n)
	}
	values = make([]float32, n)
	var l1, l2 float64
	for i := range values {
		v := 1.0
		if n > 1 {
			v = cosines(terms, 2*math.Pi*float64(i)/period)
		}
		values[i] = float32(v)
		l1 += math.Abs(float64(values[i]))
		l2 += float64(values[i]) * float64(values[i])
	}
	switch s.Scaling {
	case "none":
		return values, 1
	case "spectrum":
		return values, float32(l1)
	}
	return values, float32(math.Sqrt(l2))
}

// cosines is the sum of terms[k]·cos(k·x) with signs by turns.
func cosines(terms []float64, x float64) float64 {
	sum, sign := 0.0, 1.0
	for k, a := range terms {
		sum += sign * a * math.Cos(float64(k)*x)
		sign = -sign
	}
	return sum
}

// LoadConfig implements saving.ConfigLoader: Keras's None is not its default.
func (s *STFT) LoadConfig(config map[string]any) error {
	for _, key := range []string{"window", "scaling"} {
		if v, ok := config[key]; ok && v == nil {
			config[key] = "none"
		}
	}
	return nil
}

// SaveConfig implements saving.ConfigSaver.
func (s *STFT) SaveConfig(config map[string]any) error {
	for _, key := range []string{"window", "scaling"} {
		if config[key] == "none" {
			config[key] = nil
		}
	}
	return nil
}

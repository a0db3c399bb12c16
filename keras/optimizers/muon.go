package optimizers

import (
	"math"
	"regexp"
	"strings"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/gokeras/gokeras/internal/optional"
)

// Muon moves matrices along their momentum made nearly orthogonal, by NSSteps iterations of Newton and Schulz, and all other weights as [AdamW]
// does. Other weights are those that are no matrices, embeddings, and those of ExcludeLayers; Keras's advice is to exclude the output layer.
//
//	m = Momentum·m + g;  x = g + Momentum·m         or, without Nesterov, x = m
//	x /= |x|;  x = MuonA·x + (MuonB·xxᵀ + MuonC·(xxᵀ)²)·x        NSSteps times, the shorter side first
//	w -= rate·RMSRate·sqrt(longer side) · x
//
// Source: keras.optimizers.Muon; Jordan et al. 2024; Liu et al. 2025.
type Muon struct {
	Base                       // its WeightDecay stays 0: the field of Muon counts
	LearningRate      float64  // 0: 0.001
	Schedule          Schedule `keras:"learning_rate"` // nil: LearningRate
	AdamBeta1         *float64 // nil: 0.9
	AdamBeta2         *float64 // nil: 0.999
	AdamWeightDecay   *float64 // nil: 0.004; of weights that AdamW moves
	Epsilon           *float64 // nil: 1e-7
	WeightDecay       *float64 // nil: 0.004; of matrices
	ExcludeLayers     []string // nil: none; regular expressions with a match in the paths of weights that AdamW moves
	ExcludeEmbeddings *bool    // nil: true; weights with "embedding" in their path are moved by AdamW
	MuonA             *float64 // nil: 3.4445
	MuonB             *float64 // nil: -4.775
	MuonC             *float64 // nil: 2.0315
	AdamLRRatio       *float64 // nil: 1; of AdamW's learning rate to Muon's
	Momentum          *float64 // nil: 0.95
	NSSteps           *int     // nil: 5
	Nesterov          *bool    // nil: true
	RMSRate           *float64 // nil: 0.2
	NoRMSRate         bool     `keras:"-"` // false; true: Keras's rms_rate None, the move is not scaled by the matrix's size

	layers []*regexp.Regexp
	adam   adamRule
	work   [3][]float32
}

// Rate implements [Optimizer].
func (o *Muon) Rate() Rate { return Rate{o.LearningRate, 0.001, o.Schedule} }

// Build implements [Optimizer].
func (o *Muon) Build() error {
	if err := ownDecay("Muon", &o.Base, o.WeightDecay); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	o.layers = nil
	for _, layer := range o.ExcludeLayers {
		r, err := regexp.Compile(layer)
		if err != nil {
			return errors.Wrap(err, "Muon: ExcludeLayers: expected regular expressions")
		}
		o.layers = append(o.layers, r)
	}
	o.AddSlotSpecs(SlotSpec{Name: "momentum"}, SlotSpec{Name: "velocity", Skip: o.orthogonal})
	return nil
}

func (o *Muon) check() error {
	if n := optional.Or(o.NSSteps, 5); n < 0 {
		return errors.Errorf("Muon: NSSteps: expected 0 or more, got %d", n)
	}
	if o.NoRMSRate && o.RMSRate != nil {
		return errors.Errorf("Muon: expected RMSRate or NoRMSRate, got both: %v and true", *o.RMSRate)
	}
	if err := shares("Muon: AdamBeta1", optional.Or(o.AdamBeta1, 0.9), "Muon: AdamBeta2", optional.Or(o.AdamBeta2, 0.999)); err != nil {
		return err
	}
	return atLeast0(
		"Muon: AdamWeightDecay", optional.Or(o.AdamWeightDecay, 0.004), "Muon: Epsilon", optional.Or(o.Epsilon, epsilon),
		"Muon: AdamLRRatio", optional.Or(o.AdamLRRatio, 1), "Muon: Momentum", optional.Or(o.Momentum, 0.95), "Muon: RMSRate", optional.Or(o.RMSRate, 0.2),
	)
}

// orthogonal reports whether p is one of the matrices.
func (o *Muon) orthogonal(p *Parameter) bool {
	if p.rank() != 2 || optional.Or(o.ExcludeEmbeddings, true) && strings.Contains(strings.ToLower(p.Path), "embedding") {
		return false
	}
	for _, layer := range o.layers {
		if layer.MatchString(p.Path) {
			return false
		}
	}
	return true
}

func (o *Muon) decayOf(p *Parameter) float64 {
	if p.Slot(1) == nil {
		return optional.Or(o.WeightDecay, 0.004)
	}
	return optional.Or(o.AdamWeightDecay, 0.004)
}

// Begin fixes the step size of the weights that AdamW moves.
func (o *Muon) Begin(s Step) {
	s.Rate *= float32(optional.Or(o.AdamLRRatio, 1))
	o.adam = adamSettings{optional.Or(o.AdamBeta1, 0.9), optional.Or(o.AdamBeta2, 0.999), optional.Or(o.Epsilon, epsilon), false}.rule(s)
}

// Update implements [Optimizer].
func (o *Muon) Update(p *Parameter, s Step) {
	if v := p.Slot(1); v != nil {
		o.adam.update(p, p.Slot(0), v, nil)
		return
	}
	keep := optional.Or(o.Momentum, 0.95)
	momentum, fade := float32(keep), float32(keep-1)
	x := o.room(0, len(p.Value))
	m := p.Slot(0)
	for i, g := range p.Gradient {
		m[i] += g + float32(m[i]*fade)
		x[i] = m[i]
		if optional.Or(o.Nesterov, true) {
			x[i] = g + float32(momentum*m[i])
		}
	}
	rows, cols := p.Shape[0], p.Shape[1]
	o.orthogonalize(x, rows, cols)
	scale, rate := float32(1), float32(1)
	if !o.NoRMSRate {
		scale, rate = sqrt(float32(max(rows, cols))), float32(optional.Or(o.RMSRate, 0.2))
	}
	for i, u := range x {
		p.Value[i] -= float32(float32(s.Rate*u) * scale * rate)
	}
}

// orthogonalize replaces x, [rows, cols], by a matrix with nearly the same singular vectors and singular values near 1. With a the product of the
// shorter side with itself, a matrix that is taller than wide is x·f(xᵀx) rather than f(xxᵀ)·x, so nothing is transposed.
func (o *Muon) orthogonalize(x []float32, rows, cols int) {
	norm := float32(math.Sqrt(squares(x))) + 1e-7
	for i := range x {
		x[i] /= norm
	}
	tall, side, long := rows > cols, min(rows, cols), max(rows, cols)
	square := kernel.Product{M: side, N: side, K: long, TransA: tall, TransB: !tall}
	again := kernel.Product{M: side, N: side, K: side}
	move := kernel.Product{M: rows, N: cols, K: side}
	ca, cb, cc := float32(optional.Or(o.MuonA, 3.4445)), float32(optional.Or(o.MuonB, -4.775)), float32(optional.Or(o.MuonC, 2.0315))
	// The product of the polynomial with x takes the place of its square, which is not needed any more.
	a, b := o.room(1, side*side), o.room(2, max(side*side, len(x)))
	for range optional.Or(o.NSSteps, 5) {
		kernel.Gemm(square, x, x, a, kernel.Epilogue[float32]{})
		kernel.Gemm(again, a, a, b[:side*side], kernel.Epilogue[float32]{})
		for i, v := range a {
			a[i] = float32(cb*v) + float32(cc*b[i])
		}
		y := b[:len(x)]
		if tall {
			kernel.Gemm(move, x, a, y, kernel.Epilogue[float32]{})
		} else {
			kernel.Gemm(move, a, x, y, kernel.Epilogue[float32]{})
		}
		for i, v := range x {
			x[i] = float32(ca*v) + y[i]
		}
	}
}

// room returns n numbers of anything, the same memory at each call.
func (o *Muon) room(i, n int) []float32 {
	if len(o.work[i]) < n {
		o.work[i] = make([]float32, n)
	}
	return o.work[i][:n]
}

// LoadConfig implements saving.ConfigLoader: of some keys, Keras's None is not its default.
func (o *Muon) LoadConfig(config map[string]any) error {
	for _, key := range []string{"weight_decay", "adam_weight_decay"} {
		if v, ok := config[key]; ok && v == nil {
			config[key] = 0.0
		}
	}
	v, ok := config["rms_rate"]
	o.NoRMSRate = ok && v == nil
	return nil
}

// SaveConfig implements saving.ConfigSaver.
func (o *Muon) SaveConfig(config map[string]any) error {
	if o.NoRMSRate {
		config["rms_rate"] = nil
	}
	return nil
}

package keras

import (
	"encoding/json"
	"slices"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
)

// view is what callbacks see of a model.
type view struct{ m *Model }

var _ interface {
	callbacks.Model
	callbacks.Director
	callbacks.WeightsSaver
	callbacks.Configured
	callbacks.WeightReader
	callbacks.WeightUpdater
	callbacks.EMASwapper
	callbacks.IterationCounter
	callbacks.Reconfigurer
} = view{}

// LearningRate implements [callbacks.Model].
func (v view) LearningRate() float64 {
	v.m.weights.Lock()
	defer v.m.weights.Unlock()
	return optimizers.LearningRate(v.m.compilation.Load().Optimizer)
}

// SetLearningRate implements [callbacks.Model].
func (v view) SetLearningRate(rate float64) error {
	v.m.weights.Lock()
	defer v.m.weights.Unlock()
	return optimizers.SetLearningRate(v.m.compilation.Load().Optimizer, rate)
}

// Snapshot implements [callbacks.Model].
func (v view) Snapshot() (restore func() error) { return v.m.Snapshot() }

// Save implements [callbacks.Model].
func (v view) Save(path string) error { return v.m.Save(path) }

// SaveWeights implements [callbacks.WeightsSaver].
func (v view) SaveWeights(path string) error { return v.m.SaveWeights(path) }

// Config implements [callbacks.Configured].
func (v view) Config() ([]byte, error) {
	v.m.weights.RLock()
	defer v.m.weights.RUnlock()
	config, err := v.m.encodeUntrained()
	if err != nil {
		return nil, err
	}
	return json.Marshal(config)
}

// MetricMode implements [callbacks.Director]: metrics say themselves which way they improve.
func (v view) MetricMode(name string) callbacks.Mode {
	for _, x := range v.m.compilation.Load().measures {
		d, ok := x.Metric.(interface{ Direction() string })
		if ok && x.key == name {
			return callbacks.Mode(d.Direction())
		}
	}
	return ""
}

// ReadWeights implements [callbacks.WeightReader].
func (v view) ReadWeights(read func([]callbacks.Weight) error) error {
	v.m.weights.RLock()
	defer v.m.weights.RUnlock()
	return read(v.m.compilation.Load().floats())
}

// UpdateWeights implements [callbacks.WeightUpdater].
func (v view) UpdateWeights(update func([]callbacks.Weight) error) error {
	v.m.weights.Lock()
	defer v.m.weights.Unlock()
	return update(v.m.compilation.Load().floats())
}

// floats are weights as callbacks see them, without the integer ones, which are random streams.
func floats(ws, trained []*layers.Weight) []callbacks.Weight {
	var seen []callbacks.Weight
	for _, w := range ws {
		if w.DType() == ops.Float32 {
			seen = append(seen, callbacks.Weight{Path: w.Path, Shape: w.Shape(), Value: w.Float32s(), Trainable: slices.Contains(trained, w)})
		}
	}
	return seen
}

// SwapEMAWeights implements [callbacks.EMASwapper].
func (v view) SwapEMAWeights() error {
	v.m.weights.Lock()
	defer v.m.weights.Unlock()
	return optimizers.SwapEMA(v.m.compilation.Load().Optimizer)
}

// Iterations implements [callbacks.IterationCounter].
func (v view) Iterations() int {
	v.m.weights.RLock()
	defer v.m.weights.RUnlock()
	o, ok := v.m.compilation.Load().Optimizer.(interface{ Iterations() int })
	if !ok {
		return 0
	}
	return o.Iterations()
}

// Reconfigure implements [callbacks.Reconfigurer]: fields change while no program is made of them and no step runs, and programs are made anew.
func (v view) Reconfigure(change func() error) error {
	v.m.fields.Lock()
	defer v.m.fields.Unlock()
	v.m.weights.Lock()
	defer v.m.weights.Unlock()
	defer v.m.programs.Store(newPrograms())
	return change()
}

package keras

import (
	"context"
	"math/rand/v2"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// A Trainer is a training of one's own that [FitTrainer] runs: a pair of models with two optimizers, a distiller, a contrastive pair.
type Trainer interface {
	// TrainStep trains on a batch, whose arrays are reused afterwards, and returns its results. [FitTrainer] averages them over the
	// samples of an epoch.
	TrainStep(ctx context.Context, b data.Batch) (callbacks.Logs, error)
	// Weights are what is trained, for callbacks that restore it.
	Weights() []*layers.Weight
}

// A Seeder is a [Trainer] that says where the order of the data comes from, so that a run can be repeated; that of others is drawn anew.
type Seeder interface {
	Seed() uint64
}

// A Tester is a [Trainer] that can be evaluated after each epoch.
type Tester interface {
	TestStep(ctx context.Context, b data.Batch) (callbacks.Logs, error)
}

// FitTrainer runs the epochs of a training of one's own, with the callbacks and progress of [Model.Fit].
func FitTrainer(ctx context.Context, t Trainer, d data.Dataset, o FitOptions) (h *History, err error) {
	h = &History{}
	defer recovered(&err)
	if t == nil || d == nil {
		return h, errors.New("keras: FitTrainer: a trainer and a data set are required")
	}
	if err := errors.WithMessage(o.checkDataset(d), "FitTrainer"); err != nil {
		return h, err
	}
	if err := o.check(); err != nil {
		return h, err
	}
	seed := rand.Uint64()
	if s, ok := t.(Seeder); ok {
		seed = s.Seed()
	}
	mean := &means{}
	l := o.loop(o.dataset(d), seed, h)
	l.begin = mean.reset
	l.step = func(ctx context.Context, b *batch) (callbacks.Logs, error) {
		logs, err := t.TrainStep(ctx, b.dataset())
		return mean.add(logs, b.n), err
	}
	l.run.Model = trained{t}
	val, err := o.validation(nil)
	if err != nil {
		return h, err
	}
	if val != nil {
		tester, ok := t.(Tester)
		if !ok {
			return h, errors.Errorf("keras: FitTrainer: there are validation data: expected a trainer with a method TestStep, got %T", t)
		}
		l.validate = testSteps(tester, val, seed)
	}
	return l.fit(ctx)
}

// testSteps evaluates a trainer inside FitTrainer.
func testSteps(t Tester, val source, seed uint64) func(context.Context, *loop) (callbacks.Logs, error) {
	return func(ctx context.Context, _ *loop) (callbacks.Logs, error) {
		mean := &means{}
		mean.reset()
		for b, err := range val.batches(seed, 0) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return nil, err
			}
			logs, err := t.TestStep(ctx, b.dataset())
			if err != nil {
				return nil, err
			}
			mean.add(logs, b.n)
		}
		return mean.logs, nil
	}
}

// dataset is the batch in a data set's words.
func (b *batch) dataset() data.Batch {
	return data.Batch{X: b.arrays[:b.x], Y: b.arrays[b.x : b.x+b.y], SampleWeight: b.arrays[b.x+b.y:]}
}

// means averages the results of steps over samples.
type means struct {
	sums, counts map[string]float64
	logs         callbacks.Logs
}

func (m *means) reset() {
	m.sums, m.counts, m.logs = map[string]float64{}, map[string]float64{}, callbacks.Logs{}
}

func (m *means) add(logs callbacks.Logs, n int) callbacks.Logs {
	for name, v := range logs {
		m.sums[name] += v * float64(n)
		m.counts[name] += float64(n)
		m.logs[name] = m.sums[name] / m.counts[name]
	}
	return m.logs
}

// trained is what callbacks see of a trainer.
type trained struct{ Trainer }

func (t trained) LearningRate() float64 {
	if v, ok := t.Trainer.(interface{ LearningRate() float64 }); ok {
		return v.LearningRate()
	}
	return 0
}

func (t trained) SetLearningRate(rate float64) error {
	if v, ok := t.Trainer.(interface{ SetLearningRate(float64) error }); ok {
		return v.SetLearningRate(rate)
	}
	return errors.Errorf("keras: %T has no method SetLearningRate", t.Trainer)
}

func (t trained) Save(path string) error {
	if v, ok := t.Trainer.(interface{ Save(string) error }); ok {
		return v.Save(path)
	}
	return errors.Errorf("keras: %T has no method Save", t.Trainer)
}

func (t trained) Snapshot() (restore func() error) { return snapshot(t.Weights()) }

// ReadWeights implements [callbacks.WeightReader].
func (t trained) ReadWeights(read func([]callbacks.Weight) error) error { return read(t.floats()) }

// UpdateWeights implements [callbacks.WeightUpdater].
func (t trained) UpdateWeights(update func([]callbacks.Weight) error) error {
	return update(t.floats())
}

func (t trained) floats() []callbacks.Weight {
	ws := t.Weights()
	var trained []*layers.Weight
	for _, w := range ws {
		if !w.Spec.NonTrainable {
			trained = append(trained, w)
		}
	}
	return floats(ws, trained)
}

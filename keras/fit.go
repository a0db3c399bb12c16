package keras

import (
	"context"
	"io"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// FitOptions say how long and on what a model is trained.
type FitOptions struct {
	Epochs       int   // the number of the last epoch; 0: 1
	InitialEpoch int   // the first epoch's number, of a training that goes on
	BatchSize    int   // samples in a step; 0: 32
	Shuffle      *bool // draw the samples of an epoch in random order; nil: true
	SampleWeight *tensor.Dense
	// ValidationSplit is the share of the samples, the last ones, that is evaluated after each epoch instead of trained on.
	ValidationSplit float64
	// ValidationData is evaluated after each epoch, and takes the place of ValidationSplit.
	ValidationData data.Batch
	// ValidationDataset is evaluated after each epoch, and takes the place of ValidationData.
	ValidationDataset data.Dataset
	ValidationFreq    int // evaluate after every so many epochs; 0: 1
	Callbacks         []callbacks.Callback
	Progress          io.Writer // where progress is shown; nil: nowhere
	Verbose           int       // 1, also 0: an animated bar; 2: a line for each epoch
}

// Fit trains the model on arrays, samples along the first axis. The history is that of the finished epochs, also where Fit ends with an
// error; a cancelled Fit returns ctx.Err(), and the model can go on from where it is.
func (m *Model) Fit(ctx context.Context, x, y *tensor.Dense, o FitOptions) (*History, error) {
	b := data.Batch{X: []*tensor.Dense{x}, Y: []*tensor.Dense{y}}
	return m.FitArrays(ctx, b, o)
}

// FitArrays is [Model.Fit] for models of several inputs or outputs.
func (m *Model) FitArrays(ctx context.Context, b data.Batch, o FitOptions) (*History, error) {
	if o.SampleWeight != nil {
		b.SampleWeight = []*tensor.Dense{o.SampleWeight}
	}
	s, err := newArraySource(b, o.BatchSize, o.Shuffle == nil || *o.Shuffle)
	if err != nil {
		return &History{}, err
	}
	train, val := s, (*arraySource)(nil)
	if o.ValidationDataset == nil && len(o.ValidationData.X) == 0 && o.ValidationSplit != 0 {
		if !(o.ValidationSplit > 0 && o.ValidationSplit < 1) {
			return &History{}, errors.Errorf("keras: validation_split %v: expected a number between 0 and 1", o.ValidationSplit)
		}
		at := int(float64(s.n) * (1 - o.ValidationSplit))
		if at == 0 || at == s.n {
			return &History{}, errors.Errorf("keras: validation_split %v of %d samples leaves %d to train on and %d to validate", o.ValidationSplit, s.n, at, s.n-at)
		}
		train, val = s.part(0, at, s.shuffle), s.part(at, s.n, false)
	}
	if val != nil {
		return m.fit(ctx, train, val, o)
	}
	return m.fit(ctx, train, nil, o)
}

// FitDataset trains the model on a data set.
func (m *Model) FitDataset(ctx context.Context, d data.Dataset, o FitOptions) (*History, error) {
	if o.ValidationSplit != 0 || o.SampleWeight != nil || o.BatchSize != 0 {
		return &History{}, errors.New("keras: a data set has its own batches and weights, and cannot be split")
	}
	return m.fit(ctx, datasetSource{d}, nil, o)
}

func (m *Model) fit(ctx context.Context, train, val source, o FitOptions) (h *History, err error) {
	h = &History{}
	defer recovered(&err)
	if !m.training.CompareAndSwap(false, true) {
		return h, ErrTraining
	}
	defer m.training.Store(false)
	if m.compilation.Load() == nil {
		return h, m.notCompiled()
	}
	if err := o.check(); err != nil {
		return h, err
	}
	if val, err = o.validation(val); err != nil {
		return h, err
	}
	if err := m.buildFrom(train); err != nil {
		return h, err
	}
	t := &trainer{m: m, tally: m.newTally(true)}
	defer t.close()
	l := &loop{
		first: o.InitialEpoch, epochs: max(1, o.Epochs), seed: m.seed, data: train, history: h,
		begin: func() { t.tally.begin() },
		step: func(ctx context.Context, b *batch) (callbacks.Logs, error) {
			err := t.step(ctx, b)
			return t.tally.logs, err
		},
		callbacks: o.Callbacks,
		screen:    newScreen(o.Progress, o.Verbose, max(1, o.Epochs), train.steps()),
		run:       &callbacks.Run{Model: view{m}, Epochs: max(1, o.Epochs), Steps: train.steps(), ValidationFreq: o.ValidationFreq},
	}
	if val != nil {
		l.validate = m.validation(val, max(1, o.ValidationFreq))
	}
	return l.fit(ctx)
}

// check refuses numbers that can never be right.
func (o *FitOptions) check() error {
	if o.Epochs < 0 || o.InitialEpoch < 0 || o.ValidationFreq < 0 {
		return errors.Errorf("keras: Epochs %d, InitialEpoch %d, ValidationFreq %d: expected none below 0", o.Epochs, o.InitialEpoch, o.ValidationFreq)
	}
	return nil
}

// validation is the data that is evaluated after each epoch; nil: none.
func (o *FitOptions) validation(split source) (source, error) {
	switch {
	case o.ValidationDataset != nil:
		return datasetSource{o.ValidationDataset}, nil
	case len(o.ValidationData.X) > 0:
		return newArraySource(o.ValidationData, o.BatchSize, false)
	}
	return split, nil
}

// buildFrom builds a model without Input for the shape of the first batch, so that the optimizer and callbacks find its weights.
func (m *Model) buildFrom(s source) error {
	for b, err := range s.batches(m.Seed(), 0) {
		if err != nil {
			return err
		}
		if err := m.prepare(b.inputs()); err != nil {
			return err
		}
		return m.buildOptimizer()
	}
	return errors.New("keras: the data set has no batches")
}

// validation evaluates after every so many epochs, inside Fit.
func (m *Model) validation(val source, every int) func(context.Context, *loop) (callbacks.Logs, error) {
	epoch := 0
	t := m.newTally(false)
	return func(ctx context.Context, l *loop) (callbacks.Logs, error) {
		epoch++
		if epoch%every != 0 {
			return nil, nil
		}
		return m.evaluate(ctx, val, t, l.run, l.callbacks, nil)
	}
}

// TrainOnBatch does one training step and returns its results: of this batch alone.
func (m *Model) TrainOnBatch(ctx context.Context, x, y *tensor.Dense) (callbacks.Logs, error) {
	if !m.training.CompareAndSwap(false, true) {
		return nil, ErrTraining
	}
	defer m.training.Store(false)
	b, err := oneBatch(x, y)
	if err != nil {
		return nil, err
	}
	if m.compilation.Load() == nil {
		return nil, m.notCompiled()
	}
	if err := m.prepare(b.inputs()); err != nil {
		return nil, err
	}
	t := &trainer{m: m, tally: m.newTally(true)}
	defer t.close()
	t.tally.begin()
	if err := t.step(ctx, b); err != nil {
		return nil, err
	}
	return t.tally.logs, nil
}

// oneBatch is whole arrays as one batch.
func oneBatch(x, y *tensor.Dense) (*batch, error) {
	b := &batch{}
	d := data.Batch{X: []*tensor.Dense{x}}
	if y != nil {
		d.Y = []*tensor.Dense{y}
	}
	return b, b.set(d)
}

package keras

import (
	"context"
	"io"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// FitOptions say how long and on what a model is trained.
type FitOptions struct {
	Epochs       int   // the number of the last epoch; 0: 1
	InitialEpoch int   // the first epoch's number, of a training that goes on
	BatchSize    int   // samples in a step; 0: 32, or what makes StepsPerEpoch batches of the samples
	Shuffle      *bool // draw the samples of an epoch in random order; nil: true
	// StepsPerEpoch is the number of batches of an epoch, which goes on where the last one ended; 0: a run through the data. An epoch in
	// which the data come to their end is shorter.
	StepsPerEpoch int
	SampleWeight  *tensor.Dense // [samples], or [samples, steps] where the loss has a value for each step; nil: all 1
	// ClassWeight is the weight of each class's samples, by its number; others count 1. For models with one output.
	ClassWeight map[int]float64
	// ValidationSplit is the share of the samples, the last ones, that is evaluated after each epoch instead of trained on.
	ValidationSplit float64
	// ValidationData is evaluated after each epoch, and takes the place of ValidationSplit.
	ValidationData data.Batch
	// ValidationDataset is evaluated after each epoch, and takes the place of ValidationData.
	ValidationDataset   data.Dataset
	ValidationBatchSize int   // 0: BatchSize; where that is 0 too: 32, or what makes ValidationSteps batches of the samples
	ValidationSteps     int   // the number of batches to evaluate; 0: all
	ValidationFreq      int   // evaluate after every so many epochs; 0: 1
	ValidationEpochs    []int // evaluate after these epochs, counted from 1, whatever ValidationFreq says: Keras's validation_freq as a list
	Callbacks           []callbacks.Callback
	Progress            io.Writer // where progress is shown; nil: nowhere
	Verbose             int       // 1, also 0: an animated bar; 2: a line for each epoch
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
		if len(b.SampleWeight) > 0 {
			return &History{}, errors.New("keras: expected sample weights in the batch or in FitOptions, got both")
		}
		b.SampleWeight = []*tensor.Dense{o.SampleWeight}
	}
	if o.ClassWeight != nil {
		var err error
		if b, err = (&classWeights{of: o.ClassWeight}).add(b); err != nil {
			return &History{}, err
		}
	}
	s, err := newArraySource(b, o.BatchSize, o.Shuffle == nil || *o.Shuffle)
	if err != nil {
		return &History{}, err
	}
	train, val, err := o.split(s)
	if err != nil {
		return &History{}, err
	}
	train.divide(o.BatchSize, o.StepsPerEpoch)
	if val == nil {
		return m.fit(ctx, train, nil, o)
	}
	return m.fit(ctx, train, val, o)
}

// split cuts the validation samples off, where ValidationSplit says so.
func (o *FitOptions) split(s *arraySource) (train, val *arraySource, err error) {
	if o.ValidationDataset != nil || len(o.ValidationData.X) > 0 || o.ValidationSplit == 0 {
		return s, nil, nil
	}
	if !(o.ValidationSplit > 0 && o.ValidationSplit < 1) {
		return nil, nil, errors.Errorf("keras: validation_split %v: expected a number between 0 and 1", o.ValidationSplit)
	}
	at := int(float64(s.n) * (1 - o.ValidationSplit))
	if at == 0 || at == s.n {
		return nil, nil, errors.Errorf("keras: validation_split %v of %d samples leaves %d to train on and %d to validate", o.ValidationSplit, s.n, at, s.n-at)
	}
	rest := s.part(at, s.n, false)
	if o.ClassWeight != nil { // It weighs what is trained on alone.
		rest.arrays = rest.arrays[:rest.x+rest.y]
	}
	if o.ValidationBatchSize > 0 {
		rest.size = o.ValidationBatchSize
	}
	rest.divide(o.validationSize(), o.ValidationSteps)
	return s.part(0, at, s.shuffle), rest, nil
}

// FitDataset trains the model on a data set.
func (m *Model) FitDataset(ctx context.Context, d data.Dataset, o FitOptions) (*History, error) {
	if err := o.checkDataset(d); err != nil {
		return &History{}, err
	}
	return m.fit(ctx, o.dataset(d), nil, o)
}

// checkDataset refuses what only arrays have.
func (o *FitOptions) checkDataset(d data.Dataset) error {
	if err := notNil(d); err != nil {
		return err
	}
	if o.ValidationSplit != 0 || o.SampleWeight != nil || o.BatchSize != 0 {
		return errors.New("keras: a data set has its own batches and weights, and cannot be split")
	}
	return nil
}

// dataset is a data set with weights by classes, where there are any.
func (o *FitOptions) dataset(d data.Dataset) source {
	if o.ClassWeight != nil {
		d = classWeighted{d, o.ClassWeight}
	}
	return datasetSource{d}
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
	l := o.loop(train, m.Seed(), h)
	l.begin = t.tally.begin
	l.step = func(ctx context.Context, b *batch) (callbacks.Logs, error) {
		err := t.step(ctx, b)
		return t.tally.logs, err
	}
	l.finish = m.finish
	l.run.Model = view{m}
	if val != nil {
		l.validate = m.validation(val)
	}
	return l.fit(ctx)
}

// finish gives the weights the values that they have after training, where the optimizer keeps others.
func (m *Model) finish() {
	m.weights.Lock()
	defer m.weights.Unlock()
	optimizers.Finalize(m.compilation.Load().Optimizer)
}

// loop is the loop over epochs that the options ask for.
func (o *FitOptions) loop(train source, seed uint64, h *History) *loop {
	if o.StepsPerEpoch > 0 {
		train = &paced{source: train, n: o.StepsPerEpoch}
	}
	epochs := max(1, o.Epochs)
	return &loop{
		first: o.InitialEpoch, epochs: epochs, seed: seed, data: train, history: h,
		callbacks: o.Callbacks,
		screen:    newScreen(o.Progress, o.Verbose, epochs, train.steps()),
		run:       &callbacks.Run{Epochs: epochs, Steps: train.steps(), ValidationFreq: o.ValidationFreq, ValidationEpochs: o.ValidationEpochs},
	}
}

// validationSize is the size of validation's batches; 0: none is given.
func (o *FitOptions) validationSize() int {
	if o.ValidationBatchSize != 0 {
		return o.ValidationBatchSize
	}
	return o.BatchSize
}

// check refuses numbers that can never be right.
func (o *FitOptions) check() error {
	for _, f := range []struct {
		name  string
		value int
	}{
		{"Epochs", o.Epochs},
		{"InitialEpoch", o.InitialEpoch},
		{"StepsPerEpoch", o.StepsPerEpoch},
		{"ValidationBatchSize", o.ValidationBatchSize},
		{"ValidationSteps", o.ValidationSteps},
		{"ValidationFreq", o.ValidationFreq},
	} {
		if f.value < 0 {
			return errors.Errorf("keras: %s: expected 0 or more, got %d", f.name, f.value)
		}
	}
	for _, epoch := range o.ValidationEpochs {
		if epoch < 1 {
			return errors.Errorf("keras: ValidationEpochs: expected epochs from 1 on, got %d", epoch)
		}
	}
	if o.ValidationDataset != nil && isNil(o.ValidationDataset) {
		return errors.Errorf("keras: ValidationDataset: expected a data set, got %s", nilOr(o.ValidationDataset))
	}
	return checkVerbose(o.Verbose)
}

// validation is the data that is evaluated after an epoch; nil: none.
func (o *FitOptions) validation(split source) (source, error) {
	switch {
	case o.ValidationDataset != nil:
		split = datasetSource{o.ValidationDataset}
	case len(o.ValidationData.X) > 0:
		s, err := newArraySource(o.ValidationData, o.validationSize(), false)
		if err != nil {
			return nil, errors.WithMessage(err, "validation")
		}
		s.divide(o.validationSize(), o.ValidationSteps)
		split = s
	}
	return limit(split, o.ValidationSteps), nil
}

// buildFrom builds a model without Input for the shape of the first batch, so that the optimizer and callbacks find its weights. A data set is
// not begun for a model that is built: what it shuffles, decodes or caches before the first batch is work that would be done twice.
func (m *Model) buildFrom(s source) error {
	if _, arrays := s.(*arraySource); !arrays && m.isBuilt() {
		return m.buildOptimizer()
	}
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

func (m *Model) isBuilt() bool {
	m.weights.RLock()
	defer m.weights.RUnlock()
	return m.built != nil
}

// validation evaluates inside Fit.
func (m *Model) validation(val source) func(context.Context, *loop) (callbacks.Logs, error) {
	t := m.newTally(false)
	return func(ctx context.Context, l *loop) (callbacks.Logs, error) {
		return m.evaluate(ctx, val, t, l.run, l.callbacks, nil)
	}
}

package keras

import (
	"context"
	"io"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// EvaluateOptions say how a model is evaluated or used for prediction.
type EvaluateOptions struct {
	BatchSize int // samples at a time; 0: 32, or what makes Steps batches of arrays
	Steps     int // the number of batches; 0: all
	Callbacks []callbacks.Callback
	Progress  io.Writer // where progress is shown; nil: nowhere
	Verbose   int       // 1, also 0: an animated bar; 2: one line
}

// PredictOptions are those of [Model.Predict].
type PredictOptions = EvaluateOptions

// Evaluate returns the loss and the metrics of the model on arrays, by Keras's names. Any number of goroutines may evaluate at once.
func (m *Model) Evaluate(ctx context.Context, x, y *tensor.Dense, o ...EvaluateOptions) (callbacks.Logs, error) {
	return m.EvaluateArrays(ctx, data.Batch{X: []*tensor.Dense{x}, Y: []*tensor.Dense{y}}, o...)
}

// EvaluateArrays is [Model.Evaluate] for models of several inputs or outputs, and with sample weights.
func (m *Model) EvaluateArrays(ctx context.Context, b data.Batch, o ...EvaluateOptions) (callbacks.Logs, error) {
	opt := firstOption(o)
	s, err := newArraySource(b, opt.BatchSize, false)
	if err != nil {
		return nil, err
	}
	s.divide(opt.BatchSize, opt.Steps)
	return m.evaluateSource(ctx, s, opt)
}

// EvaluateDataset is [Model.Evaluate] on a data set.
func (m *Model) EvaluateDataset(ctx context.Context, d data.Dataset, o ...EvaluateOptions) (callbacks.Logs, error) {
	opt := firstOption(o)
	if err := opt.checkDataset(d); err != nil {
		return nil, err
	}
	return m.evaluateSource(ctx, datasetSource{d}, opt)
}

// check refuses numbers that can never be right.
func (o *EvaluateOptions) check() error {
	if o.Steps < 0 {
		return errors.Errorf("keras: Steps: expected 0 or more, got %d", o.Steps)
	}
	return checkVerbose(o.Verbose)
}

func checkVerbose(verbose int) error {
	if verbose < 0 || verbose > 2 {
		return errors.Errorf("keras: Verbose: expected 0, 1 or 2, got %d", verbose)
	}
	return nil
}

// checkDataset refuses what only arrays have.
func (o *EvaluateOptions) checkDataset(d data.Dataset) error {
	if err := notNil(d); err != nil {
		return err
	}
	if o.BatchSize != 0 {
		return errors.Errorf("keras: BatchSize: expected 0, as a data set has its own batches, got %d", o.BatchSize)
	}
	return nil
}

func firstOption(o []EvaluateOptions) EvaluateOptions {
	if len(o) == 0 {
		return EvaluateOptions{}
	}
	return o[0]
}

func (m *Model) evaluateSource(ctx context.Context, s source, o EvaluateOptions) (logs callbacks.Logs, err error) {
	defer recovered(&err)
	if err := o.check(); err != nil {
		return nil, err
	}
	if m.compilation.Load() == nil {
		return nil, m.notCompiled()
	}
	defer closeAll(o.Callbacks, &err)
	s = limit(s, o.Steps)
	sc := newScreen(o.Progress, o.Verbose, 1, s.steps())
	run := (&callbacks.Run{Model: view{m}, Steps: s.steps()}).WithContext(ctx)
	logs, err = m.evaluate(ctx, s, m.newTally(false), run, o.Callbacks, &sc)
	if errors.Is(err, callbacks.ErrStop) {
		err = nil
	}
	return logs, err
}

// evaluate runs through a source once. Where a callback stops it, the results so far come with [callbacks.ErrStop].
func (m *Model) evaluate(ctx context.Context, s source, t *tally, run *callbacks.Run, cs callbacks.List, sc *screen) (callbacks.Logs, error) {
	if err := cs.OnTestBegin(run); err != nil {
		return nil, err
	}
	if sc != nil && sc.on {
		if err := sc.logger.TestBegin(); err != nil {
			return nil, err
		}
	}
	t.begin()
	n := 0
	for b, err := range s.batches(m.Seed(), 0) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = cs.OnTestBatchBegin(run, n)
		}
		if err == nil {
			err = m.test(ctx, b, t)
		}
		if err == nil {
			err = cs.OnTestBatchEnd(run, n, t.logs)
		}
		if errors.Is(err, callbacks.ErrStop) {
			return t.logs, err
		}
		if err != nil {
			return nil, err
		}
		n++
		if sc != nil && sc.on {
			if err := sc.logger.TestBatchEnd(n, sc.sorted(t.logs)); err != nil {
				return nil, err
			}
		}
	}
	if n == 0 {
		return nil, errors.New("keras: the data set has no batches")
	}
	if sc != nil && sc.on {
		if err := sc.logger.TestEnd(sc.sorted(t.logs)); err != nil {
			return nil, err
		}
	}
	return t.logs, cs.OnTestEnd(run, t.logs)
}

// test evaluates one batch.
func (m *Model) test(ctx context.Context, b *batch, t *tally) error {
	if b.y == 0 {
		return errors.New("keras: evaluation needs targets")
	}
	if err := m.prepare(b.inputs()); err != nil {
		return err
	}
	return m.with(ctx, keyOf("test", b.specs), m.step(b, false), b, len(b.arrays), func(p *prepared) error { return t.add(p, b) })
}

// with runs a step of the model on a batch and lets f read its results.
func (m *Model) with(ctx context.Context, key string, r *recording, b *batch, arrays int, f func(*prepared) error) error {
	ps := m.programs.Load()
	p, err := ps.take(ctx, key, func() (*prepared, error) {
		specs := m.typed(b)
		return m.compile(r, specs[:arrays])
	})
	if err != nil {
		return err
	}
	defer ps.give(p)
	if err := b.fill(p, arrays); err != nil {
		return err
	}
	if err := m.read(p); err != nil {
		return errors.Wrap(err, "keras")
	}
	return f(p)
}

// read runs a program that only reads the weights.
func (m *Model) read(p *prepared) error {
	m.weights.RLock()
	defer m.weights.RUnlock()
	return p.Run()
}

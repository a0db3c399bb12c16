package callbacks

import (
	"github.com/pkg/errors"
)

// A List is callbacks that are told of everything in order. After [ErrStop] from one the others still hear of the same hook; any other error
// is returned at once, with the callback's type and the hook.
type List []Callback

// each calls a hook of every callback.
func (l List) each(hook string, call func(Callback) error) error {
	var stop error
	for i, c := range l {
		if c == nil {
			return errors.Errorf("callbacks: callback %d is nil", i)
		}
		err := call(c)
		switch {
		case err == nil:
		case errors.Is(err, ErrStop):
			stop = ErrStop
		default:
			return errors.WithMessagef(err, "%T.%s", c, hook)
		}
	}
	return stop
}

// OnTrainBegin implements [Callback].
func (l List) OnTrainBegin(r *Run) error {
	return l.each("OnTrainBegin", func(c Callback) error { return c.OnTrainBegin(r) })
}

// OnTrainEnd implements [Callback].
func (l List) OnTrainEnd(r *Run, logs Logs) error {
	return l.each("OnTrainEnd", func(c Callback) error { return c.OnTrainEnd(r, logs) })
}

// OnEpochBegin implements [Callback].
func (l List) OnEpochBegin(r *Run, epoch int) error {
	return l.each("OnEpochBegin", func(c Callback) error { return c.OnEpochBegin(r, epoch) })
}

// OnEpochEnd implements [Callback].
func (l List) OnEpochEnd(r *Run, epoch int, logs Logs) error {
	return l.each("OnEpochEnd", func(c Callback) error { return c.OnEpochEnd(r, epoch, logs) })
}

// OnTrainBatchBegin implements [Callback].
func (l List) OnTrainBatchBegin(r *Run, batch int) error {
	return l.each("OnTrainBatchBegin", func(c Callback) error { return c.OnTrainBatchBegin(r, batch) })
}

// OnTrainBatchEnd implements [Callback].
func (l List) OnTrainBatchEnd(r *Run, batch int, logs Logs) error {
	return l.each("OnTrainBatchEnd", func(c Callback) error { return c.OnTrainBatchEnd(r, batch, logs) })
}

// OnTestBegin implements [Callback].
func (l List) OnTestBegin(r *Run) error {
	return l.each("OnTestBegin", func(c Callback) error { return c.OnTestBegin(r) })
}

// OnTestEnd implements [Callback].
func (l List) OnTestEnd(r *Run, logs Logs) error {
	return l.each("OnTestEnd", func(c Callback) error { return c.OnTestEnd(r, logs) })
}

// OnTestBatchBegin implements [Callback].
func (l List) OnTestBatchBegin(r *Run, batch int) error {
	return l.each("OnTestBatchBegin", func(c Callback) error { return c.OnTestBatchBegin(r, batch) })
}

// OnTestBatchEnd implements [Callback].
func (l List) OnTestBatchEnd(r *Run, batch int, logs Logs) error {
	return l.each("OnTestBatchEnd", func(c Callback) error { return c.OnTestBatchEnd(r, batch, logs) })
}

// OnPredictBegin implements [Callback].
func (l List) OnPredictBegin(r *Run) error {
	return l.each("OnPredictBegin", func(c Callback) error { return c.OnPredictBegin(r) })
}

// OnPredictEnd implements [Callback].
func (l List) OnPredictEnd(r *Run) error {
	return l.each("OnPredictEnd", func(c Callback) error { return c.OnPredictEnd(r) })
}

// OnPredictBatchBegin implements [Callback].
func (l List) OnPredictBatchBegin(r *Run, batch int) error {
	return l.each("OnPredictBatchBegin", func(c Callback) error { return c.OnPredictBatchBegin(r, batch) })
}

// OnPredictBatchEnd implements [Callback].
func (l List) OnPredictBatchEnd(r *Run, batch int) error {
	return l.each("OnPredictBatchEnd", func(c Callback) error { return c.OnPredictBatchEnd(r, batch) })
}

package keras

import (
	"context"
	"io"
	"strings"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/progbar"
	"github.com/pkg/errors"
)

// A loop runs epochs. Models and trainers of one's own are trained by the same one.
type loop struct {
	first, epochs int
	seed          uint64
	data          source
	begin         func()                                                      // before an epoch
	step          func(ctx context.Context, b *batch) (callbacks.Logs, error) // results since the epoch began
	validate      func(ctx context.Context, l *loop) (callbacks.Logs, error)  // nil: none
	finish        func()                                                      // after the last epoch, whatever ended it; nil: nothing
	run           *callbacks.Run
	callbacks     callbacks.List
	screen        screen
	history       *History
}

// fit trains, until the epochs are over, a callback stops it, the context ends or something fails. The history of the epochs that were
// finished is returned in any case.
func (l *loop) fit(ctx context.Context) (h *History, err error) {
	l.run = l.run.WithContext(ctx)
	defer l.close(&err)
	last, err := l.all(ctx)
	if err != nil && !errors.Is(err, callbacks.ErrStop) {
		return l.history, err
	}
	if err := l.callbacks.OnTrainEnd(l.run, last); err != nil && !errors.Is(err, callbacks.ErrStop) {
		return l.history, err
	}
	return l.history, nil
}

// all runs the epochs and returns the results of the last one.
func (l *loop) all(ctx context.Context) (last callbacks.Logs, err error) {
	if l.finish != nil {
		defer l.finish()
	}
	err = l.callbacks.OnTrainBegin(l.run)
	for epoch := l.first; epoch < l.epochs && err == nil; epoch++ {
		last, err = l.epoch(ctx, epoch)
	}
	return last, err
}

// close lets go of the data and of what callbacks hold, such as files, also after an error, which is the one that counts.
func (l *loop) close(err *error) {
	if p, ok := l.data.(*paced); ok {
		p.close()
	}
	closeAll(l.callbacks, err)
}

// closeAll lets callbacks close their files at the end of a run, whatever ended it.
func closeAll(cs callbacks.List, err *error) {
	for _, c := range cs {
		closer, ok := c.(callbacks.Closer)
		if !ok {
			continue
		}
		if e := closer.Close(); e != nil && *err == nil {
			*err = errors.WithMessagef(e, "%T.Close", c)
		}
	}
}

func (l *loop) epoch(ctx context.Context, epoch int) (callbacks.Logs, error) {
	l.begin()
	if err := l.callbacks.OnEpochBegin(l.run, epoch); err != nil {
		return nil, err
	}
	if err := l.screen.epochBegin(epoch); err != nil {
		return nil, err
	}
	logs, stop, err := l.batches(ctx, epoch)
	if err != nil {
		return nil, err
	}
	if l.validate != nil && l.run.ValidationAfter(epoch) {
		val, err := l.validate(ctx, l)
		if errors.Is(err, callbacks.ErrStop) {
			stop, err = err, nil
		}
		if err != nil {
			return nil, err
		}
		for name, v := range val {
			logs["val_"+name] = v
		}
	}
	err = l.callbacks.OnEpochEnd(l.run, epoch, logs)
	if err != nil && !errors.Is(err, callbacks.ErrStop) {
		return nil, err
	}
	if err := l.screen.epochEnd(logs); err != nil {
		return nil, err
	}
	l.history.add(epoch, logs)
	if stop != nil {
		err = stop
	}
	return logs, err
}

// batches trains on an epoch's batches; stop is [callbacks.ErrStop] where a callback wants training to end after the epoch.
func (l *loop) batches(ctx context.Context, epoch int) (logs callbacks.Logs, stop, err error) {
	n := 0
	for b, err := range l.data.batches(l.seed, epoch) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = l.callbacks.OnTrainBatchBegin(l.run, n)
		}
		if err == nil {
			logs, err = l.step(ctx, b)
		}
		if err != nil {
			return nil, nil, err
		}
		if err := l.callbacks.OnTrainBatchEnd(l.run, n, logs); err != nil {
			if !errors.Is(err, callbacks.ErrStop) {
				return nil, nil, err
			}
			stop = err
		}
		n++
		if err := l.screen.batchEnd(n, logs); err != nil {
			return nil, nil, err
		}
		if stop != nil {
			break
		}
	}
	if n == 0 {
		return nil, nil, errors.New("keras: the data set has no batches")
	}
	return logs, stop, nil
}

// A screen shows progress in Keras's words.
type screen struct {
	logger  progbar.Logger
	on      bool
	entries []progbar.Entry
	names   []string
}

// newScreen shows progress on w as verbose says: 1, also 0, is an animated bar, 2 a line for each epoch.
func newScreen(w io.Writer, verbose, epochs, steps int) screen {
	if verbose == 0 {
		verbose = progbar.Drawn
	}
	return screen{on: w != nil, logger: progbar.Logger{W: w, Verbose: verbose, Epochs: epochs, Steps: steps, Dynamic: true}}
}

func (s *screen) epochBegin(epoch int) error {
	if !s.on {
		return nil
	}
	return s.logger.EpochBegin(epoch)
}

func (s *screen) batchEnd(n int, logs callbacks.Logs) error {
	if !s.on {
		return nil
	}
	return s.logger.BatchEnd(n, s.sorted(logs))
}

func (s *screen) epochEnd(logs callbacks.Logs) error {
	if !s.on {
		return nil
	}
	return s.logger.EpochEnd(s.sorted(logs))
}

// sorted are the values by name, those of validation last, as Keras shows them.
func (s *screen) sorted(logs callbacks.Logs) []progbar.Entry {
	if len(s.names) != len(logs) {
		names := sortedKeys(logs)
		s.names = s.names[:0]
		for _, val := range []bool{false, true} {
			for _, name := range names {
				if strings.HasPrefix(name, "val_") == val {
					s.names = append(s.names, name)
				}
			}
		}
	}
	s.entries = s.entries[:0]
	for _, name := range s.names {
		if v, ok := logs[name]; ok {
			s.entries = append(s.entries, progbar.Entry{Name: name, Value: v})
		}
	}
	return s.entries
}

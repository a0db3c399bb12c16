package progbar

import (
	"io"
	"strconv"
	"time"

	"github.com/pkg/errors"
)

// A Logger prints one call of Fit, Evaluate or Predict; it is keras.callbacks.ProgbarLogger. Values are shown as they come: the caller's logs hold
// means since the epoch began. Evaluation inside Fit is silent; what it found comes with [Logger.EpochEnd].
//
// Fields are set before the first call and left alone after it. A Logger is for one run and one goroutine.
type Logger struct {
	W       io.Writer
	Verbose int // 0: nothing; 1: an animated bar; 2: a line per epoch
	Epochs  int // of Fit; from 2 on a line "Epoch 1/5" comes before each
	Steps   int // batches per epoch; 0 or less: not known until the first epoch has ended

	Dynamic bool             // as in [Bar]
	Now     func() time.Time // nil: time.Now

	fitting bool
	target  int // batches per epoch, once known
	seen    int // batches done
	bar     Bar
	header  []byte
}

// EpochBegin starts the bar of an epoch of Fit; epochs count from 0.
func (l *Logger) EpochBegin(epoch int) error {
	l.fitting = true
	l.begin()
	if l.Verbose == Silent || l.Epochs <= 1 {
		return nil
	}
	if l.W == nil {
		return errors.New("progbar: expected a writer in W, got nil")
	}
	l.header = append(l.header[:0], "Epoch "...)
	l.header = strconv.AppendInt(l.header, int64(epoch)+1, 10)
	l.header = append(l.header, '/')
	l.header = strconv.AppendInt(l.header, int64(l.Epochs), 10)
	l.header = append(l.header, '\n')
	_, err := l.W.Write(l.header)
	return errors.Wrap(err, "progbar: write")
}

// BatchEnd shows that so many batches of the epoch are done, 1 after the first. Keeps nothing of logs but the names.
func (l *Logger) BatchEnd(done int, logs []Entry) error {
	l.ensureBegun()
	l.seen = done
	if l.Verbose != Drawn {
		return nil
	}
	return l.bar.update(done, logs, false)
}

// EpochEnd ends the epoch's bar. New names, such as those of validation, come behind those of the batches.
func (l *Logger) EpochEnd(logs []Entry) error { return l.end(logs) }

// TestBegin starts the bar of Evaluate.
func (l *Logger) TestBegin() error {
	if !l.fitting {
		l.begin()
	}
	return nil
}

// TestBatchEnd shows that so many batches are evaluated, 1 after the first.
func (l *Logger) TestBatchEnd(done int, logs []Entry) error {
	if l.fitting {
		return nil
	}
	return l.BatchEnd(done, logs)
}

// TestEnd ends the bar of Evaluate.
func (l *Logger) TestEnd(logs []Entry) error {
	if l.fitting {
		return nil
	}
	return l.end(logs)
}

// PredictBegin starts the bar of Predict.
func (l *Logger) PredictBegin() error {
	l.begin()
	return nil
}

// PredictBatchEnd shows that so many batches are predicted, 1 after the first.
func (l *Logger) PredictBatchEnd(done int) error { return l.BatchEnd(done, nil) }

// PredictEnd ends the bar of Predict.
func (l *Logger) PredictEnd() error { return l.end(nil) }

func (l *Logger) begin() {
	l.seen = 0
	if l.target <= 0 {
		l.target = l.Steps
	}
	l.bar.W, l.bar.Verbose, l.bar.Target = l.W, l.Verbose, l.target
	l.bar.Dynamic, l.bar.Now = l.Dynamic, l.Now
	l.bar.StatelessMetrics = []string{} // given and empty: the bar averages nothing
	l.bar.Start()
}

func (l *Logger) ensureBegun() {
	if !l.bar.started {
		l.begin()
	}
}

// end draws the whole bar even if the epoch was cut short, as Keras does. The first epoch's length is the target of those after it.
func (l *Logger) end(logs []Entry) error {
	l.ensureBegun()
	if l.target <= 0 {
		l.target = l.seen
		l.bar.Target = l.seen
	}
	return l.bar.Finish(l.target, logs)
}

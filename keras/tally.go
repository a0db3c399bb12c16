package keras

import (
	"slices"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/pkg/errors"
)

// A tally is the running results of an epoch or an evaluation: the mean loss and the metrics.
type tally struct {
	compiled *compiled
	measures []measure
	loss     float64
	each     []float64 // of the outputs that have a loss, where several have one
	samples  float64
	logs     callbacks.Logs
}

// newTally counts with the model's own metrics, or with fresh ones of the same kind.
func (m *Model) newTally(own bool) *tally {
	c := m.compilation.Load()
	t := &tally{compiled: c, measures: c.measures, logs: callbacks.Logs{}}
	if len(c.lossKeys) > 1 {
		t.each = make([]float64, len(c.lossKeys))
	}
	if own {
		return t
	}
	t.measures = slices.Clone(c.measures)
	for i := range t.measures {
		t.measures[i].Metric = fresh(t.measures[i].Metric)
	}
	return t
}

// begin forgets everything, at the start of an epoch or an evaluation.
func (t *tally) begin() {
	clear(t.logs)
	t.loss, t.samples = 0, 0
	clear(t.each)
	for _, x := range t.measures {
		x.Reset()
	}
}

// add counts a batch that a program has computed.
func (t *tally) add(p *prepared, b *batch) error {
	n := float64(b.n)
	t.loss += p.loss() * n
	t.samples += n
	info := p.info.(*stepInfo)
	if info.scored == nil && len(t.measures)+len(t.each) > 0 {
		if err := t.compiled.score(p, b); err != nil {
			return errors.Wrap(err, "keras")
		}
	}
	for i := range t.each {
		t.each[i] += float64(info.losses[i].Float32s()[0]) * n
	}
	for i := range info.scored {
		if err := info.scored[i].weigh(); err != nil {
			return errors.Wrap(err, "keras")
		}
	}
	for _, x := range t.measures {
		s := &info.scored[x.output]
		weight := s.weights(x)
		if s.yTrue == nil {
			return errors.Errorf("keras: metric %q: its output has no target", x.key)
		}
		if err := x.Update(s.yTrue, s.yPred, weight); err != nil {
			return errors.Wrap(err, "keras")
		}
	}
	t.results()
	return nil
}

// results brings the logs up to date.
func (t *tally) results() {
	t.logs["loss"] = t.loss / t.samples
	for i, v := range t.each {
		t.logs[t.compiled.lossKeys[i]] = v / t.samples
	}
	for _, x := range t.measures {
		t.logs[x.key] = x.Result()
	}
}

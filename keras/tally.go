package keras

import (
	"reflect"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/metrics"
	"github.com/pkg/errors"
)

// A tally is the running results of an epoch or an evaluation: the mean loss and the metrics.
type tally struct {
	plain    []metrics.Metric
	weighted []metrics.Metric
	outputs  []string // of a model with several: their own losses are reported too
	loss     float64
	each     []float64
	samples  float64
	logs     callbacks.Logs
}

// newTally counts with the model's own metrics, or with fresh ones of the same kind.
func (m *Model) newTally(own bool) *tally {
	t := &tally{logs: callbacks.Logs{}, outputs: m.lossNames()}
	t.plain, t.weighted = m.compilation.Load().Metrics, m.compilation.Load().WeightedMetrics
	if !own {
		t.plain, t.weighted = fresh(t.plain), fresh(t.weighted)
	}
	return t
}

// fresh makes metrics with the same settings that have counted nothing. A metric can say itself how, by a method Clone.
func fresh(ms []metrics.Metric) []metrics.Metric {
	out := make([]metrics.Metric, len(ms))
	for i, x := range ms {
		if c, ok := x.(interface{ Clone() metrics.Metric }); ok {
			out[i] = c.Clone()
			continue
		}
		out[i] = x
		v := reflect.ValueOf(x)
		if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
			continue
		}
		c := reflect.New(v.Type().Elem())
		for f := range v.Elem().NumField() {
			if c.Elem().Field(f).CanSet() {
				c.Elem().Field(f).Set(v.Elem().Field(f))
			}
		}
		out[i] = c.Interface().(metrics.Metric)
	}
	return out
}

// begin forgets everything, at the start of an epoch or an evaluation.
func (t *tally) begin() {
	clear(t.logs)
	t.loss, t.samples = 0, 0
	clear(t.each)
	for _, x := range t.plain {
		x.Reset()
	}
	for _, x := range t.weighted {
		x.Reset()
	}
}

// add counts a batch that a program has computed.
func (t *tally) add(p *prepared, b *batch) error {
	n := float64(b.n)
	t.loss += p.loss() * n
	t.samples += n
	t.name(p)
	for i := range t.each {
		t.each[i] += float64(p.output(outputLoss(i)).Float32s()[0]) * n
	}
	yTrue, yPred, plain, weighted := b.target(p, 0), p.output(firstPrediction), []float32(nil), b.weight
	if _, ok := p.info.(*stepInfo).outputs[predictionMask]; ok && len(t.plain)+len(t.weighted) > 0 {
		m, err := p.maskedSteps(yTrue)
		if err != nil {
			return errors.Wrap(err, "keras")
		}
		yTrue, yPred, plain, weighted = m.yTrue, m.yPred, m.mask, m.weight(b.weight)
	}
	for _, x := range t.plain {
		if err := x.Update(yTrue, yPred, plain); err != nil {
			return errors.Wrap(err, "keras")
		}
	}
	for _, x := range t.weighted {
		if err := x.Update(yTrue, yPred, weighted); err != nil {
			return errors.Wrap(err, "keras")
		}
	}
	t.results()
	return nil
}

var firstPrediction = prediction(0)

// name finds out, at the first batch, which outputs have a loss of their own to report.
func (t *tally) name(p *prepared) {
	if t.each != nil {
		return
	}
	t.each = []float64{}
	for i := 0; ; i++ {
		if _, ok := p.info.(*stepInfo).outputs[outputLoss(i)]; !ok {
			return
		}
		t.each = append(t.each, 0)
	}
}

// outputLoss is the name of the loss of an output in the model's own programs.
func outputLoss(i int) string { return "loss_" + itoa(i) }

// results brings the logs up to date.
func (t *tally) results() {
	t.logs["loss"] = t.loss / t.samples
	for i, v := range t.each {
		t.logs[t.outputs[i]+"_loss"] = v / t.samples
	}
	for _, x := range t.plain {
		t.logs[x.Name()] = x.Result()
	}
	for _, x := range t.weighted {
		t.logs[x.Name()] = x.Result()
	}
}

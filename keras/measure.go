package keras

import (
	"reflect"

	"github.com/gokeras/gokeras/metrics"
	"github.com/pkg/errors"
)

// A measure is a metric of one of a model's outputs.
type measure struct {
	metrics.Metric
	key      string // in the logs
	output   int
	weighted bool // sample weights count
}

// measures lists the metrics of all outputs under Keras's names: with several outputs the output's name comes first, and a name that is
// taken gets a number, or "weighted_" where the other is not.
func (o *CompileOptions) measures(outputs []string) ([]measure, error) {
	var all []measure
	counts := map[string]int{}
	for _, kind := range []struct {
		what     string
		metrics  []metrics.Metric
		weighted bool
	}{{"Metrics", o.Metrics, false}, {"WeightedMetrics", o.WeightedMetrics, true}} {
		each, err := metrics.ForOutputs(kind.metrics, outputs)
		if err != nil {
			return nil, errors.WithMessage(err, kind.what)
		}
		for i, ms := range each {
			for _, x := range ms {
				if isNil(x) {
					return nil, errors.Errorf("%s: a metric is nil", kind.what)
				}
				prefix := ""
				if len(outputs) > 1 {
					prefix = outputs[i] + "_"
				}
				key := prefix + x.Name()
				if kind.weighted && counts[key] > 0 {
					key = prefix + "weighted_" + x.Name()
				}
				if key == "loss" {
					return nil, errors.Errorf("%s: a metric is named %q, as the loss is", kind.what, key)
				}
				all = append(all, measure{Metric: x, key: numberedKey(key, counts), output: i, weighted: kind.weighted})
			}
		}
	}
	return all, nil
}

// numberedKey is the key, with a number where it is taken.
func numberedKey(key string, counts map[string]int) string {
	defer func() { counts[key]++ }()
	return numbered(key, counts)
}

// fresh makes a metric with the same settings that has counted nothing. A metric can say itself how, by a method Clone.
func fresh(x metrics.Metric) metrics.Metric {
	if c, ok := x.(interface{ Clone() metrics.Metric }); ok {
		return c.Clone()
	}
	v := reflect.ValueOf(x)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return x
	}
	c := reflect.New(v.Type().Elem())
	for f := range v.Elem().NumField() {
		if c.Elem().Field(f).CanSet() {
			c.Elem().Field(f).Set(v.Elem().Field(f))
		}
	}
	return c.Interface().(metrics.Metric)
}

package keras

import (
	"reflect"

	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/metrics"
	"github.com/pkg/errors"
)

// encodeCompiled is the way the model is trained as Keras's compile_config.
func (m *Model) encodeCompiled() (map[string]any, error) {
	c := m.compilation.Load()
	optimizer, err := encodeOptimizer(c.Optimizer)
	if err != nil {
		return nil, errors.WithMessage(err, "optimizer")
	}
	names := m.outputNames(max(1, len(m.outputs)))
	loss, err := encodeLoss(c.Loss, names)
	if err != nil {
		return nil, errors.WithMessage(err, "loss")
	}
	plain, err := encodeMetrics(c.Metrics, len(names))
	if err != nil {
		return nil, errors.WithMessage(err, "metrics")
	}
	weighted, err := encodeMetrics(c.WeightedMetrics, len(names))
	if err != nil {
		return nil, errors.WithMessage(err, "weighted_metrics")
	}
	return map[string]any{
		"optimizer": optimizer, "loss": loss, "loss_weights": encodeLossWeights(c, names), "metrics": plain, "weighted_metrics": weighted,
		"run_eagerly": false, "steps_per_execution": 1, // and jit_compile as each backend of Keras has it
	}, nil
}

// encodeOptimizer writes the learning rate as it is now.
func encodeOptimizer(o optimizers.Optimizer) (map[string]any, error) {
	e, err := saving.ToConfig(o)
	if err != nil {
		return nil, err
	}
	if o.Rate().Schedule == nil {
		e["config"].(map[string]any)["learning_rate"] = optimizers.LearningRate(o)
	}
	return e, nil
}

func optimizerClass(o optimizers.Optimizer) string {
	name, _ := saving.ClassName(o)
	return name
}

// encodeLoss writes a loss; where a model has several outputs, one for each.
func encodeLoss(l losses.Loss, outputs []string) (any, error) {
	named, ok := l.(losses.Named)
	if ok {
		all := map[string]any{}
		for name, each := range named {
			e, err := saving.Encode(each)
			if err != nil {
				return nil, errors.WithMessage(err, name)
			}
			all[name] = e
		}
		return all, nil
	}
	each, err := losses.ForOutputs(l, outputs)
	if err != nil {
		return nil, err
	}
	all := make([]any, len(each))
	for i, l := range each {
		if all[i], err = saving.Encode(l); err != nil {
			return nil, err
		}
	}
	return unlisted(all), nil
}

func encodeLossWeights(c *compiled, outputs []string) any {
	if c.LossWeights == nil || len(c.LossWeights) != len(outputs) {
		return nil
	}
	if _, ok := c.Loss.(losses.Named); ok {
		named := map[string]any{}
		for i, name := range outputs {
			named[name] = c.LossWeights[i]
		}
		return named
	}
	all := make([]any, len(outputs))
	for i, w := range c.LossWeights {
		all[i] = w
	}
	return unlisted(all)
}

// encodeMetrics writes metrics, which are those of the first output.
func encodeMetrics(ms []metrics.Metric, outputs int) (any, error) {
	if len(ms) == 0 {
		return nil, nil
	}
	list := make([]any, len(ms))
	for i, x := range ms {
		e, err := encodeMetric(x)
		if err != nil {
			return nil, err
		}
		list[i] = e
	}
	if outputs == 1 {
		return list, nil
	}
	each := make([]any, outputs)
	for i := range each {
		each[i] = []any{}
	}
	each[0] = list
	return each, nil
}

func encodeMetric(x metrics.Metric) (any, error) {
	a, ok := x.(*metrics.Accuracy)
	if !ok {
		return saving.Encode(x)
	}
	if name := a.Name(); name != "accuracy" && name != "acc" {
		return nil, errors.Errorf("Accuracy labelled %q: in files it has the name accuracy or acc; take the accuracy of a certain kind, such as SparseCategoricalAccuracy", name)
	}
	return a.Name(), nil
}

// decodeCompiled reads Keras's compile_config.
func decodeCompiled(config map[string]any, outputs []string) (o CompileOptions, err error) {
	if o.Optimizer, err = saving.Decode[optimizers.Optimizer](config["optimizer"]); err != nil {
		return o, errors.WithMessage(err, "optimizer")
	}
	if o.Loss, err = decodeLoss(config["loss"]); err != nil {
		return o, errors.WithMessage(err, "loss")
	}
	if o.LossWeights, err = decodeLossWeights(config["loss_weights"], outputs); err != nil {
		return o, errors.WithMessage(err, "loss_weights")
	}
	if o.Metrics, err = decodeMetrics(config["metrics"], outputs); err != nil {
		return o, errors.WithMessage(err, "metrics")
	}
	o.WeightedMetrics, err = decodeMetrics(config["weighted_metrics"], outputs)
	return o, errors.WithMessage(err, "weighted_metrics")
}

func decodeLoss(v any) (losses.Loss, error) {
	switch v := v.(type) {
	case nil:
		return nil, errors.New("expected one, got none")
	case []any:
		each, err := saving.Decode[[]losses.Loss](v)
		if len(each) == 1 && err == nil {
			return each[0], nil
		}
		return losses.Each(each), err
	case map[string]any:
		if _, object := v["class_name"]; !object {
			named, err := saving.Decode[map[string]losses.Loss](v)
			return losses.Named(named), err
		}
	}
	return saving.Decode[losses.Loss](v)
}

func decodeLossWeights(v any, outputs []string) ([]float64, error) {
	named, ok := v.(map[string]any)
	if !ok {
		return saving.Decode[[]float64](v)
	}
	ws := make([]float64, len(outputs))
	for i, name := range outputs {
		ws[i] = 1
		if named[name] == nil {
			continue
		}
		w, err := saving.Decode[float64](named[name])
		if err != nil {
			return nil, errors.WithMessage(err, name)
		}
		ws[i] = w
	}
	return ws, nil
}

// decodeMetrics reads the metrics of the first output: a list, or for several outputs a list or an object of lists.
func decodeMetrics(v any, outputs []string) ([]metrics.Metric, error) {
	if named, ok := v.(map[string]any); ok && named["class_name"] == nil {
		each := make([]any, len(outputs))
		for i, name := range outputs {
			each[i] = named[name]
		}
		v = each
	}
	list, ok := v.([]any)
	if v != nil && !ok {
		list = []any{v}
	}
	if nested(list) || len(outputs) > 1 && ok {
		for i, other := range list[min(1, len(list)):] {
			if l, ok := other.([]any); other != nil && !(ok && len(l) == 0) {
				return nil, errors.Errorf("output %d: metrics of outputs behind the first are not supported", i+1)
			}
		}
		if len(list) == 0 || list[0] == nil {
			return nil, nil
		}
		if inner, ok := list[0].([]any); ok {
			list = inner
		} else {
			list = list[:1]
		}
	}
	var ms []metrics.Metric
	for _, e := range list {
		x, err := decodeMetric(e)
		if err != nil {
			return nil, err
		}
		ms = append(ms, x)
	}
	return ms, nil
}

func nested(list []any) bool {
	for _, e := range list {
		if _, ok := e.([]any); ok {
			return true
		}
	}
	return false
}

// decodeMetric reads a metric. One that is given by a word has that word as its name.
func decodeMetric(v any) (metrics.Metric, error) {
	word, ok := v.(string)
	if ok && (word == "accuracy" || word == "acc") {
		a := &metrics.Accuracy{}
		if word != a.Name() {
			a.Label = word
		}
		return a, nil
	}
	x, err := saving.Decode[metrics.Metric](v)
	if err != nil || !ok || x.Name() == word {
		return x, err
	}
	if label := reflect.ValueOf(x).Elem().FieldByName("Label"); label.IsValid() && label.Kind() == reflect.String {
		label.SetString(word)
	}
	return x, nil
}

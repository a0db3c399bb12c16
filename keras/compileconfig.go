package keras

import (
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
	plain, err := encodeMetrics(c.Metrics)
	if err != nil {
		return nil, errors.WithMessage(err, "metrics")
	}
	weighted, err := encodeMetrics(c.WeightedMetrics)
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

// encodeMetrics writes metrics as they were given: a list, or one for each output by position or name.
func encodeMetrics(ms []metrics.Metric) (any, error) {
	if len(ms) == 0 {
		return nil, nil
	}
	switch all := ms[0].(type) {
	case metrics.Each:
		each := make([]any, len(all))
		for i, ms := range all {
			list, err := encodeList(ms)
			if err != nil {
				return nil, err
			}
			each[i] = list
		}
		return each, nil
	case metrics.Named:
		named := map[string]any{}
		for name, ms := range all {
			list, err := encodeList(ms)
			if err != nil {
				return nil, errors.WithMessage(err, name)
			}
			named[name] = list
		}
		return named, nil
	}
	return encodeList(ms)
}

func encodeList(ms []metrics.Metric) ([]any, error) {
	list := make([]any, len(ms))
	for i, x := range ms {
		e, err := encodeMetric(x)
		if err != nil {
			return nil, err
		}
		list[i] = e
	}
	return list, nil
}

func encodeMetric(x metrics.Metric) (any, error) {
	if word, ok := x.(metrics.Word); ok {
		return string(word), nil
	}
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
	if o.Metrics, err = decodeMetrics(config["metrics"]); err != nil {
		return o, errors.WithMessage(err, "metrics")
	}
	o.WeightedMetrics, err = decodeMetrics(config["weighted_metrics"])
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

// decodeMetrics reads a list of metrics, or lists for the outputs by position or name.
func decodeMetrics(v any) ([]metrics.Metric, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []any:
		if !nested(v) {
			return decodeList(v)
		}
		each := make(metrics.Each, len(v))
		for i, e := range v {
			var err error
			if each[i], err = decodeList(e); err != nil {
				return nil, err
			}
		}
		return []metrics.Metric{each}, nil
	case map[string]any:
		if v["class_name"] != nil {
			break
		}
		named := metrics.Named{}
		for name, e := range v {
			var err error
			if named[name], err = decodeList(e); err != nil {
				return nil, errors.WithMessage(err, name)
			}
		}
		return []metrics.Metric{named}, nil
	}
	return decodeList(v)
}

// nested reports whether a list has one entry for each output.
func nested(list []any) bool {
	for _, e := range list {
		if _, ok := e.([]any); ok || e == nil {
			return true
		}
	}
	return false
}

// decodeList reads the metrics of one output.
func decodeList(v any) ([]metrics.Metric, error) {
	list, ok := v.([]any)
	if !ok && v != nil {
		list = []any{v}
	}
	var ms []metrics.Metric
	for _, e := range list {
		if word, ok := e.(string); ok {
			ms = append(ms, metrics.Word(word))
			continue
		}
		x, err := saving.Decode[metrics.Metric](e)
		if err != nil {
			return nil, err
		}
		ms = append(ms, x)
	}
	return ms, nil
}

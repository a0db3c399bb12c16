package metrics

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Each gives metrics to each output of a model, by position. It stands alone in a list of metrics.
type Each [][]Metric

// Named gives metrics to a model's outputs by the names of the layers that make them; an output that is not named has none. It stands
// alone in a list of metrics.
type Named map[string][]Metric

// Word is a metric by Keras's word for it, which becomes its name: "accuracy", "acc", "mse", "AUC", "f1_score". See [Get].
type Word string

// Name implements [Metric].
func (Each) Name() string { return "each" }

// Reset implements [Metric].
func (Each) Reset() {}

// Update implements [Metric] with an error: a model asks for its outputs' metrics by [ForOutputs].
func (Each) Update(_, _, _ *tensor.Dense) error {
	return errors.New("metrics: Each lists metrics of several outputs and measures none; ForOutputs gives each output its own")
}

// Result implements [Metric] with NaN.
func (Each) Result() float64 { return math.NaN() }

// Name implements [Metric].
func (Named) Name() string { return "named" }

// Reset implements [Metric].
func (Named) Reset() {}

// Update implements [Metric] with an error: a model asks for its outputs' metrics by [ForOutputs].
func (Named) Update(_, _, _ *tensor.Dense) error {
	return errors.New("metrics: Named lists metrics of several outputs and measures none; ForOutputs gives each output its own")
}

// Result implements [Metric] with NaN.
func (Named) Result() float64 { return math.NaN() }

// Name implements [Metric].
func (w Word) Name() string { return string(w) }

// Reset implements [Metric].
func (Word) Reset() {}

// Update implements [Metric] with an error: a model asks what the word means by [ForOutputs].
func (w Word) Update(_, _, _ *tensor.Dense) error {
	return errors.Errorf("metrics: Word %q only names a metric; Get returns it", string(w))
}

// Result implements [Metric] with NaN.
func (Word) Result() float64 { return math.NaN() }

// ForOutputs gives a model's outputs, whose names are given, their metrics, by Keras's rules: all go to a single output; of a list for
// several outputs, one goes to each; [Each] and [Named] say it themselves. Words are resolved by [Get]. The result has an entry for each
// output.
func ForOutputs(ms []Metric, names []string) ([][]Metric, error) {
	each, err := share(ms, names)
	if err != nil {
		return nil, err
	}
	for i, list := range each {
		if each[i], err = spelled(list); err != nil {
			return nil, errors.WithMessagef(err, "output %q", names[i])
		}
	}
	return each, nil
}

// share returns a new slice of who gets what.
func share(ms []Metric, names []string) ([][]Metric, error) {
	if len(ms) == 0 {
		return make([][]Metric, len(names)), nil
	}
	if len(ms) == 1 {
		switch all := ms[0].(type) {
		case Each:
			if len(all) != len(names) {
				return nil, errors.Errorf("metrics: Each: expected an entry for each of %d outputs, got %d", len(names), len(all))
			}
			return slices.Clone([][]Metric(all)), nil
		case Named:
			return all.share(names)
		}
	}
	if len(names) == 1 {
		return [][]Metric{ms}, nil
	}
	if len(ms) != len(names) {
		return nil, errors.Errorf("metrics: expected one for each of %d outputs, or metrics.Each or metrics.Named, got %d", len(names), len(ms))
	}
	each := make([][]Metric, len(names))
	for i := range ms {
		each[i] = ms[i : i+1]
	}
	return each, nil
}

func (n Named) share(names []string) ([][]Metric, error) {
	for name := range n {
		if !slices.Contains(names, name) {
			return nil, errors.Errorf("metrics: Named: output %q: the outputs are %q", name, names)
		}
	}
	each := make([][]Metric, len(names))
	for i, name := range names {
		each[i] = n[name]
	}
	return each, nil
}

// spelled resolves the words of a list.
func spelled(list []Metric) ([]Metric, error) {
	list = slices.Clone(list)
	for i, m := range list {
		switch m := m.(type) {
		case Word:
			resolved, err := Get(string(m))
			if err != nil {
				return nil, err
			}
			list[i] = resolved
		case Each, Named:
			return nil, errors.Errorf("metrics: %T: expected alone in the list of metrics, got it beside or inside others", m)
		}
	}
	return list, nil
}

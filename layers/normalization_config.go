package layers

import (
	"slices"

	"github.com/pkg/errors"
)

// SaveConfig implements [saving.ConfigSaver]: a mean for several axes stands in lists within lists.
func (n *Normalization) SaveConfig(config map[string]any) error {
	shape := n.shape
	if last := len(n.kept) - 1; shape == nil && last > 0 && len(n.Mean) > 1 && len(n.Mean) != n.kept[last] {
		shape = n.kept
	}
	for name, v := range map[string][]float64{"mean": n.Mean, "variance": n.Variance} {
		if v != nil && shape != nil {
			config[name] = nested(v, shape)
		}
	}
	return nil
}

func nested(v []float64, shape []int) any {
	if len(shape) == 0 {
		return v[0]
	}
	list := make([]any, shape[0])
	n := len(v) / shape[0]
	for i := range list {
		list[i] = nested(v[i*n:(i+1)*n], shape[1:])
	}
	return list
}

// LoadConfig implements [saving.ConfigLoader].
func (n *Normalization) LoadConfig(config map[string]any) error {
	if axis, ok := config["axis"]; ok && axis == nil {
		config["axis"] = []any{}
	}
	for _, name := range []string{"mean", "variance"} {
		list, ok := config[name].([]any)
		if !ok || len(list) == 0 {
			continue
		}
		if _, deep := list[0].([]any); !deep {
			continue
		}
		flat, shape, err := flatten(list)
		if err != nil {
			return errors.WithMessage(err, name)
		}
		config[name], n.shape = flat, shape
	}
	return nil
}

// flatten takes lists of equal lengths within lists apart.
func flatten(v any) (flat []any, shape []int, err error) {
	list, ok := v.([]any)
	if !ok {
		return []any{v}, []int{}, nil
	}
	var inner []int
	for i, e := range list {
		f, s, err := flatten(e)
		if err != nil {
			return nil, nil, err
		}
		if i > 0 && !slices.Equal(s, inner) {
			return nil, nil, errors.Errorf("expected lists of equal lengths, got %v and %v", inner, s)
		}
		flat, inner = append(flat, f...), s
	}
	return flat, append([]int{len(list)}, inner...), nil
}

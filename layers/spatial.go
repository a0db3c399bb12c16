package layers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// firstSpatial is the first of the n axes that are neither the batch nor the channels.
func firstSpatial(format DataFormat, x ops.Tensor, n int) (int, error) {
	first := 1
	switch format {
	case "", ChannelsLast:
	case ChannelsFirst:
		first = 2
	default:
		return 0, errors.Errorf("data_format %q: expected %q or %q", format, ChannelsLast, ChannelsFirst)
	}
	if x.Rank() != n+2 {
		return 0, errors.Errorf("input of shape %v: expected %d axes with the batch and the channels, got %d", x.Shape(), n+2, x.Rank())
	}
	return first, nil
}

// borders reads two numbers, for before and behind, for each of some axes: v holds both, or one for both, for each axis or once for all.
// other is what nil means.
func borders(name string, v [][]int, axes, other int) ([][2]int, error) {
	if v == nil {
		v = [][]int{{other}}
	}
	if len(v) != axes && !(len(v) == 1 && len(v[0]) == 1) {
		return nil, errors.Errorf("%s %v: expected one number, or one or two for each of %d axes", name, v, axes)
	}
	all := make([][2]int, axes)
	for i := range all {
		pair := v[min(i, len(v)-1)]
		if len(pair) != 1 && len(pair) != 2 {
			return nil, errors.Errorf("%s %v: expected one or two numbers for an axis, got %d", name, v, len(pair))
		}
		all[i] = [2]int{pair[0], pair[len(pair)-1]}
		if all[i][0] < 0 || all[i][1] < 0 {
			return nil, errors.Errorf("%s %v: expected numbers of at least 0", name, v)
		}
	}
	return all, nil
}

// multiples reads a positive number for each of some axes: v holds one for each, or one for all; nil means 2.
func multiples(name string, v []int, axes int) ([]int, error) {
	if v == nil {
		v = []int{2}
	}
	if len(v) != axes && len(v) != 1 {
		return nil, errors.Errorf("%s %v: expected one number, or one for each of %d axes", name, v, axes)
	}
	all := make([]int, axes)
	for i := range all {
		all[i] = v[min(i, len(v)-1)]
		if err := positive(name, all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// channelsLast applies f to x, which has n axes beside the batch and the channels, with the channels last, whatever the format.
func channelsLast(b *Builder, format DataFormat, x ops.Tensor, n int, f func(ops.Tensor) ops.Tensor) ops.Tensor {
	if x.Err() != nil {
		return x
	}
	first, err := firstSpatial(format, x, n)
	if err != nil {
		return b.Errorf("%s", err)
	}
	if first == 1 {
		return f(x)
	}
	behind, before := []int{0}, []int{0, n + 1}
	for i := range n {
		behind, before = append(behind, i+2), append(before, i+1)
	}
	y := f(ops.Transpose(x, append(behind, 1)...))
	if y.Err() != nil || y.Rank() != n+2 {
		return y
	}
	return ops.Transpose(y, before...)
}

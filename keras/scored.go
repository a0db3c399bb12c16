package keras

import (
	"slices"

	"github.com/gokeras/gokeras/metrics"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A scored output is what metrics see of it. The arrays show a program's memory.
type scored struct {
	yTrue  *tensor.Dense // nil: the output has no target
	yPred  *tensor.Dense
	mask   *tensor.Dense // of the predictions, 1 and 0; nil: none
	weight *tensor.Dense // the samples' weights, with the mask; nil: all 1

	samples *tensor.Dense // the samples' weights alone
}

// score finds the arrays of each output in a program, once.
func (c *compiled) score(p *prepared, b *batch) error {
	info := p.info.(*stepInfo)
	targets, err := c.targets(b.y)
	if err != nil {
		return err
	}
	all := make([]scored, len(targets))
	for i, k := range targets {
		s := &all[i]
		s.yPred = p.output(prediction(i))
		if at, ok := info.outputs[predictionMask(i)]; ok {
			s.mask = p.Outputs()[at]
			s.weight = s.mask
		}
		if k < 0 {
			continue
		}
		s.yTrue = p.Inputs()[b.x+k]
		if w := b.weightOf(k); w >= 0 {
			s.samples = p.Inputs()[w]
			s.weight = s.samples
		}
		if s.mask != nil && s.samples != nil {
			shape, err := joined(s.mask.Shape(), s.samples.Shape())
			if err != nil {
				return err
			}
			s.weight = tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...))
		}
	}
	for i := range c.lossKeys {
		if at, ok := info.outputs[outputLoss(i)]; ok {
			info.losses = append(info.losses, p.Outputs()[at])
		}
	}
	info.scored = all
	return nil
}

// weigh multiplies mask and sample weights where there are both.
func (s *scored) weigh() error {
	if s.mask == nil || s.samples == nil {
		return nil
	}
	product := s.weight.Float32s()
	shape := s.weight.Shape()
	spread(product, s.mask.Float32s(), shape, s.mask.Shape(), func(_, v float32) float32 { return v })
	spread(product, s.samples.Float32s(), shape, s.samples.Shape(), func(m, v float32) float32 { return m * v })
	return nil
}

// weights are what counts in a metric: the samples' weights where it is weighted, and the mask where it does not ignore it.
func (s *scored) weights(x measure) *tensor.Dense {
	m, ok := x.Metric.(metrics.MaskIgnorer)
	switch ignores := ok && m.IgnoresMask(); {
	case ignores && x.weighted:
		return s.samples
	case ignores:
		return nil
	case x.weighted:
		return s.weight
	}
	return s.mask
}

// joined is the shape of a mask together with weights: axis by axis from the first one, where one of them may have size 1 or be missing.
func joined(mask, weight []int) ([]int, error) {
	shape := make([]int, max(len(mask), len(weight)))
	for i := range shape {
		m, w := 1, 1
		if i < len(mask) {
			m = mask[i]
		}
		if i < len(weight) {
			w = weight[i]
		}
		if m != w && m != 1 && w != 1 {
			return nil, errors.Errorf("sample weights of shape %s do not fit the predictions' mask of shape %s", shapeText(weight), shapeText(mask))
		}
		shape[i] = max(m, w)
	}
	if n := len(shape); n > len(mask) && shape[n-1] == 1 {
		shape = shape[:n-1]
	}
	return shape, nil
}

// spread combines dst with x, whose axes are dst's first ones or have size 1.
func spread(dst, x []float32, shape, from []int, f func(d, x float32) float32) {
	if slices.Equal(shape, from) {
		for i, v := range x {
			dst[i] = f(dst[i], v)
		}
		return
	}
	for i := range dst {
		at, stride, rest := 0, 1, i
		for a, size := range slices.Backward(shape) {
			k := rest % size
			rest /= size
			if a < len(from) && from[a] > 1 {
				at += k * stride
				stride *= from[a]
			}
		}
		dst[i] = f(dst[i], x[at])
	}
}

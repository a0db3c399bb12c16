package keras

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// maskedSteps is how metrics see predictions with a mask: each step of a sequence is a sample, and the mask its weight. The arrays show a
// program's memory.
type maskedSteps struct {
	yTrue, yPred *tensor.Dense
	mask         []float32
	product      []float32 // of mask and sample weights
}

// maskedSteps makes the view once for a program.
func (p *prepared) maskedSteps(yTrue *tensor.Dense) (*maskedSteps, error) {
	info := p.info.(*stepInfo)
	if info.masked != nil {
		return info.masked, nil
	}
	mask := p.output(predictionMask)
	m := &maskedSteps{mask: mask.Float32s()}
	var err error
	if m.yTrue, err = stepwise(yTrue, mask.Shape()); err != nil {
		return nil, errors.WithMessage(err, "target 0")
	}
	if m.yPred, err = stepwise(p.output(firstPrediction), mask.Shape()); err != nil {
		return nil, errors.WithMessage(err, "output 0")
	}
	info.masked = m
	return m, nil
}

// stepwise is an array [batch, time, ...] as [batch·time, ...], over the same memory.
func stepwise(a *tensor.Dense, mask []int) (*tensor.Dense, error) {
	shape := []int(a.Shape())
	if len(shape) < len(mask) || !slices.Equal(shape[:len(mask)], mask) {
		return nil, errors.Errorf("shape %s does not begin with the mask's, %s", shapeText(shape), shapeText(mask))
	}
	n := 1
	for _, d := range mask {
		n *= d
	}
	flat := a.ShallowClone()
	return flat, flat.Reshape(append([]int{n}, shape[len(mask):]...)...)
}

// weight is the weight of each step where samples have weights; nil weights are 1.
func (m *maskedSteps) weight(samples []float32) []float32 {
	if samples == nil {
		return m.mask
	}
	m.product = append(m.product[:0], m.mask...)
	steps := len(m.mask) / len(samples)
	for i := range m.product {
		m.product[i] *= samples[i/steps]
	}
	return m.product
}

package ops

import "gorgonia.org/tensor"

// Evaluate computes tensors made of arrays, variables and other constants, on the spot.
func Evaluate(t Tensor) (*tensor.Dense, error) {
	p, err := Compile(Options{Outputs: []Tensor{t}})
	if err != nil {
		return nil, err
	}
	if err := p.Run(); err != nil {
		return nil, err
	}
	return p.Outputs()[0], nil
}

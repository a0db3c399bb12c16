package main

import (
	"github.com/gokeras/gokeras/keras/data"
	"gorgonia.org/tensor"
)

// samples are patients and what they have.
type samples struct{ X, Y *tensor.Dense }

func (s samples) batch() data.Batch {
	return data.Batch{X: []*tensor.Dense{s.X}, Y: []*tensor.Dense{s.Y}}
}

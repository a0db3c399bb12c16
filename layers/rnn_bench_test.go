package layers_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
)

// BenchmarkCells is the time forward and backward of LSTM(32) and RNN(LSTMCell(32)) on [32, 50, 16], and of ConvLSTM2D(16, 3) on [8, 10, 16, 16, 4].
func BenchmarkCells(b *testing.B) {
	for _, c := range []struct {
		name  string
		layer layers.Layer
		shape []int
	}{
		{"LSTM", &layers.LSTM{Units: 32}, []int{32, 50, 16}},
		{"RNN(LSTMCell)", &layers.RNN{Cell: &layers.LSTMCell{Units: 32}}, []int{32, 50, 16}},
		{"ConvLSTM2D", &layers.ConvLSTM2D{Filters: 16, KernelSize: []int{3}}, []int{8, 10, 16, 16, 4}},
	} {
		b.Run(c.name, func(b *testing.B) {
			outer := &block{Inner: c.layer}
			x := ops.Placeholder("x", ops.Float32, c.shape...)
			trace := &layers.Trace{}
			layers.NewBuilder(trace, outer, "", true).Apply(c.layer, x)
			if err := trace.Commit(1); err != nil {
				b.Fatal(err)
			}
			y := layers.NewBuilder(&layers.Trace{Sealed: true}, outer, "", true).Apply(c.layer, x)
			o := ops.Options{Inputs: []ops.Tensor{x}, Loss: ops.Sum(ops.Square(y))}
			layers.Walk(c.layer, func(p layers.Part) {
				for _, w := range layers.BaseOf(p).Weights() {
					o.WithRespectTo = append(o.WithRespectTo, w.Tensor())
				}
			})
			p, err := ops.Compile(o)
			if err != nil {
				b.Fatal(err)
			}
			copy(p.Inputs()[0].Float32s(), ramp(c.shape...).Float32s())
			b.ReportAllocs()
			for b.Loop() {
				if err := p.Run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

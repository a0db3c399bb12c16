package main

import (
	"testing"

	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCountStep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		stack        []layers.Layer
		input        []int
		batch, slots int
		want         work
	}{
		{
			// 2·5·3·4 = 120 for each product, forward and for the kernel. 16 weights and biases. Moved: input 15·2, weights 16·3, gradients
			// 16·2, the optimizer's 32·2, output 20·2.
			name: "dense", stack: []layers.Layer{&layers.Dense{Units: 4}}, input: []int{3}, batch: 5, slots: 2,
			want: work{Flops: 240, Bytes: 4 * (30 + 48 + 32 + 64 + 40), Held: 4 * (15 + 16 + 16 + 32 + 20)},
		},
		{
			// The second product, 2·5·4·2 = 80, has both gradients, and its 10 weights are read once more.
			name: "second dense", stack: []layers.Layer{&layers.Dense{Units: 4}, &layers.Dropout{Rate: 0.5}, &layers.Dense{Units: 2}},
			input: []int{3}, batch: 5,
			want: work{Flops: 240 + 240, Bytes: 4 * (30 + 48 + 32 + 40 + 40 + 20 + 20), Held: 4 * (15 + 16 + 16 + 20 + 10 + 10 + 10)},
		},
		{
			// [6,5,2] -> [4,3,7] by 18 inputs for each output: 2·(1·4·3)·18·7 = 3024, twice. 133 weights. Pooling leaves [2,1,7].
			name: "conv, pool, flatten", stack: []layers.Layer{
				&layers.Conv2D{Filters: 7, KernelSize: []int{3}}, &layers.MaxPooling2D{}, &layers.Flatten{},
			}, input: []int{6, 5, 2}, batch: 1, slots: 1,
			want: work{Flops: 6048, Bytes: 4 * (60*2 + 133*7 + 84*2 + 14*2), Held: 4 * (60 + 133*3 + 84 + 14)},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := countStep(c.stack, c.input, c.batch, c.slots)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestCountStepErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		layer layers.Layer
		input []int
		want  string
	}{
		{"no rule", &layers.BatchNormalization{}, []int{3}, "no rule for a layer of type *layers.BatchNormalization"},
		{"dense on an image", &layers.Dense{Units: 2}, []int{3, 3, 1}, "expected one axis"},
		{"strided", &layers.Conv2D{Filters: 2, KernelSize: []int{3}, Strides: []int{2}}, []int{9, 9, 1}, "stride 1"},
		{"same padding", &layers.Conv2D{Filters: 2, KernelSize: []int{3}, Padding: layers.Same}, []int{9, 9, 1}, "valid padding"},
		{"other windows", &layers.MaxPooling2D{PoolSize: []int{3}}, []int{9, 9, 1}, "windows of 2x2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := countStep([]layers.Layer{c.layer}, c.input, 1, 0)
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestEveryWorkloadIsCounted(t *testing.T) {
	t.Parallel()
	// Multiply-adds of a step, by hand: batch · (2 or 3 products of in · out).
	want := map[string]int{
		"mlp":   32 * (2*784*64 + 3*64*10),
		"tiny":  32 * (2*2*3 + 3*3*1),
		"large": 128 * (2*784*512 + 3*512*512 + 3*512*10),
		"cnn":   128 * (2*26*26*9*32 + 3*11*11*288*64 + 3*1600*10),
	}
	require.Len(t, workloads, len(want))
	for _, w := range workloads {
		got, err := countStep(w.stack(true), w.input, w.batch, w.slots)
		require.NoError(t, err)
		assert.Equal(t, 2*want[w.name], got.Flops, w.name)
	}
}

func TestLimitSeconds(t *testing.T) {
	t.Parallel()
	// 6 MFLOP on 2 cores of 100 MFLOP/s take 30 ms; 1 MB at 50 MB/s takes 20 ms.
	assert.InEpsilon(t, 0.05, limitSeconds(work{Flops: 6e6, Bytes: 1e6}, 100e6, 2, 50e6), 1e-12)
}

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCountStep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		count        func(*counter)
		batch, slots int
		want         work
	}{
		{
			// 2·5·3·4 = 120 for each product, forward and for the kernel. 16 weights and biases. Moved: input 15·2, weights 16·3, gradients
			// 16·2, the optimizer's 32·2, output 20·2.
			name: "dense", count: func(c *counter) { c.sample(3); c.dense(3, 4) }, batch: 5, slots: 2,
			want: work{Flops: 240, Bytes: 4 * (30 + 48 + 32 + 64 + 40), Held: 4 * (15 + 16 + 16 + 32 + 20)},
		},
		{
			// The second product, 2·5·4·2 = 80, has both gradients, and its 10 weights are read once more.
			name: "second dense", count: func(c *counter) { c.sample(3); c.dense(3, 4); c.dense(4, 2) }, batch: 5,
			want: work{Flops: 240 + 240, Bytes: 4 * (30 + 48 + 32 + 40 + 40 + 20 + 20), Held: 4 * (15 + 16 + 16 + 20 + 10 + 10 + 10)},
		},
		{
			// [6,5,2] -> [4,3,7] by 18 inputs for each output: 2·(1·4·3)·18·7 = 3024, twice. 133 weights. Pooling leaves [2,1,7].
			name: "conv, pool", count: func(c *counter) { c.sample(60); c.conv(12, 18, 7); c.output(14) }, batch: 1, slots: 1,
			want: work{Flops: 6048, Bytes: 4 * (60*2 + 133*7 + 84*2 + 14*2), Held: 4 * (60 + 133*3 + 84 + 14)},
		},
		{
			// 2 samples of 3 steps: 2·6·4·10 = 480, twice, and 2·6·5·10 = 600 with both gradients. (4+5+1)·10 = 100 weights. 2·3·5 outputs.
			name: "recurrent", count: func(c *counter) { c.recurrent(3, 4, 5, 2) }, batch: 2,
			want: work{Flops: 2*480 + 3*600, Bytes: 4 * (100*4 + 100*2 + 30*2), Held: 4 * (100 + 100 + 30)},
		},
		{
			// 7 rows of 3, of which 2 samples read 4 each; each row and its two numbers of the optimizer are moved.
			name: "embedding", count: func(c *counter) { c.embedding(7, 3, 4) }, batch: 2, slots: 2,
			want: work{Bytes: 4 * (24*2 + 21*2 + 42*2), Held: 4 * (24 + 21 + 42)},
		},
		{
			// Two products of 2·2·3·4·4·5 = 960 each, forward and two gradients.
			name: "attention", count: func(c *counter) { c.attention(4, 3, 5) }, batch: 2,
			want: work{Flops: 6 * 960, Bytes: 4 * 120 * 2, Held: 4 * 120},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, countStep(&workload{count: c.count, batch: c.batch, slots: c.slots}))
		})
	}
}

func TestEveryWorkloadIsCounted(t *testing.T) {
	t.Parallel()
	// Multiply-adds of a step, by hand: batch · (2 or 3 products of in · out).
	blocks := 3 * (1024*(4*144*16) + // the first stage
		256*(16*32+144*32+3*288*32) + // a shortcut, a convolution that halves the picture, three more
		64*(32*64+288*64+3*576*64))
	want := map[string]int{
		"mlp":         32 * (2*784*64 + 3*64*10),
		"tiny":        32 * (2*2*3 + 3*3*1),
		"large":       128 * (2*784*512 + 3*512*512 + 3*512*10),
		"recommender": 64 * 3 * (64*64 + 64),
		"cnn":         128 * (2*26*26*9*32 + 3*11*11*288*64 + 3*1600*10),
		"resnet":      32 * (2*1024*27*16 + blocks + 3*64*10),
		"bilstm":      32 * 3 * (4*200*(128+64)*256 + 128),
		"gru":         64 * (2*120*14*96 + 3*120*(32+32+32)*96 + 3*32),
		"transformer": 32 * 3 * (200*(4*32*64+2*32*32) + 2*2*200*200*32 + 32*20 + 20*2),
		"textcnn":     32 * 3 * ((165+53)*896*128 + 128*128 + 128),
	}
	require.Len(t, workloads, len(want))
	for _, w := range workloads {
		assert.Equal(t, 2*want[w.name], countStep(&w).Flops, w.name)
	}
}

func TestLimitSeconds(t *testing.T) {
	t.Parallel()
	// 6 MFLOP on 2 cores of 100 MFLOP/s take 30 ms; 1 MB at 50 MB/s takes 20 ms.
	assert.InEpsilon(t, 0.05, limitSeconds(work{Flops: 6e6, Bytes: 1e6}, 100e6, 2, 50e6), 1e-12)
}

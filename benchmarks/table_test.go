package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFigure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    float64
		want string
	}{
		{0, "-"},
		{0.25, "0.25"},
		{0.0083, "0.0083"},
		{1.4, "1.4"},
		{2, "2.0"},
		{9.96, "10.0"},
		{24, "24.0"},
		{63.26, "63.3"},
		{336.4, "336"},
		{1528, "1528"},
		{-2.5, "-2.5"},
	} {
		assert.Equal(t, c.want, figure(c.v))
	}
	assert.Equal(t, "3.1x", times(25, 8))
	assert.Equal(t, "-", times(0, 8))
	assert.Equal(t, "-", times(8, 0))
	assert.Equal(t, "12.5%", percent(1, 8))
}

func TestTableIsAlignedMarkdown(t *testing.T) {
	t.Parallel()
	x := &table{head: []string{"model", "ms"}}
	x.add("a", "0.25")
	x.add("längst of all", "7")
	assert.Equal(t, ""+
		"| model         |   ms |\n"+
		"| ------------- | ---: |\n"+
		"| a             | 0.25 |\n"+
		"| längst of all |    7 |\n", x.String())
}

func sample() *report {
	return &report{
		Date: "2026-01-02", CPU: "CPU", System: "linux/amd64", Go: "go1.26", Keras: "3.15", Python: "3.11", Cores: 2,
		CoreFlops: 250e9, Memory: 60e9, Kernels: "avx512",
		Sides:   []*side{{Name: "gokeras"}, {Name: "jax", Version: "0.10"}, {Name: "torch", Version: "2.15"}},
		Missing: []missing{{"tensorflow", "no module"}},
		Models: []*result{{
			Model: "mlp", Title: "MLP", Batch: 32, Limit: 30e-6,
			Measures: []*measure{
				{Side: "gokeras", Step: 60e-6, Predict: 3e-6, OnBatch: 2e-6, Start: 0.02, Peak: 32 << 20, Allocs: 79.4, Bytes: 2049},
				{Side: "jax", Step: 240e-6, Predict: 400e-6, OnBatch: 60e-6, Start: 2.4, Peak: 128 << 20, Deviation: 2e-6},
				{Side: "torch", Step: 1.5e-3, Predict: 1e-3, OnBatch: 300e-6, Start: 3, Peak: 320 << 20, Deviation: 1e-6},
			},
		}},
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	require.NoError(t, sample().write(&b))
	for _, want := range []string{
		"2026-01-02: CPU, linux/amd64, 2 cores: 250 GFLOP/s a core, 60.0 GB/s of memory (copying). go1.26, avx512 kernels; Keras 3.15, " +
			"Python 3.11, jax 0.10, torch 2.15.\n",
		"Not installed: tensorflow (no module).\n",
		"| model | batch | gokeras |  jax | torch | Keras/gokeras | limit | share |         losses |\n",
		"| MLP   |    32 |   0.060 | 0.24 |   1.5 |          4.0x | 0.030 | 50.0% | equal to 2e-06 |\n",
		"| MLP   | 3.0 (2.0) | 400 (60.0) | 1000 (300) |          133x |\n",
		"| MLP   |    20.0 | 2400 |  3000 |          120x |\n",
		"| MLP   |    32.0 | 128 |   320 |          4.0x |          79 |  2049 |\n",
		"- a training step is faster than on Keras's fastest back end: yes (mlp 4.0x)\n",
		"- one row through predict takes less than a tenth of JAX's time: yes (mlp 133x)\n",
		"- start to the end of the first epoch takes less than 1/30: yes (mlp 120x)\n",
		"- peak memory is less than a fifth: no (mlp 4.0x)\n",
	} {
		assert.Contains(t, b.String(), want)
	}
	assert.NotContains(t, b.String(), "WRONG")
	assert.NotContains(t, b.String(), "busy")
}

func TestReportOfABusyMachine(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Load = 1.25
	var b strings.Builder
	require.NoError(t, r.write(&b))
	assert.Contains(t, b.String(), "busy when the run began (load average 1.2)")
}

func TestReportShowsWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Models[0].Measures[2].Error = "loss of step 3"
	var b strings.Builder
	require.NoError(t, r.write(&b))
	assert.Contains(t, b.String(), "| 50.0% |  WRONG |\n")
	assert.Contains(t, b.String(), "\nWRONG: mlp: torch: loss of step 3\n")
}

func TestReportWithoutKeras(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Sides, r.Models[0].Measures = r.Sides[:1], r.Models[0].Measures[:1]
	var b strings.Builder
	require.NoError(t, r.write(&b))
	assert.Contains(t, b.String(), "| not checked |\n")
	assert.Contains(t, b.String(), "one row through predict takes less than a tenth of JAX's time: not measured\n")
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "no for cnn 0.9x; yes for mlp 4x", verdict([]string{"mlp 4x"}, []string{"cnn 0.9x"}))
}

package progbar

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errFull = errors.New("disk full")

type fullWriter struct{}

func (fullWriter) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrorsAreReturned(t *testing.T) {
	loss := []Entry{{"loss", 1}}
	cases := []struct {
		name string
		call func(io.Writer) error
	}{
		{"bar", func(w io.Writer) error { return (&Bar{W: w, Target: 3, Verbose: Drawn}).Update(1, loss) }},
		{"line", func(w io.Writer) error { return (&Bar{W: w, Target: 3, Verbose: Lines}).Update(3, loss) }},
		{"header", func(w io.Writer) error { return (&Logger{W: w, Epochs: 2, Steps: 3, Verbose: Lines}).EpochBegin(0) }},
		{"epoch", func(w io.Writer) error { return (&Logger{W: w, Epochs: 1, Steps: 3, Verbose: Lines}).EpochEnd(loss) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.ErrorIs(t, c.call(fullWriter{}), errFull)
			require.EqualError(t, c.call(nil), "progbar: expected a writer in W, got nil")
		})
	}
}

func TestBothKindsOfMetricsAreRefused(t *testing.T) {
	b := &Bar{W: io.Discard, Target: 2, Verbose: Drawn, StatefulMetrics: []string{"a"}, StatelessMetrics: []string{}}
	require.EqualError(t, b.Update(1, nil), "progbar: expected StatefulMetrics or StatelessMetrics, got both")
}

func TestSilentNeedsNoWriter(t *testing.T) {
	l := &Logger{Epochs: 2, Steps: 1}
	require.NoError(t, l.EpochBegin(0))
	require.NoError(t, l.BatchEnd(1, []Entry{{"loss", 1}}))
	require.NoError(t, l.EpochEnd(nil))
}

func TestUpdateStartsTheBar(t *testing.T) {
	var w bytes.Buffer
	c := clock{time.Hour}
	b := &Bar{W: &w, Target: 1, Verbose: Lines, Now: c.now}
	require.NoError(t, b.Update(1, nil))
	require.Equal(t, "1/1 - 0s - 0s/step\n", w.String())
}

func TestStartForgets(t *testing.T) {
	var w bytes.Buffer
	var c clock
	b := &Bar{W: &w, Target: 4, Verbose: Drawn, Dynamic: true, Now: c.now}
	run := func(name string) string {
		w.Reset()
		b.Start()
		for i := range 4 {
			c.passed += time.Second
			require.NoError(t, b.Update(i+1, []Entry{{name, float64(i)}}))
		}
		return w.String()
	}
	first := run("loss")
	assert.Equal(t, first, run("loss"))
	assert.Equal(t, strings.ReplaceAll(first, "loss", "cost"), run("cost"))
}

func TestABatchAllocatesNothing(t *testing.T) {
	for _, verbose := range []int{Silent, Drawn, Lines} {
		var c clock
		l := &Logger{W: io.Discard, Verbose: verbose, Epochs: 1, Steps: 1 << 20, Dynamic: true, Now: c.now}
		logs := []Entry{{"accuracy", 0.5}, {"loss", 1e-7}}
		require.NoError(t, l.EpochBegin(0))
		done := 0
		allocs := testing.AllocsPerRun(100, func() {
			done++
			c.passed += 30 * time.Millisecond // every second batch is drawn
			if err := l.BatchEnd(done, logs); err != nil {
				t.Error(err)
			}
		})
		assert.Zero(t, allocs, "verbose %d", verbose)
	}
}

func BenchmarkBatchEnd(b *testing.B) {
	l := &Logger{W: io.Discard, Verbose: Drawn, Epochs: 1, Steps: 1 << 30, Dynamic: true}
	logs := []Entry{{"accuracy", 0.5}, {"loss", 1e-7}}
	require.NoError(b, l.EpochBegin(0))
	b.ReportAllocs()
	done := 0
	for b.Loop() {
		done++
		if err := l.BatchEnd(done, logs); err != nil {
			b.Fatal(err)
		}
	}
}

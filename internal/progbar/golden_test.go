package progbar

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
)

// call is what was called at a time, and what Keras printed.
type call struct {
	at      time.Duration
	method  string
	n       int
	entries []Entry
	text    string
}

func (c *call) UnmarshalJSON(data []byte) error {
	var values [][2]string
	if err := json.Unmarshal(data, &[]any{&c.at, &c.method, &c.n, &values, &c.text}); err != nil {
		return err
	}
	for _, v := range values {
		x, err := strconv.ParseFloat(v[1], 64)
		if err != nil {
			return err
		}
		c.entries = append(c.entries, Entry{v[0], x})
	}
	return nil
}

type goldenBar struct {
	Name    string
	Dynamic bool
	Config  struct {
		Target    *int
		Verbose   *int
		Width     int
		Interval  *float64
		UnitName  string   `json:"unit_name"`
		Stateful  []string `json:"stateful_metrics"`
		Stateless []string `json:"stateless_metrics"`
	}
	Calls []call
}

type goldenLogger struct {
	Name                   string
	Verbose, Epochs, Steps int
	Dynamic                bool
	Calls                  []call
}

// clock is told the time.
type clock struct{ passed time.Duration }

func (c *clock) now() time.Time { return time.Unix(1<<20, 0).Add(c.passed) }

func load[T any](t *testing.T, name string) []T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	var cases []T
	require.NoError(t, json.Unmarshal(data, &cases))
	require.NotEmpty(t, cases)
	return cases
}

func (g *goldenBar) bar(w *bytes.Buffer, c *clock) *Bar {
	b := &Bar{
		W: w, Now: c.now, Dynamic: g.Dynamic, Verbose: Drawn, Width: g.Config.Width, UnitName: g.Config.UnitName,
		StatefulMetrics: g.Config.Stateful, StatelessMetrics: g.Config.Stateless,
	}
	if g.Config.Target != nil {
		b.Target = *g.Config.Target
	}
	if g.Config.Verbose != nil {
		b.Verbose = *g.Config.Verbose
	}
	if g.Config.Interval != nil {
		b.Interval = new(time.Duration(*g.Config.Interval * float64(time.Second)))
	}
	return b
}

func TestBarPrintsWhatKerasPrints(t *testing.T) {
	for _, g := range load[goldenBar](t, "bars.json") {
		t.Run(g.Name, func(t *testing.T) {
			var w bytes.Buffer
			var c clock
			b := g.bar(&w, &c)
			b.Start()
			methods := map[string]func(int, []Entry) error{"update": b.Update, "add": b.Add, "finish": b.Finish}
			for i, k := range g.Calls {
				w.Reset()
				c.passed = k.at
				require.NoError(t, methods[k.method](k.n, k.entries))
				require.Equal(t, k.text, w.String(), "call %d", i)
			}
		})
	}
}

func (c *call) on(l *Logger) error {
	switch c.method {
	case "on_epoch_begin":
		return l.EpochBegin(c.n)
	case "on_train_batch_end":
		return l.BatchEnd(c.n, c.entries)
	case "on_epoch_end":
		return l.EpochEnd(c.entries)
	case "on_test_begin":
		return l.TestBegin()
	case "on_test_batch_end":
		return l.TestBatchEnd(c.n, c.entries)
	case "on_test_end":
		return l.TestEnd(c.entries)
	case "on_predict_begin":
		return l.PredictBegin()
	case "on_predict_batch_end":
		return l.PredictBatchEnd(c.n)
	case "on_predict_end":
		return l.PredictEnd()
	}
	return errors.Errorf("unknown method %q", c.method)
}

func TestLoggerPrintsWhatKerasPrints(t *testing.T) {
	for _, file := range []string{"loggers.json", "fits.json"} {
		for _, g := range load[goldenLogger](t, file) {
			t.Run(g.Name, func(t *testing.T) {
				var w bytes.Buffer
				var c clock
				l := &Logger{W: &w, Verbose: g.Verbose, Epochs: g.Epochs, Steps: g.Steps, Dynamic: g.Dynamic, Now: c.now}
				for i, k := range g.Calls {
					w.Reset()
					c.passed = k.at
					require.NoError(t, k.on(l))
					require.Equal(t, k.text, w.String(), "call %d, %s", i, k.method)
				}
			})
		}
	}
}

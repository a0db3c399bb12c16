package callbacks

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRemoteMonitorIsKeras(t *testing.T) {
	t.Parallel()
	cases := load(t).Remote
	require.Greater(t, len(cases), 20)
	for i, c := range cases {
		var url, body, kind string
		header := map[string]string{}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw, _ := io.ReadAll(r.Body)
			url, body, kind = r.URL.Path, string(raw), r.Header.Get("Content-Type")
			for _, name := range []string{"X-Key", "X-Other"} {
				if v := r.Header.Get(name); v != "" {
					header[name] = v
				}
			}
			w.WriteHeader(http.StatusTeapot) // What it answers is its own affair.
		}))
		if c.Down {
			server.Close()
		}
		var text strings.Builder
		m := &RemoteMonitor{
			Root: server.URL, Path: c.Config.Path, Field: c.Config.Field, Headers: c.Config.Headers, SendAsJSON: c.Config.SendAsJSON,
			Output: &text,
		}
		require.NoError(t, m.OnEpochEnd(&Run{}, c.Epoch, logsOf(c.Logs)))
		assert.Equal(t, c.Text, strings.ReplaceAll(text.String(), server.URL, "http://localhost:9000"), i)
		if c.Sent == nil {
			assert.Error(t, m.Err(), i)
			assert.Empty(t, url, i)
		} else {
			require.NoError(t, m.Err(), i)
			assert.Equal(t, c.Sent.URL, url, i)
			assert.Equal(t, c.Sent.Body, body, i)
			assert.Equal(t, c.Sent.Type, kind, i)
			want := c.Sent.Headers
			if want == nil {
				want = map[string]string{}
			}
			assert.Equal(t, want, header, i)
		}
		server.Close()
	}
}

func TestRemoteMonitorEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := (&Run{}).WithContext(ctx)
	require.ErrorIs(t, (&RemoteMonitor{Root: "http://localhost:1"}).OnEpochEnd(r, 0, Logs{}), context.Canceled)
}

func TestJSONLogger(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	j := &JSONLogger{Output: &out}
	require.NoError(t, j.OnTrainBegin(nil))
	require.NoError(t, j.OnEpochEnd(nil, 0, Logs{"loss": 0.1, "accuracy": math.NaN(), "a\"<é": math.Inf(1), "val_loss": math.Inf(-1)}))
	require.NoError(t, j.OnEpochEnd(nil, 1, Logs{"loss": 1e-30}))
	lines := strings.Split(out.String(), "\n")
	require.Len(t, lines, 3)
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &got))
	assert.Equal(t, map[string]any{
		"epoch": 0.0, "loss": 0.1, "accuracy": "NaN", "a\"<é": "Infinity", "val_loss": "-Infinity",
	}, got)
	assert.Equal(t, `{"epoch":1,"loss":1e-30}`, lines[1])

	require.ErrorContains(t, (&JSONLogger{}).OnTrainBegin(nil), "expected a writer, got nil")
	require.ErrorContains(t, j.OnEpochEnd(nil, 0, Logs{"epoch": 1}), `named "epoch"`)
	require.ErrorContains(t, (&JSONLogger{Output: &full{}}).OnEpochEnd(nil, 0, Logs{}), "JSONLogger: write to Output: no space left")
}

func TestSlogLogger(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	s := &SlogLogger{Level: slog.LevelWarn, Logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))}
	require.NoError(t, s.OnTrainBegin(nil))
	require.NoError(t, s.OnEpochEnd(&Run{}, 2, Logs{"val_loss": math.NaN(), "loss": 0.25}))
	assert.Equal(t, "level=WARN msg=epoch epoch=2 loss=0.25 val_loss=NaN\n", out.String())
	require.ErrorContains(t, (&SlogLogger{}).OnTrainBegin(nil), "expected a logger, got nil")
}

// updated is a model whose weights can be changed and which can be configured anew.
type updated struct {
	model
	weights  []Weight
	compiled int
}

func (u *updated) UpdateWeights(update func([]Weight) error) error { return update(u.weights) }

func (u *updated) Reconfigure(change func() error) error {
	u.compiled++
	return change()
}

func layersOf(values ...float32) []Weight {
	return []Weight{
		{Path: "m/dense/kernel", Shape: []int{2, 2}, Value: append([]float32{}, values...), Trainable: true},
		{Path: "m/dense/bias", Shape: []int{2}, Value: []float32{4, 8}, Trainable: true},
		{Path: "m/norm/mean", Shape: []int{2, 1}, Value: []float32{4, 8}},
	}
}

func TestWeightDecay(t *testing.T) {
	t.Parallel()
	u := &updated{model: model{rate: 0.5}, weights: layersOf(1, -2, 3, 0)}
	d := &WeightDecay{Rate: 0.5, Exclude: []string{"gamma", "bias"}}
	r := &Run{Model: u}
	require.NoError(t, d.OnTrainBegin(r))
	require.NoError(t, d.OnTrainBatchEnd(r, 0, nil))
	assert.Equal(t, layersOf(0.75, -1.5, 2.25, 0), u.weights)
	u.rate = 0.25 // A schedule's rate counts as it is now.
	d.Exclude = nil
	require.NoError(t, d.OnTrainBatchEnd(r, 1, nil))
	assert.Equal(t, []float32{3.5, 7}, u.weights[1].Value)
	assert.Equal(t, []float32{4, 8}, u.weights[2].Value, "not trained")

	for _, rate := range []float64{-1, math.NaN(), math.Inf(1)} {
		require.ErrorContains(t, (&WeightDecay{Rate: rate}).OnTrainBegin(r), "Rate: expected a number of 0 or more")
	}
	require.ErrorContains(t, d.OnTrainBegin(&Run{Model: &model{}}), "expected a model that implements callbacks.WeightUpdater, got *callbacks.model")
	require.ErrorContains(t, d.OnTrainBatchEnd(&Run{}, 0, nil), "callbacks.WeightUpdater, got <nil>")
}

func TestMaxNormChoosesWeights(t *testing.T) {
	t.Parallel()
	u := &updated{weights: layersOf(3, 1, 4, 0)}
	r := &Run{Model: u}
	m := &MaxNorm{MaxValue: new(2.5)}
	require.NoError(t, m.OnTrainBegin(r))
	require.NoError(t, m.OnTrainBatchEnd(r, 0, nil))
	assert.InDeltaSlice(t, []float32{1.5, 1, 2, 0}, u.weights[0].Value, 1e-6)
	assert.Equal(t, []float32{4, 8}, u.weights[1].Value)
	assert.Equal(t, []float32{4, 8}, u.weights[2].Value)
	m.Weights = []string{"bias", "mean"}
	require.NoError(t, m.OnTrainBatchEnd(r, 0, nil))
	assert.InDeltaSlice(t, []float32{2.5 * 4 / float32(math.Sqrt(80)), 2.5 * 8 / float32(math.Sqrt(80))}, u.weights[1].Value, 1e-6)
	assert.Equal(t, []float32{4, 8}, u.weights[2].Value, "not trained")

	m.Axis = []int{1}
	require.ErrorContains(t, m.OnTrainBatchEnd(r, 0, nil), "callbacks: MaxNorm: m/dense/bias: Axis: expected an axis of the shape [2], got 1")
	require.ErrorContains(t, (&MaxNorm{MaxValue: new(-1.0)}).OnTrainBegin(r), "expected 0 or more, got -1")
	require.ErrorContains(t, m.OnTrainBegin(&Run{Model: &model{}}), "callbacks.WeightUpdater")
}

func TestRegularizersAllocateNothing(t *testing.T) {
	u := &updated{weights: layersOf(3, 1, 4, 0)}
	r := &Run{Model: u}
	l := List{&WeightDecay{Rate: 0.1}, &MaxNorm{}}
	require.NoError(t, l.OnTrainBatchEnd(r, 0, nil))
	assert.Zero(t, testing.AllocsPerRun(10, func() { _ = l.OnTrainBatchEnd(r, 0, nil) }))
}

func TestFieldSchedule(t *testing.T) {
	t.Parallel()
	dropout := struct{ Rate float64 }{0.5}
	u := &updated{}
	r := &Run{Model: u}
	f := &FieldSchedule{Field: &dropout.Rate, Schedule: func(epoch int, value float64) float64 {
		if epoch == 1 {
			return value
		}
		return value / 2
	}}
	require.NoError(t, f.OnTrainBegin(r))
	var got []float64
	for epoch := range 3 {
		require.NoError(t, f.OnEpochBegin(r, epoch))
		got = append(got, dropout.Rate)
	}
	assert.Equal(t, []float64{0.25, 0.25, 0.125}, got)
	assert.Equal(t, 2, u.compiled, "nothing is compiled where nothing changes")

	f.Schedule = func(int, float64) float64 { return math.NaN() }
	require.ErrorContains(t, f.OnEpochBegin(r, 7), "epoch 7: expected a number from Schedule, got NaN")
	require.ErrorContains(t, (&FieldSchedule{Field: &dropout.Rate}).OnTrainBegin(r), "expected a Field and a Schedule")
	require.ErrorContains(t, f.OnTrainBegin(&Run{Model: &model{}}), "callbacks.Reconfigurer")
}

func TestCSVLoggerErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, s := range []string{"::", "\n", `"`} {
		require.ErrorContains(t, (&CSVLogger{Filename: dir + "/x", Separator: s}).OnTrainBegin(nil), "Separator: expected one character")
	}
	missing := filepath.Join(dir, "no", "log.csv")
	require.ErrorContains(t, (&CSVLogger{Filename: missing}).OnTrainBegin(nil), missing)
	require.ErrorContains(t, (&CSVLogger{Filename: dir, Append: true}).OnTrainBegin(nil), dir)
	require.ErrorContains(t, (&CSVLogger{Filename: "a.csv"}).OnEpochEnd(nil, 0, nil), "a.csv: expected OnTrainBegin")

	c := &CSVLogger{Filename: "a.csv", open: func(string, int) (io.WriteCloser, error) { return &full{room: 40}, nil }}
	require.NoError(t, c.OnTrainBegin(nil))
	require.NoError(t, c.OnEpochEnd(nil, 0, Logs{"loss": 1}))
	require.ErrorContains(t, c.OnEpochEnd(nil, 1, Logs{"loss": 0.25}), "CSVLogger: write a.csv: no space left on device")
	require.NoError(t, c.Close())
	require.NoError(t, c.Close())
}

func TestCSVLoggerLosesNothing(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "log.csv")
	c := &CSVLogger{Filename: name}
	require.NoError(t, c.OnTrainBegin(nil))
	require.NoError(t, c.OnEpochEnd(nil, 0, Logs{"loss": 0.5}))
	raw, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, "epoch,loss,val_loss\r\n0,0.5,NA\r\n", string(raw), "before the file is closed")
	require.NoError(t, c.Close())
}

func TestModelCheckpointErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := &model{}
	r := &Run{Model: m}
	for _, c := range []struct {
		c    ModelCheckpoint
		says string
	}{
		{ModelCheckpoint{Filepath: "x.h6"}, `Filepath "x.h6": expected a path that ends in .keras or .h5`},
		{ModelCheckpoint{Filepath: "x.h5", SaveWeightsOnly: true}, "ends in .weights.h5"},
		{ModelCheckpoint{Filepath: "x{.keras"}, `Filepath "x{.keras": expected a } after every {`},
		{ModelCheckpoint{Filepath: "x{loss:.q}.keras"}, "expected digits after the point"},
		{ModelCheckpoint{Filepath: "x.keras", SaveFreq: -1}, "SaveFreq: expected 0 or more, got -1"},
		{ModelCheckpoint{Filepath: "x.weights.h5", SaveWeightsOnly: true}, "expected a model that implements callbacks.WeightsSaver"},
		{ModelCheckpoint{Filepath: "x.keras", SaveBestOnly: true, Monitor: "score"}, `Monitor "score": expected a metric that is known to rise or fall`},
	} {
		require.ErrorContains(t, c.c.OnTrainBegin(r), c.says)
	}
	require.ErrorContains(t, (&ModelCheckpoint{Filepath: "x.keras"}).OnTrainBegin(&Run{}), "expected a run with a Model")

	end := func(c *ModelCheckpoint, logs Logs) error {
		require.NoError(t, c.OnTrainBegin(r))
		return c.OnEpochEnd(r, 0, logs)
	}
	logs := Logs{"loss": 1, "accuracy": 0.5}
	require.ErrorContains(t, end(&ModelCheckpoint{Filepath: dir + "/{val_loss}.keras"}, logs), "expected one of [accuracy, epoch, loss], got {val_loss}")
	require.ErrorContains(t, end(&ModelCheckpoint{Filepath: dir + "/{loss:d}.keras"}, logs), "{loss}: expected a format for a float")
	require.ErrorContains(t, end(&ModelCheckpoint{Filepath: dir + "/x.keras", SaveBestOnly: true}, logs), `expected one of [accuracy, loss], got "val_loss"`)
	require.NoError(t, os.Mkdir(dir+"/d.keras", 0o700))
	require.ErrorContains(t, end(&ModelCheckpoint{Filepath: dir + "/d.keras"}, logs), "save "+dir+"/d.keras: expected a file, got a directory")
	require.NoError(t, os.WriteFile(dir+"/f", nil, 0o600))
	require.ErrorContains(t, end(&ModelCheckpoint{Filepath: dir + "/f/x.keras"}, logs), dir+"/f")
	m.fails = errors.New("no space left on device")
	require.ErrorContains(t, end(&ModelCheckpoint{Filepath: dir + "/x.keras"}, logs), "epoch 0: save "+dir+"/x.keras: no space left on device")
	require.ErrorContains(t, end(&ModelCheckpoint{Filepath: dir + "/x.keras", Verbose: 1, Output: &full{}}, logs), "ModelCheckpoint: write to Output: no space left")
}

func TestModelCheckpointPassesOverEpochsWithoutValidation(t *testing.T) {
	t.Parallel()
	m := &model{}
	r := &Run{Model: m, ValidationEpochs: []int{2, 3}}
	dir := t.TempDir()
	c := &ModelCheckpoint{Filepath: dir + "/{epoch}-{val_loss:.1f}.keras", SaveBestOnly: true}
	require.NoError(t, c.OnTrainBegin(r))
	require.NoError(t, c.OnEpochEnd(r, 0, Logs{"loss": 1}))
	require.NoError(t, c.OnEpochEnd(r, 1, Logs{"loss": 1, "val_loss": 2}))
	require.ErrorContains(t, c.OnEpochEnd(r, 2, Logs{"loss": 1}), `got "val_loss"`)
	assert.Equal(t, []string{dir + "/2-2.0.keras"}, m.saved)
	best, ok := c.Best()
	assert.Equal(t, 2.0, best)
	assert.True(t, ok)
}

func TestValidationAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		r    Run
		want []bool
	}{
		{Run{}, []bool{true, true, true, true}},
		{Run{ValidationFreq: 2}, []bool{false, true, false, true}},
		{Run{ValidationFreq: 3}, []bool{false, false, true, false}},
		{Run{ValidationEpochs: []int{1, 4}}, []bool{true, false, false, true}},
		{Run{ValidationEpochs: []int{}, ValidationFreq: 2}, []bool{false, false, false, false}},
	} {
		for epoch, want := range c.want {
			assert.Equal(t, want, c.r.ValidationAfter(epoch), "%+v, epoch %d", c.r, epoch)
		}
	}
}

func TestRateErrors(t *testing.T) {
	t.Parallel()
	m := &model{rate: 1}
	r := &Run{Model: m}
	for _, c := range []struct {
		c    ReduceLROnPlateau
		says string
	}{
		{ReduceLROnPlateau{Factor: new(1.0)}, "Factor: expected 0 or more and less than 1, got 1"},
		{ReduceLROnPlateau{Factor: new(math.NaN())}, "got NaN"},
		{ReduceLROnPlateau{Patience: new(-1)}, "got -1 and 0"},
		{ReduceLROnPlateau{Cooldown: -2}, "got 10 and -2"},
		{ReduceLROnPlateau{Mode: "low"}, `Mode: expected "auto"`},
	} {
		require.ErrorContains(t, c.c.OnTrainBegin(r), c.says)
	}
	require.ErrorContains(t, (&ReduceLROnPlateau{}).OnTrainBegin(&Run{}), "ReduceLROnPlateau: expected a run with a Model")
	require.ErrorContains(t, (&LearningRateScheduler{}).OnEpochBegin(r, 0), "Schedule: expected a function, got nil")
	m.fails = errors.New("the rate comes from a schedule")
	s := &LearningRateScheduler{Schedule: func(int, float64) float64 { return 2 }}
	require.ErrorContains(t, s.OnEpochBegin(r, 3), "LearningRateScheduler: epoch 3: the rate comes from a schedule")
	p := &ReduceLROnPlateau{Patience: new(0)}
	require.ErrorContains(t, p.OnTrainBegin(r), "ReduceLROnPlateau: the rate comes from a schedule", "before the first epoch")
	fails := m.fails
	m.fails = nil
	require.NoError(t, p.OnTrainBegin(r))
	m.fails = fails
	require.NoError(t, p.OnEpochEnd(r, 0, Logs{"val_loss": 1}))
	require.ErrorContains(t, p.OnEpochEnd(r, 1, Logs{"val_loss": 1}), "ReduceLROnPlateau: epoch 1: the rate comes from a schedule")
}

func TestSwapEMAWeightsComesBack(t *testing.T) {
	t.Parallel()
	a := &averaged{model: &model{weight: 1}, mean: 5}
	r := &Run{Model: a}
	s := &SwapEMAWeights{}
	require.NoError(t, s.OnPredictBegin(r))
	assert.Equal(t, 5.0, a.weight)
	require.NoError(t, s.OnPredictEnd(r))
	assert.Equal(t, 1.0, a.weight)

	require.NoError(t, s.OnTestBegin(r)) // The evaluation fails: OnTestEnd is not called.
	require.NoError(t, s.Close())
	assert.Equal(t, 1.0, a.weight)
	require.NoError(t, s.Close())
	assert.Equal(t, 1.0, a.weight)

	require.ErrorContains(t, s.OnTestBegin(&Run{Model: &model{}}), "expected a model that implements callbacks.EMASwapper, got *callbacks.model")
	a.fails = errors.New("the optimizer keeps no averages")
	require.ErrorContains(t, s.OnTestBegin(r), "callbacks: SwapEMAWeights: the optimizer keeps no averages")
}

package callbacks

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/optional"
)

func TestEarlyStoppingSaysWhatKerasSays(t *testing.T) {
	t.Parallel()
	cases := load(t).Stopping
	require.Greater(t, len(cases), 50)
	for i, c := range cases {
		var text strings.Builder
		k := c.Config
		e := &EarlyStopping{
			MinDelta: optional.Or(k.MinDelta, 0), Patience: optional.Or(k.Patience, 0), Mode: k.Mode, Baseline: k.Baseline, Verbose: 1,
			RestoreBestWeights: k.RestoreBestWeights, StartFromEpoch: k.StartFromEpoch, Output: &text,
		}
		m := &model{}
		values := make([]*float64, len(c.Values))
		for i, v := range c.Values {
			values[i] = new(float64(v))
		}
		epochs, err := fit(e, &Run{Model: m}, m, "val_loss", values)
		require.NoError(t, err)
		assert.Equal(t, c.Epochs, epochs, i)
		assert.Equal(t, c.Weight, m.weight, i)
		assert.Equal(t, c.Text, text.String(), i)
	}
}

func TestReduceLROnPlateauIsKeras(t *testing.T) {
	t.Parallel()
	cases := load(t).Plateau
	require.Greater(t, len(cases), 50)
	reduced := 0
	for i, c := range cases {
		var text strings.Builder
		k := c.Config
		p := &ReduceLROnPlateau{
			Factor: k.Factor, Patience: k.Patience, Mode: k.Mode, MinDelta: k.MinDelta, Cooldown: k.Cooldown, MinLR: k.MinLR,
			Verbose: 1, Output: &text,
		}
		m := &model{rate: c.Rate}
		r := &Run{Model: m}
		require.NoError(t, p.OnTrainBegin(r))
		for epoch, v := range c.Values {
			logs := Logs{"val_loss": float64(v)}
			require.NoError(t, p.OnEpochEnd(r, epoch, logs))
			assert.Equal(t, float32(c.Rates[epoch]), float32(m.rate), i)
			assert.Equal(t, c.Logged[epoch], logs["learning_rate"], i)
		}
		assert.Equal(t, c.Text, text.String(), i)
		reduced += strings.Count(text.String(), "reducing")
	}
	assert.Greater(t, reduced, 50)
}

func TestLearningRateSchedulerIsKeras(t *testing.T) {
	t.Parallel()
	for i, c := range load(t).Scheduler {
		var text strings.Builder
		s := &LearningRateScheduler{Verbose: 1, Output: &text, Schedule: func(epoch int, rate float64) float64 {
			return rate*c.Factor + c.Step*float64(epoch)
		}}
		m := &model{rate: c.Rate}
		for epoch := range c.Rates {
			logs := Logs{}
			require.NoError(t, s.OnEpochBegin(&Run{Model: m}, epoch))
			require.NoError(t, s.OnEpochEnd(&Run{Model: m}, epoch, logs))
			assert.Equal(t, float32(c.Rates[epoch]), float32(m.rate), i)
			assert.Equal(t, c.Logged[epoch], logs["learning_rate"], i)
		}
		assert.Equal(t, c.Text, text.String(), i)
	}
}

func TestTerminateOnNaNIsKeras(t *testing.T) {
	t.Parallel()
	for i, c := range load(t).NaN {
		var text strings.Builder
		n, stopped := &TerminateOnNaN{Output: &text}, -1
		for batch, loss := range c.Losses {
			if err := n.OnTrainBatchEnd(nil, batch, Logs{"loss": float64(loss)}); err != nil {
				require.ErrorIs(t, err, ErrStop)
				stopped = batch
				break
			}
		}
		assert.Equal(t, c.Stopped, stopped, i)
		assert.Equal(t, c.Text, text.String(), i)
	}
}

func TestModelCheckpointIsKeras(t *testing.T) {
	t.Parallel()
	cases := load(t).Checkpoint
	require.Greater(t, len(cases), 50)
	for i, c := range cases {
		var text strings.Builder
		top := t.TempDir()
		k := c.Config
		p := &ModelCheckpoint{
			Filepath: top + "/" + c.Path, Monitor: k.Monitor, Mode: k.Mode, SaveBestOnly: k.SaveBestOnly, SaveFreq: c.SaveFreq,
			SaveWeightsOnly: k.SaveWeightsOnly, InitialValueThreshold: k.InitialValueThreshold, Verbose: 1, Output: &text,
		}
		m := &model{}
		r := &Run{Model: saving{m}}
		require.NoError(t, p.OnTrainBegin(r))
		for epoch, e := range c.Epochs {
			require.NoError(t, p.OnEpochBegin(r, epoch))
			last := 0.0
			for batch, v := range e.Batches {
				last = float64(v)
				require.NoError(t, p.OnTrainBatchEnd(r, batch, Logs{"loss": last}))
			}
			require.NoError(t, p.OnEpochEnd(r, epoch, Logs{"loss": last, "val_loss": float64(e.ValLoss)}))
		}
		assert.Equal(t, c.Text, strings.ReplaceAll(text.String(), top+"/", "TOP/"), i)
		want := []string{}
		for _, path := range c.Paths {
			want = append(want, filepath.Join(top, path))
			assert.DirExists(t, filepath.Dir(filepath.Join(top, path)))
		}
		assert.Equal(t, want, append([]string{}, m.saved...), i)
	}
}

func TestCSVLoggerIsKeras(t *testing.T) {
	t.Parallel()
	cases := load(t).CSV
	require.Greater(t, len(cases), 40)
	for i, c := range cases {
		name := filepath.Join(t.TempDir(), "log.csv")
		if c.Before != nil {
			require.NoError(t, os.WriteFile(name, []byte(*c.Before), 0o600))
		}
		l := &CSVLogger{Filename: name, Separator: c.Separator, Append: c.Append}
		for _, run := range c.Runs {
			require.NoError(t, l.OnTrainBegin(nil))
			for epoch, logs := range run {
				require.NoError(t, l.OnEpochEnd(nil, epoch, logsOf(logs)))
			}
			require.NoError(t, l.OnTrainEnd(nil, nil))
		}
		got, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Equal(t, c.Text, string(got), i)
	}
}

// averaged is a model with a moving average of its weight.
type averaged struct {
	*model
	mean float64
}

func (a *averaged) SwapEMAWeights() error {
	a.weight, a.mean = a.mean, a.weight
	return a.fails
}

func TestSwapEMAWeightsIsKeras(t *testing.T) {
	t.Parallel()
	cases := load(t).Swap
	require.Greater(t, len(cases), 20)
	for i, c := range cases {
		a := &averaged{model: &model{weight: c.Steps[0].Weight}, mean: c.Steps[0].Mean}
		s := &SwapEMAWeights{SwapOnEpoch: c.SwapOnEpoch}
		r := &Run{Model: a, Epochs: c.Epochs}
		for k, step := range c.Steps {
			var err error
			switch step.Hook {
			case "put":
				a.weight, a.mean = step.Weight, step.Mean
			case "on_epoch_begin":
				err = s.OnEpochBegin(r, step.Epoch)
			case "on_epoch_end":
				err = s.OnEpochEnd(r, step.Epoch, nil)
			case "on_test_begin":
				err = s.OnTestBegin(r)
			case "on_test_end":
				err = s.OnTestEnd(r, nil)
			default:
				t.Fatalf("hook %q", step.Hook)
			}
			require.NoError(t, err)
			require.Equal(t, []float64{step.Weight, step.Mean}, []float64{a.weight, a.mean}, "case %d, step %d, %s", i, k, step.Hook)
		}
	}
}

func TestMaxNormIsKeras(t *testing.T) {
	t.Parallel()
	cases := load(t).Norm
	require.Greater(t, len(cases), 30)
	var c MaxNorm // One for all, as for all weights of a model.
	for i, k := range cases {
		c.MaxValue, c.Axis, c.Weights = &k.MaxValue, k.Axis, []string{"kernel"}
		w := Weight{Path: "dense/kernel", Shape: k.Shape, Value: k.Value, Trainable: true}
		require.NoError(t, c.apply([]Weight{w}))
		assert.InDeltaSlice(t, k.Want, w.Value, 2e-6, i)
	}
}

func TestFormatIsPython(t *testing.T) {
	t.Parallel()
	cases := load(t).Format
	require.Greater(t, len(cases), 1000)
	for _, c := range cases {
		s, err := parseSpec(c.Spec)
		var got string
		var value any
		switch {
		case err != nil:
		case c.Int != nil:
			value = *c.Int
			got, err = s.formatInt(*c.Int)
		default:
			value = float64(*c.Float)
			got, err = s.formatFloat(float64(*c.Float))
		}
		if c.Want == nil {
			assert.Error(t, err, "%v as %q gave %q", value, c.Spec, got)
			continue
		}
		if assert.NoError(t, err, "%v as %q", value, c.Spec) {
			assert.Equal(t, *c.Want, got, "%v as %q", value, c.Spec)
		}
	}
}

func TestTemplateIsPython(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).Template {
		parsed, err := parseTemplate(c.Text)
		got := ""
		if err == nil {
			got, err = parsed.execute([]count{{"epoch", 7}}, logsOf(c.Logs))
		}
		if c.Want == nil {
			assert.Error(t, err, c.Text)
			continue
		}
		if assert.NoError(t, err, c.Text) {
			assert.Equal(t, *c.Want, got, c.Text)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	for _, text := range []string{"{epoch:02d}-{loss:.2f}.keras", "{{}}{epoch:é^+#012_x}", "{loss:z=+,.3%}", "{epoch:c}", "{loss:#.0e}"} {
		f.Add(text, 7, -0.5)
	}
	f.Fuzz(func(t *testing.T, text string, epoch int, loss float64) {
		parsed, err := parseTemplate(text)
		if err != nil {
			return
		}
		got, err := parsed.execute([]count{{"epoch", epoch}}, Logs{"loss": loss})
		if err != nil {
			return
		}
		if !strings.ContainsAny(text, "{}") {
			assert.Equal(t, text, got)
		}
		assert.Less(t, len(got), (len(text)+1)*1500)
	})
}

func TestReprIsPython(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]float64{
		"nan": math.NaN(), "inf": math.Inf(1), "-inf": math.Inf(-1), "-0.0": math.Copysign(0, -1), "1e-05": 1e-5, "0.0001": 1e-4,
		"1e+16": 1e16, "9999999999999998.0": 1e16 - 2, "0.10000000149011612": float64(float32(0.1)), "5e-324": 5e-324,
	} {
		assert.Equal(t, want, repr(v))
	}
}

func TestStatesGoOn(t *testing.T) {
	t.Parallel()
	one := []*float64{new(3.0), new(1.0), new(2.0)}
	build := func() []Callback {
		return []Callback{
			&EarlyStopping{Patience: 3}, &ReduceLROnPlateau{Patience: new(2), Cooldown: 1},
			&ModelCheckpoint{Filepath: filepath.Join(t.TempDir(), "{epoch}.keras"), SaveBestOnly: true},
		}
	}
	rest := []float64{2, math.NaN(), 0.5}
	for i := range build() {
		whole, m := build()[i], &model{rate: 1}
		r := &Run{Model: m}
		_, err := fit(whole, r, m, "val_loss", one)
		require.NoError(t, err)
		state, err := whole.(Stateful).State()
		require.NoError(t, err)

		m2 := &model{rate: m.rate}
		r2 := &Run{Model: m2}
		resumed := build()[i]
		require.NoError(t, resumed.(Stateful).SetState(state))
		require.NoError(t, resumed.OnTrainBegin(r2))
		for k, v := range rest {
			logs, logs2 := Logs{"val_loss": v}, Logs{"val_loss": v}
			want, got := whole.OnEpochEnd(r, 3+k, logs), resumed.OnEpochEnd(r2, 3+k, logs2)
			assert.Equal(t, errors.Is(want, ErrStop), errors.Is(got, ErrStop), "%T", whole)
			assert.Equal(t, m.rate, m2.rate, "%T", whole)
		}
		a, err := whole.(Stateful).State()
		require.NoError(t, err)
		b, err := resumed.(Stateful).State()
		require.NoError(t, err)
		assert.JSONEq(t, string(a), string(b), "%T", whole)
		require.ErrorContains(t, resumed.(Stateful).SetState([]byte("{")), "SetState")
	}
}

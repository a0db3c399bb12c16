package callbacks

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/internal/optional"
)

// knowing is a model with a metric of its own.
type knowing struct{ model }

func (*knowing) MetricMode(name string) Mode {
	return map[string]Mode{"score": Max, "accuracy": Min}[name]
}

func TestEarlyStoppingIsKeras(t *testing.T) {
	t.Parallel()
	g := load(t)
	require.Greater(t, len(g.EarlyStopping), 50)
	for i, c := range g.EarlyStopping {
		t.Run(fmt.Sprintf("%d_%s", i, c.Sequence), func(t *testing.T) {
			t.Parallel()
			k := c.Config
			e := &EarlyStopping{
				Monitor: k.Monitor, MinDelta: optional.Or(k.MinDelta, 0), Patience: optional.Or(k.Patience, 0), Mode: k.Mode,
				Baseline: k.Baseline, RestoreBestWeights: k.RestoreBestWeights, StartFromEpoch: k.StartFromEpoch,
			}
			key := k.Monitor
			if key == "" {
				key = "val_loss"
			}
			m := &model{}
			r := &Run{Model: m, Epochs: len(c.Values)}
			for range 2 { // A callback may be used for several runs.
				epochs, err := fit(e, r, m, key, c.Values)
				require.NoError(t, err)
				assert.Equal(t, c.Epochs, epochs)
				assert.Equal(t, c.StoppedEpoch, e.StoppedEpoch())
				_, best, _ := e.Best()
				assert.Equal(t, c.BestEpoch, best)
				assert.Equal(t, c.Weight, m.weight)
			}
			if !k.RestoreBestWeights {
				assert.Zero(t, m.snapshots, "a copy of the weights nobody asked for")
			}
		})
	}
}

func TestDirectionsAreKeras(t *testing.T) {
	t.Parallel()
	want := load(t).Directions
	want["loss"] = Min
	assert.Equal(t, want, directions)
}

func TestAutoModeAsksTheModelFirst(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Mode{"val_score": Max, "accuracy": Min, "val_loss": Min, "recall": Max} {
		m, err := newMonitor("X", name, Auto, 0, &knowing{})
		require.NoError(t, err)
		assert.Equal(t, want, m.mode, name)
	}
	_, err := newMonitor("X", "val_other", "", 0, &knowing{})
	require.ErrorContains(t, err, `callbacks: X: Monitor "val_other": expected a metric that is known to rise or fall`)
}

func TestEarlyStoppingErrors(t *testing.T) {
	t.Parallel()
	m := &model{}
	one := 1.0
	for _, c := range []struct {
		e    *EarlyStopping
		key  string
		says string
	}{
		{&EarlyStopping{Mode: "low"}, "val_loss", `Mode: expected "auto", "min" or "max", got "low"`},
		{&EarlyStopping{Patience: -1}, "val_loss", "got -1 and 0"},
		{&EarlyStopping{StartFromEpoch: -2}, "val_loss", "got 0 and -2"},
		{&EarlyStopping{Monitor: "score"}, "score", `set Mode to "min" or "max"`},
		{&EarlyStopping{}, "loss", `EarlyStopping: Monitor: expected one of [loss], got "val_loss"`},
		{&EarlyStopping{StartFromEpoch: 5}, "loss", `got "val_loss"`},
	} {
		_, err := fit(c.e, &Run{Model: m}, m, c.key, []*float64{&one})
		require.ErrorContains(t, err, c.says)
	}
	m.fails = errors.New("weights have changed shape")
	_, err := fit(&EarlyStopping{RestoreBestWeights: true}, &Run{Model: m}, m, "val_loss", []*float64{&one})
	require.ErrorContains(t, err, "restore the weights of epoch 0: weights have changed shape")
}

func TestEarlyStoppingSkipsEpochsWithoutValidation(t *testing.T) {
	t.Parallel()
	r := &Run{Model: &model{}, ValidationFreq: 3}
	e := &EarlyStopping{Patience: 1}
	require.NoError(t, e.OnTrainBegin(r))
	require.NoError(t, e.OnEpochEnd(r, 0, Logs{"loss": 1}))
	require.NoError(t, e.OnEpochEnd(r, 1, Logs{"loss": 1}))
	require.NoError(t, e.OnEpochEnd(r, 2, Logs{"loss": 1, "val_loss": 1}))
	require.NoError(t, e.OnEpochEnd(r, 3, Logs{"loss": 1}), "no validation, nothing to wait for")
	require.ErrorIs(t, e.OnEpochEnd(r, 5, Logs{"loss": 1, "val_loss": 2}), ErrStop)
	require.ErrorContains(t, e.OnEpochEnd(r, 8, Logs{"loss": 1}), "expected one of [loss]")
	e.Monitor = "accuracy"
	require.NoError(t, e.OnTrainBegin(r))
	require.ErrorContains(t, e.OnEpochEnd(r, 0, Logs{"loss": 1}), `got "accuracy"`)
}

func TestTerminateOnNaN(t *testing.T) {
	t.Parallel()
	c := &TerminateOnNaN{}
	require.NoError(t, c.OnTrainBatchEnd(nil, 0, Logs{"loss": 1}))
	require.NoError(t, c.OnTrainBatchEnd(nil, 0, Logs{"accuracy": math.NaN()}))
	require.ErrorIs(t, c.OnTrainBatchEnd(nil, 0, Logs{"loss": math.NaN()}), ErrStop)
	require.ErrorIs(t, c.OnTrainBatchEnd(nil, 0, Logs{"loss": math.Inf(-1)}), ErrStop)
	c.RaiseError = true
	err := c.OnTrainBatchEnd(nil, 7, Logs{"loss": math.Inf(1)})
	require.ErrorContains(t, err, "batch 7: expected a finite loss, got +Inf")
	assert.NotErrorIs(t, err, ErrStop)
}

// hooks calls every hook of c once by reflection and returns their names with the errors.
func hooks(c Callback) map[string]error {
	errs := map[string]error{}
	v := reflect.ValueOf(c)
	iface := reflect.TypeFor[Callback]()
	for method := range iface.Methods() {
		name := method.Name
		method := v.MethodByName(name)
		args := make([]reflect.Value, method.Type().NumIn())
		for k := range args {
			args[k] = reflect.Zero(method.Type().In(k))
			if args[k].Kind() == reflect.Int {
				args[k] = reflect.ValueOf(3)
			}
		}
		err, _ := reflect.TypeAssert[error](method.Call(args)[0])
		errs[name] = err
	}
	return errs
}

// only answers one hook, each in turn, with an error that carries the arguments.
type only struct {
	Base
	hook string
	err  error
	got  []string
}

func (o *only) say(hook string, args ...any) error {
	o.got = append(o.got, fmt.Sprint(append([]any{hook}, args...)...))
	if o.hook == hook {
		return o.err
	}
	return nil
}

func (o *only) OnTrainBegin(*Run) error                { return o.say("OnTrainBegin") }
func (o *only) OnTrainEnd(*Run, Logs) error            { return o.say("OnTrainEnd") }
func (o *only) OnEpochBegin(_ *Run, n int) error       { return o.say("OnEpochBegin", n) }
func (o *only) OnEpochEnd(_ *Run, n int, _ Logs) error { return o.say("OnEpochEnd", n) }
func (o *only) OnTrainBatchBegin(_ *Run, n int) error  { return o.say("OnTrainBatchBegin", n) }
func (o *only) OnTrainBatchEnd(_ *Run, n int, _ Logs) error {
	return o.say("OnTrainBatchEnd", n)
}
func (o *only) OnTestBegin(*Run) error                     { return o.say("OnTestBegin") }
func (o *only) OnTestEnd(*Run, Logs) error                 { return o.say("OnTestEnd") }
func (o *only) OnTestBatchBegin(_ *Run, n int) error       { return o.say("OnTestBatchBegin", n) }
func (o *only) OnTestBatchEnd(_ *Run, n int, _ Logs) error { return o.say("OnTestBatchEnd", n) }
func (o *only) OnPredictBegin(*Run) error                  { return o.say("OnPredictBegin") }
func (o *only) OnPredictEnd(*Run) error                    { return o.say("OnPredictEnd") }
func (o *only) OnPredictBatchBegin(_ *Run, n int) error    { return o.say("OnPredictBatchBegin", n) }
func (o *only) OnPredictBatchEnd(_ *Run, n int) error      { return o.say("OnPredictBatchEnd", n) }

func TestListPassesEveryHookOn(t *testing.T) {
	t.Parallel()
	for name, err := range hooks(Base{}) {
		require.NoError(t, err, name)
		stop, fail := errors.WithMessage(ErrStop, "enough"), errors.New("disk full")

		a, b := &only{hook: name, err: stop}, &only{}
		got := hooks(List{a, b})
		assert.Equal(t, ErrStop, got[name])
		assert.Equal(t, a.got, b.got, "others hear of a hook that stops")
		assert.Len(t, b.got, 14)

		a, b = &only{hook: name, err: fail}, &only{}
		got = hooks(List{a, b})
		require.ErrorIs(t, got[name], fail)
		assert.EqualError(t, got[name], "*callbacks.only."+name+": disk full")
		assert.Len(t, b.got, 13, "an error ends the run at once")
	}
	a := &only{}
	hooks(List{a})
	assert.Contains(t, a.got, "OnTrainBatchEnd3")
	assert.Contains(t, a.got, "OnPredictBatchBegin3")
}

func TestListAllocatesNothing(t *testing.T) {
	l := List{&TerminateOnNaN{}, &EarlyStopping{}}
	r, logs := &Run{}, Logs{"loss": 1}
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		_ = l.OnTrainBatchBegin(r, 1)
		_ = l.OnTrainBatchEnd(r, 1, logs)
	}))
}

func TestLambdaCallback(t *testing.T) {
	t.Parallel()
	for name, err := range hooks(&LambdaCallback{}) {
		require.NoError(t, err, name)
	}
	called := map[string]int{}
	note := func(hook string, n int) error { called[hook] = n; return ErrStop }
	got := hooks(&LambdaCallback{
		EpochBegin:      func(_ *Run, epoch int) error { return note("OnEpochBegin", epoch) },
		EpochEnd:        func(_ *Run, epoch int, _ Logs) error { return note("OnEpochEnd", epoch) },
		TrainBegin:      func(*Run) error { return note("OnTrainBegin", 0) },
		TrainEnd:        func(*Run, Logs) error { return note("OnTrainEnd", 0) },
		TrainBatchBegin: func(_ *Run, batch int) error { return note("OnTrainBatchBegin", batch) },
		TrainBatchEnd:   func(_ *Run, batch int, _ Logs) error { return note("OnTrainBatchEnd", batch) },
	})
	want := map[string]int{
		"OnEpochBegin": 3, "OnEpochEnd": 3, "OnTrainBegin": 0, "OnTrainEnd": 0, "OnTrainBatchBegin": 3, "OnTrainBatchEnd": 3,
	}
	assert.Equal(t, want, called)
	for name, err := range got {
		if _, ok := want[name]; ok {
			assert.ErrorIs(t, err, ErrStop, name)
		}
	}
}

func TestRunContext(t *testing.T) {
	t.Parallel()
	r := &Run{Epochs: 3}
	assert.NoError(t, r.Context().Err())
	ctx, cancel := context.WithCancel(t.Context())
	with := r.WithContext(ctx)
	assert.Equal(t, 3, with.Epochs)
	cancel()
	require.ErrorIs(t, with.Context().Err(), context.Canceled)
	assert.NoError(t, r.Context().Err(), "the original is untouched")
}

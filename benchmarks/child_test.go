package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// childVariable makes the test binary the command itself, so that it can be its own child.
const childVariable = "GOKERAS_BENCHMARKS_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestLossesAreKeras(t *testing.T) {
	t.Parallel()
	for _, w := range workloads {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, runChild(context.Background(), []string{"check", w.name}, nil, &out))
			own, keras := &measure{}, &measure{}
			require.NoError(t, json.Unmarshal(out.Bytes(), &own.check))
			readJSON(t, "check_"+w.name+".json", &keras.check) // by: python keras_models.py check MODEL, on JAX
			keras.compare(own)
			assert.Empty(t, keras.Error)
			assert.Less(t, keras.Deviation, 1e-4)
		})
	}
}

func TestChildServes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	in := strings.NewReader("fit 2\npredict\non_batch\nallocs\n")
	require.NoError(t, runChild(context.Background(), []string{"fit", "tiny", "32"}, in, &out))
	answers := json.NewDecoder(&out)
	for _, want := range []struct {
		what    string
		seconds int
	}{{"ready", 0}, {"fit", 2}, {"predict", 1}, {"on_batch", 1}, {"allocs", 0}} {
		var a answer
		require.NoError(t, answers.Decode(&a), want.what)
		assert.Equal(t, want.what == "ready", a.Ready)
		require.Len(t, a.Seconds, want.seconds, want.what)
		for _, s := range a.Seconds {
			assert.Positive(t, s, want.what)
		}
	}
	assert.False(t, answers.More())
}

func TestChildErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args, in, want string
	}{
		{"", "", "expected a role and a model"},
		{"fit", "", "expected a role and a model"},
		{"fit nothing", "", `model "nothing": expected one of [mlp tiny large recommender cnn`},
		{"dance tiny", "", `role "dance"`},
		{"fit tiny", "", "expected the number of steps"},
		{"fit tiny many", "", `parsing "many"`},
		{"fit tiny 32", "dance\n", `unknown command ["dance"]`},
		{"fit tiny 32", "fit x\n", `parsing "x"`},
		{"limit x", "", `parsing "x"`},
	} {
		err := runChild(context.Background(), strings.Fields(c.args), strings.NewReader(c.in), &bytes.Buffer{})
		assert.ErrorContains(t, err, c.want, c.args)
	}
}

func TestRunWithoutPython(t *testing.T) {
	t.Setenv(childVariable, "1")
	r := &runner{
		options: options{backends: []string{"jax"}, python: "no-such-python", turns: 1, starts: 1, threads: 1},
		say:     &bytes.Buffer{},
	}
	ctx := context.Background()
	require.NoError(t, r.findSides(ctx))
	require.Len(t, r.report.Sides, 1)
	require.Len(t, r.report.Missing, 1)
	assert.Contains(t, r.report.Missing[0].Why, "no-such-python")
	w, err := findWorkload("tiny")
	require.NoError(t, err)
	res, err := r.model(ctx, w)
	require.NoError(t, err)
	require.Len(t, res.Measures, 1)
	m := res.Measures[0]
	assert.Empty(t, m.Error)
	assert.Len(t, m.check.Means, w.checkedSteps())
	assert.Len(t, m.Epochs, w.epochs)
	for _, v := range []float64{m.Step, m.Predict, m.OnBatch, m.Start, float64(m.Peak)} {
		assert.Positive(t, v)
	}
	assert.Equal(t, "not checked", res.agreement())
}

func TestFailedChildTellsWhy(t *testing.T) {
	t.Setenv(childVariable, "1")
	self, err := os.Executable()
	require.NoError(t, err)
	s := &side{Name: "gokeras", command: []string{self, "child"}}
	_, _, err = s.once(context.Background(), "dance", "tiny")
	assert.ErrorContains(t, err, `benchmarks: child: role "dance"`)
	assert.ErrorContains(t, err, "gokeras dance tiny")
}

func TestParse(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"-models", "mlp, cnn", "-backends", "torch", "-steps", "7"})
	require.NoError(t, err)
	assert.Equal(t, []string{"mlp", "cnn"}, o.models)
	assert.Equal(t, []string{"torch"}, o.backends)
	assert.Equal(t, 7, o.steps)
	o, err = parse(nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"mlp", "tiny", "large", "recommender", "cnn", "resnet", "bilstm", "gru", "transformer", "textcnn"}, o.models)
	assert.Equal(t, []string{"jax", "tensorflow", "torch"}, o.backends)
	for _, args := range [][]string{{"-models", "vgg"}, {"-turns", "0"}, {"-steps", "-1"}, {"extra"}} {
		_, err := parse(args)
		assert.Error(t, err, args)
	}
}

func TestPublish(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := parse([]string{"-write"})
	require.ErrorContains(t, err, "repository's root")
	require.NoError(t, os.Mkdir("docs", 0o755))
	o, err := parse([]string{"-write", "-json", "all.json"})
	require.NoError(t, err)
	r := &runner{options: o, report: *sample()}
	var shown bytes.Buffer
	require.NoError(t, r.publish(&shown))
	written, err := os.ReadFile("docs/benchmarks.md")
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(written), "# Benchmarks\n"))
	assert.True(t, strings.HasSuffix(string(written), shown.String()))
	raw, err := os.ReadFile("all.json")
	require.NoError(t, err)
	var back report
	require.NoError(t, json.Unmarshal(raw, &back))
	assert.Equal(t, sample().Models, back.Models)
}

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// The models and what Keras does with them come from internal/golden/models.py, the arrays from numpy.
func model(name string) string {
	return filepath.Join("..", "..", "keras", "testdata", "models", name+".keras")
}

func npz(name string) string { return filepath.Join("testdata", name+".npz") }

type array struct {
	Shape []int
	Data  []float64
}

type fixture struct {
	Summary     string
	Predictions []array
	Evaluation  map[string]float64
}

func expected(t *testing.T, name string) fixture {
	t.Helper()
	text, err := os.ReadFile(strings.TrimSuffix(model(name), ".keras") + ".json")
	require.NoError(t, err)
	var f fixture
	require.NoError(t, json.Unmarshal(text, &f))
	return f
}

// gokeras carries out a command.
func gokeras(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(context.Background(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestSummaryPrintsKerassTable(t *testing.T) {
	code, out, errs := gokeras("summary", model("text"))
	assert.Equal(t, 0, code)
	assert.Equal(t, expected(t, "text").Summary, out)
	assert.Empty(t, errs)
}

func TestPredictWritesWhatKerasPredicts(t *testing.T) {
	for _, name := range []string{"mlp", "text", "nested"} {
		file := filepath.Join(t.TempDir(), "p.npz")
		code, out, errs := gokeras("predict", model(name), "--data", npz(name), "--output", file, "--batch-size", "3")
		require.Equal(t, 0, code, errs)
		got, err := readArrays(file)
		require.NoError(t, err)
		want := expected(t, name).Predictions
		keys := []string{"y"}
		if len(want) == 2 {
			keys = []string{"y0", "y1"}
		}
		require.Len(t, got, len(keys))
		for i, key := range keys {
			assert.Contains(t, out, key+": float32 (")
			assert.Equal(t, want[i].Shape, []int(got[key].Shape()))
			for k, v := range want[i].Data {
				assert.InDelta(t, v, got[key].Float32s()[k], 1e-5)
			}
		}
	}
}

func TestEvaluatePrintsKerassLogs(t *testing.T) {
	for _, name := range []string{"mlp", "text", "nested"} {
		code, out, errs := gokeras("evaluate", model(name), "--data", npz(name), "--json")
		require.Equal(t, 0, code, errs)
		var logs map[string]float64
		require.NoError(t, json.Unmarshal([]byte(out), &logs))
		for key, want := range expected(t, name).Evaluation {
			require.Contains(t, logs, key)
			assert.InDelta(t, want, logs[key], 1e-5, key)
		}
	}
	code, out, _ := gokeras("evaluate", model("mlp"), "--data", npz("mlp"))
	assert.Equal(t, 0, code)
	assert.True(t, strings.HasPrefix(out, "loss: "), out)
	assert.Contains(t, out, "\naccuracy: ")
}

func TestTrain(t *testing.T) {
	dir := t.TempDir()
	output, history := filepath.Join(dir, "out.keras"), filepath.Join(dir, "h.json")
	args := []string{"train", model("mlp"), "--data", npz("mlp"), "--epochs", "3", "--batch-size", "4", "--seed", "5", "--output", output, "--history", history}
	code, out, errs := gokeras(append(args, "--validation-split", "0.25")...)
	require.Equal(t, 0, code, errs)
	assert.Empty(t, errs)
	assert.Contains(t, out, "val_loss: ")
	text, err := os.ReadFile(history)
	require.NoError(t, err)
	var h map[string][]float64
	require.NoError(t, json.Unmarshal(text, &h))
	for _, key := range []string{"loss", "accuracy", "val_loss", "val_accuracy"} {
		assert.Len(t, h[key], 3, key)
	}
	trained, err := os.ReadFile(output)
	require.NoError(t, err)
	assert.Less(t, h["loss"][2], h["loss"][0])
	// The same seed gives the same weights, another one others.
	code, _, errs = gokeras(append(args, "--validation-split", "0.25")...)
	require.Equal(t, 0, code, errs)
	assert.Equal(t, weights(t, trained), weightsOf(t, output))
	args[9] = "6"
	code, _, errs = gokeras(append(args, "--validation-split", "0.25")...)
	require.Equal(t, 0, code, errs)
	assert.NotEqual(t, weights(t, trained), weightsOf(t, output))
}

// A run without a seed says which was chosen, and repeats with it.
func TestTrainSaysItsSeed(t *testing.T) {
	dir := t.TempDir()
	first, again := filepath.Join(dir, "a.keras"), filepath.Join(dir, "b.keras")
	args := []string{"train", model("mlp"), "--data", npz("mlp"), "--epochs", "2"}
	code, _, errs := gokeras(append(slices.Clone(args), "--output", first)...)
	require.Equal(t, 0, code, errs)
	seed, ok := strings.CutPrefix(strings.TrimSpace(errs), "seed ")
	require.True(t, ok, errs)
	code, _, errs = gokeras(append(slices.Clone(args), "--seed", seed, "--output", again)...)
	require.Equal(t, 0, code, errs)
	assert.Equal(t, weightsOf(t, first), weightsOf(t, again))
}

func TestInterruptedTrainingIsSaved(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	output := filepath.Join(t.TempDir(), "a.keras")
	var out, errs bytes.Buffer
	code := run(ctx, []string{"train", model("mlp"), "--data", npz("mlp"), "--output", output}, &out, &errs)
	assert.Equal(t, 1, code)
	assert.Contains(t, errs.String(), "holds the model as trained so far")
	assert.NotEmpty(t, weightsOf(t, output))
}

func weightsOf(t *testing.T, path string) []any {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return weights(t, data)
}

func weights(t *testing.T, data []byte) []any {
	t.Helper()
	m, err := keras.LoadReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	var all []any
	for _, w := range m.Weights() {
		all = append(all, w.Value().Data())
	}
	return all
}

func TestTrainValidatesOnOtherData(t *testing.T) {
	output := filepath.Join(t.TempDir(), "out.keras")
	code, out, errs := gokeras("train", model("nested"), "--data", npz("nested"), "--validation-data", npz("nested"), "--shuffle=false", "--output", output)
	require.Equal(t, 0, code, errs)
	assert.Contains(t, out, "val_price_loss: ")
	_, err := keras.Load(output)
	require.NoError(t, err)
}

func TestFailuresAreOneLineThatNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	out := filepath.Join(dir, "p.npz")
	for want, args := range map[string][]string{
		"none.keras": {"summary", filepath.Join(dir, "none.keras")},
		"bad.keras: expected a .keras file, which is a zip archive": {"summary", put("bad.keras", "x")},
		"none.npz": {"predict", model("mlp"), "--data", filepath.Join(dir, "none.npz"), "--output", out},
		"bad.npz":  {"predict", model("mlp"), "--data", put("bad.npz", "x"), "--output", out},
		"text.npz: expected an array x, or input_layer, got none":        {"predict", model("words"), "--data", npzWithout(t, dir), "--output", out},
		"fortran.npz: x: expected an array in C order":                   {"predict", model("mlp"), "--data", npz("fortran"), "--output", out},
		"strings.npz: x: expected numbers, got elements of type \"<U1\"": {"predict", model("mlp"), "--data", npz("strings"), "--output", out},
		"wrong.npz: unknown arrays: sample_weights":                      {"evaluate", model("mlp"), "--data", npz("wrong")},
		"text.npz: unknown arrays: title":                                {"evaluate", model("mlp"), "--data", npz("text")},
		"input 0: expected shape (None, 5), got":                         {"predict", model("mlp"), "--data", npz("nested"), "--output", out},
		"expected 2 arrays for price, kind":                              {"evaluate", model("nested"), "--data", npz("mlp")},
		"not supported; train the model that it has saved":               {"train", model("mlp"), "--data", npz("mlp"), "--output", filepath.Join(dir, "o.keras"), "--resume", dir},
		"no such file or directory":                                      {"train", model("mlp"), "--data", npz("mlp"), "--output", filepath.Join(dir, "missing", "o.keras")},
		"missing":                                                        {"predict", model("mlp"), "--data", npz("mlp"), "--output", filepath.Join(dir, "missing", "p.npz")},
	} {
		code, stdout, errs := gokeras(args...)
		assert.Equal(t, exitFailure, code, "%v: %s", args, errs)
		assert.Contains(t, errs, want)
		assert.Equal(t, 1, strings.Count(errs, "\n"), errs)
		assert.True(t, strings.HasPrefix(errs, "gokeras: "), errs)
		assert.Empty(t, stdout)
	}
	assert.NoFileExists(t, out)
}

// npzWithout is a file text.npz without arrays.
func npzWithout(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "text.npz")
	require.NoError(t, writeArrays(path, nil))
	return path
}

func TestWrongUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"expected a command":            {},
		"unknown command":               {"fly"},
		"accepts 1 arg(s), received 0":  {"summary"},
		"accepts 1 arg(s), received 2":  {"summary", "a", "b"},
		`required flag(s) "data"`:       {"evaluate", model("mlp")},
		`required flag(s) "output"`:     {"predict", model("mlp"), "--data", npz("mlp")},
		"unknown flag: --colour":        {"summary", model("mlp"), "--colour"},
		"--batch-size: expected 1":      {"predict", model("mlp"), "--data", "x", "--output", "y", "--batch-size", "0"},
		"invalid argument \"three\"":    {"train", model("mlp"), "--data", "x", "--output", "y.keras", "--epochs", "three"},
		"--epochs: expected 1 or more":  {"train", model("mlp"), "--data", "x", "--output", "y.keras", "--epochs", "0"},
		"--validation-split: expected":  {"train", model("mlp"), "--data", "x", "--output", "y.keras", "--validation-split", "1"},
		"ends in .keras, got y.h5":      {"train", model("mlp"), "--data", "x", "--output", "y.h5"},
		"[validation-data validation-s": {"train", model("mlp"), "--data", "x", "--output", "y.keras", "--validation-data", "z", "--validation-split", "0.5"},
	} {
		code, _, errs := gokeras(args...)
		assert.Equal(t, exitUsage, code, "%v: %s", args, errs)
		assert.Contains(t, errs, want)
	}
}

func TestHelpIsNoFailure(t *testing.T) {
	code, out, errs := gokeras("--help")
	assert.Equal(t, 0, code)
	for _, command := range []string{"summary", "predict", "evaluate", "train"} {
		assert.Contains(t, out, command)
	}
	assert.Empty(t, errs)
}

// A header may lie about its array's size; no memory is taken for what the file does not hold.
func TestHostileArrays(t *testing.T) {
	for want, header := range map[string]string{
		"more elements than the file has bytes":         "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 4), }\n",
		"more elements than the file":                   "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }\n",
		"shape [3] of <f4: expected 12 bytes, got 10":   "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n",
		"expected samples along the first axis":         "{'descr': '<f4', 'fortran_order': False, 'shape': (), }\n",
		"expected an array in numpy's npy format":       "nonsense",
		"expected numbers, got elements of type \"|O\"": "{'descr': '|O', 'fortran_order': False, 'shape': (10,), }\n",
	} {
		path := filepath.Join(t.TempDir(), "x.npz")
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create("x.npy")
		require.NoError(t, err)
		_, err = w.Write(append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), 0))
		require.NoError(t, err)
		_, err = w.Write([]byte(header + strings.Repeat("x", 10)))
		require.NoError(t, err)
		require.NoError(t, z.Close())
		require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
		_, err = readArrays(path)
		assert.ErrorContains(t, err, want)
	}
}

func TestWrittenArraysAreReadBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	a := tensor.New(tensor.WithShape(2, 3, 1), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6}))
	b := tensor.New(tensor.WithShape(4), tensor.WithBacking([]int32{-1, 2, 3, 4}))
	c := tensor.New(tensor.WithShape(3), tensor.WithBacking([]bool{true, false, true}))
	require.NoError(t, writeArrays(path, []*tensor.Dense{a, b, c}))
	got, err := readArrays(path)
	require.NoError(t, err)
	for key, want := range map[string]*tensor.Dense{"y0": a, "y1": b, "y2": c} {
		assert.Equal(t, want.Shape(), got[key].Shape())
		assert.Equal(t, want.Data(), got[key].Data())
	}
}

package keras

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/internal/hdf5"
	"github.com/gokeras/gokeras/internal/wholefile"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func savable(t *testing.T) (m *Model, x, y *tensor.Dense) {
	t.Helper()
	m = Sequential(&layers.Input{Shape: []int{3}}, &layers.Dense{Units: 4}, &layers.Dropout{Rate: 0.5}, &layers.Dense{Units: 1})
	require.NoError(t, m.Compile(CompileOptions{Optimizer: &optimizers.Adam{}, Loss: losses.MeanSquaredError{}, Seed: 3}))
	x = tensor.New(tensor.WithShape(6, 3), tensor.WithBacking(tensor.Range(tensor.Float32, 0, 18)))
	y = tensor.New(tensor.WithShape(6, 1), tensor.WithBacking(tensor.Range(tensor.Float32, 0, 6)))
	return m, x, y
}

func fitSome(t *testing.T, m *Model, x, y *tensor.Dense, epochs int) {
	t.Helper()
	_, err := m.Fit(context.Background(), x, y, FitOptions{Epochs: epochs, BatchSize: 3, Shuffle: new(false)})
	require.NoError(t, err)
}

func TestAFailedSaveLeavesTheOldFileWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.keras")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	err := wholefile.Replace(path, func(w io.Writer) error {
		_, err := w.Write([]byte("new, but not all of it"))
		require.NoError(t, err)
		return errors.New("disk full")
	})
	require.ErrorContains(t, err, "disk full")
	old, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "old", string(old))
	names, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, names, 1, "nothing is left behind")
}

func TestSaveReplacesAFileAndKeepsItsMode(t *testing.T) {
	m, _, _ := savable(t)
	path := filepath.Join(t.TempDir(), "m.keras")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	require.NoError(t, m.Save(path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	_, err = Load(path)
	require.NoError(t, err)
}

func TestSaveRefuses(t *testing.T) {
	m, _, _ := savable(t)
	assert.ErrorContains(t, m.Save(filepath.Join(t.TempDir(), "m.h5")), "expected a path that ends in .keras")
	assert.ErrorContains(t, m.Save(filepath.Join(t.TempDir(), "missing", "m.keras")), "missing")
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	assert.ErrorContains(t, m.Save(filepath.Join(file, "m.keras")), "not a directory")
	twice := &layers.Dense{Units: 3}
	assert.ErrorContains(t, Sequential(&layers.Input{Shape: []int{3}}, twice, twice).SaveWriter(io.Discard), "applies a layer twice")
	assert.ErrorContains(t, Sequential(&stranger{}).SaveWriter(io.Discard), "layer stranger: saving: keras.stranger is not registered")
}

type stranger struct{ layers.Dense }

// Random streams are saved too, so that training goes on with the same dropout.
func TestDropoutGoesOnWhereItWas(t *testing.T) {
	m, x, y := savable(t)
	fitSome(t, m, x, y, 2)
	var b bytes.Buffer
	require.NoError(t, m.SaveWriter(&b))
	again, err := LoadReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	fitSome(t, m, x, y, 3)
	fitSome(t, again, x, y, 3)
	for i, w := range m.Weights() {
		assert.Equal(t, w.Value().Data(), again.Weights()[i].Value().Data(), w.Path)
	}
	assert.Equal(t, optimizers.State(m.compilation.Load().Optimizer), optimizers.State(again.compilation.Load().Optimizer))
}

// Saving during training gives the weights between two steps: the optimizer's count fits the weights, and files load.
func TestSaveWhileTraining(t *testing.T) {
	m, x, y := savable(t)
	dir := t.TempDir()
	var files []string
	callback := &callbacks.LambdaCallback{EpochEnd: func(run *callbacks.Run, epoch int, _ callbacks.Logs) error {
		path := filepath.Join(dir, itoa(epoch)+".keras")
		files = append(files, path)
		return run.Model.Save(path)
	}}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					assert.NoError(t, m.SaveWriter(io.Discard))
				}
			}
		})
	}
	_, err := m.Fit(context.Background(), x, y, FitOptions{Epochs: 5, BatchSize: 2, Callbacks: []callbacks.Callback{callback}})
	close(done)
	wg.Wait()
	require.NoError(t, err)
	require.Len(t, files, 5)
	for i, path := range files {
		again, err := Load(path)
		require.NoError(t, err)
		assert.Equal(t, int64(3*(i+1)), optimizers.State(again.compilation.Load().Optimizer)[0].Int[0], "steps")
	}
}

// readArchive reads a file of Keras's or ours.
func readArchive(t *testing.T, data []byte) (config map[string]any, h *hdf5.File) {
	t.Helper()
	a, err := openArchive(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	config, err = a.config()
	require.NoError(t, err)
	h, err = a.weights()
	require.NoError(t, err)
	return config, h
}

// What is written for a model of Keras's is what Keras wrote for it: the same arrays at the same paths, and no argument that differs.
func TestSavedFilesAreLaidOutAsKerass(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "models", "*.keras"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			theirs, err := os.ReadFile(path)
			require.NoError(t, err)
			m, err := Load(path)
			require.NoError(t, err)
			var b bytes.Buffer
			require.NoError(t, m.SaveWriter(&b))
			want, kh := readArchive(t, theirs)
			got, gh := readArchive(t, b.Bytes())
			assert.Equal(t, groupsOf(t, kh.Root()), groupsOf(t, gh.Root()))
			assertWithin(t, "", got, want)
			z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
			require.NoError(t, err)
			var names []string
			for _, f := range z.File {
				names = append(names, f.Name)
				assert.Equal(t, zip.Store, f.Method, f.Name)
			}
			assert.Equal(t, []string{"metadata.json", "config.json", "model.weights.h5"}, names)
		})
	}
}

// groupsOf lists groups with their name attribute, and arrays with their shapes.
func groupsOf(t *testing.T, g *hdf5.Group) []string {
	t.Helper()
	var all []string
	name := ""
	// Inner layers have the names of their fields here, where Keras numbers them; nothing goes by these names.
	if v, err := g.Attr("name"); err == nil && !strings.HasPrefix(g.Path(), "/layers/encoder/") {
		name = v.(string)
	}
	all = append(all, g.Path()+" "+name)
	for _, n := range g.Names() {
		if child, err := g.Group(n); err == nil {
			all = append(all, groupsOf(t, child)...)
			continue
		}
		d, err := g.Dataset(n)
		require.NoError(t, err)
		all = append(all, d.Path()+" "+shapeText(d.Shape()))
	}
	return all
}

// assertWithin checks that all that is in got is in want too; got may leave out what is Keras's default.
func assertWithin(t *testing.T, at string, got, want any) {
	t.Helper()
	switch got := got.(type) {
	case map[string]any:
		w, ok := want.(map[string]any)
		if word, isWord := want.(string); isWord && got["class_name"] != nil { // Keras keeps words that users gave.
			short := map[string]string{"mse": "MeanSquaredError", "mae": "MeanAbsoluteError"}
			assert.True(t, got["class_name"] == short[word] || layers.SnakeCase(got["class_name"].(string)) == word, "%s: %v, %v", at, got, want)
			return
		}
		require.True(t, ok, "%s: %v, want %v", at, got, want)
		for key, v := range got {
			if n, ok := w[key].(json.Number); ok && key == "axis" && n[0] == '-' {
				continue // Axes of operations are counted from the start here.
			}
			require.Contains(t, w, key, at)
			assertWithin(t, at+"."+key, v, w[key])
		}
	case []any:
		w, ok := want.([]any)
		if !ok && len(got) == 1 {
			w, ok = []any{want}, true
		}
		require.True(t, ok, "%s: %v, want %v", at, got, want)
		require.Len(t, w, len(got), at)
		for i := range got {
			assertWithin(t, at+"["+itoa(i)+"]", got[i], w[i])
		}
	case json.Number:
		a, err := got.Float64()
		require.NoError(t, err)
		w, ok := want.(json.Number)
		require.True(t, ok, "%s: %v, want %v", at, got, want)
		b, err := w.Float64()
		require.NoError(t, err)
		assert.InDelta(t, b, a, 1e-9*max(1, math.Abs(b)), at)
	default:
		assert.Equal(t, want, got, at)
	}
}

// A way of training that is not supported does not keep a model from predicting, is told to who wants to train, and is saved again.
func TestForeignTrainingIsKept(t *testing.T) {
	m, x, y := savable(t)
	m = edited(t, m, func(config map[string]any) {
		config["compile_config"].(map[string]any)["optimizer"] = map[string]any{"module": "keras.optimizers", "class_name": "Sophia", "config": map[string]any{"beta": 0.5}}
	})
	_, err := m.Predict(context.Background(), x)
	require.NoError(t, err)
	_, err = m.Fit(context.Background(), x, y, FitOptions{})
	require.ErrorContains(t, err, `optimizer: saving: class "keras.optimizers.Sophia" is unknown`)
	var b bytes.Buffer
	require.NoError(t, m.SaveWriter(&b))
	config, _ := readArchive(t, b.Bytes())
	assert.Equal(t, "Sophia", config["compile_config"].(map[string]any)["optimizer"].(map[string]any)["class_name"])
	require.NoError(t, m.Compile(CompileOptions{Loss: losses.MeanSquaredError{}}))
	fitSome(t, m, x, y, 1)
}

// edited is a model after a way through a file whose configuration was changed.
func edited(t *testing.T, m *Model, edit func(config map[string]any)) *Model {
	t.Helper()
	data := editedFile(t, m, edit)
	again, err := LoadReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	return again
}

func editedFile(t *testing.T, m *Model, edit func(config map[string]any)) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, m.SaveWriter(&b))
	config, _ := readArchive(t, b.Bytes())
	edit(config)
	text, err := json.Marshal(config)
	require.NoError(t, err)
	return rezipped(t, b.Bytes(), map[string][]byte{configName: text}, zip.Store)
}

// rezipped is an archive with some members replaced, added, or with nil left out.
func rezipped(t *testing.T, data []byte, members map[string][]byte, method uint16) []byte {
	t.Helper()
	a, err := openArchive(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	for name, text := range members {
		if a.members[name] == nil {
			require.NotNil(t, text)
		}
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{metadataName, configName, weightsName} {
		text, replaced := members[name]
		if !replaced {
			text, err = a.read(name, maxWeightBytes)
			require.NoError(t, err)
		}
		if text == nil {
			continue
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		require.NoError(t, err)
		_, err = w.Write(text)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestCompressedFilesLoad(t *testing.T) {
	m, x, _ := savable(t)
	var b bytes.Buffer
	require.NoError(t, m.SaveWriter(&b))
	data := rezipped(t, b.Bytes(), nil, zip.Deflate)
	again, err := LoadReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	want, err := m.Predict(context.Background(), x)
	require.NoError(t, err)
	got, err := again.Predict(context.Background(), x)
	require.NoError(t, err)
	assert.Equal(t, want.Data(), got.Data())
}

// layerConfig is the i-th layer in a configuration, the input counted.
func layerConfig(config map[string]any, i int) map[string]any {
	return config["config"].(map[string]any)["layers"].([]any)[i].(map[string]any)
}

func TestBrokenFilesAreRefused(t *testing.T) {
	m, _, _ := savable(t)
	var b bytes.Buffer
	require.NoError(t, m.SaveWriter(&b))
	good := b.Bytes()
	replaced := func(name, text string) []byte {
		return rezipped(t, good, map[string][]byte{name: []byte(text)}, zip.Store)
	}
	edit := func(f func(map[string]any)) []byte { return editedFile(t, m, f) }
	for want, data := range map[string][]byte{
		"expected a .keras file, which is a zip archive":    []byte("no zip"),
		"zip: not a valid zip file":                         good[:len(good)-30],
		"config.json is missing":                            rezipped(t, good, map[string][]byte{configName: nil}, zip.Store),
		"model.weights.h5 is missing":                       rezipped(t, good, map[string][]byte{weightsName: nil}, zip.Store),
		"config.json: unexpected EOF":                       replaced(configName, "{"),
		"class my.Net: expected a Sequential":               replaced(configName, `{"module": "my", "class_name": "Net", "config": {}}`),
		"model.weights.h5: hdf5":                            replaced(weightsName, "no HDF5"),
		`layer dense: saving: class "keras.layers.Dens" is`: edit(func(c map[string]any) { layerConfig(c, 1)["class_name"] = "Dens" }),
		"layer dense: saving: keras.layers.Dense: colour: \"red\" is not supported": edit(func(c map[string]any) {
			layerConfig(c, 1)["config"].(map[string]any)["colour"] = "red"
		}),
		"layer dense (Dense): /layers/dense/vars/0: dense/kernel: expected shape [3 5], got [3 4]": edit(func(c map[string]any) {
			layerConfig(c, 1)["config"].(map[string]any)["units"] = 5
		}),
		// So much memory is never asked for: the file says first that it has less.
		"expected shape [3 268435456], got [3 4]": edit(func(c map[string]any) {
			layerConfig(c, 1)["config"].(map[string]any)["units"] = 1 << 28
		}),
		"layers/dense_1/vars: expected 2 arrays (dense_1/kernel, dense_1/bias), got 1": withoutArray(t, good, "layers/dense_1/vars/1"),
		"layers/dense_2/vars: hdf5: /layers/dense_2": edit(func(c map[string]any) {
			list := c["config"].(map[string]any)["layers"].([]any)
			extra := map[string]any{"module": "keras.layers", "class_name": "Dense", "config": map[string]any{"name": "extra", "units": 1}}
			c["config"].(map[string]any)["layers"] = append(list, extra)
		}),
		"there are weights, but no build_config says for which input": edit(func(c map[string]any) {
			own := c["config"].(map[string]any)
			own["layers"] = own["layers"].([]any)[1:]
			own["build_input_shape"], c["build_config"] = nil, nil
		}),
		"layers: expected a list":         edit(func(c map[string]any) { c["config"].(map[string]any)["layers"] = 3 }),
		"layers: 1: expected an object":   edit(func(c map[string]any) { c["config"].(map[string]any)["layers"].([]any)[1] = "x" }),
		"models nest more than 50 deep":   edit(func(c map[string]any) { nest(c, 60) }),
		"Python code in files is not run": edit(func(c map[string]any) { makeLambda(layerConfig(c, 1)) }),
		`two members named "config.json"`: duplicated(t, good),
		"which no model's do":             bomb(t),
		"bytes are more than":             claiming(t, good),
	} {
		_, err := LoadReader(bytes.NewReader(data), int64(len(data)))
		assert.ErrorContains(t, err, want)
	}
}

func makeLambda(layer map[string]any) {
	layer["class_name"] = "Lambda"
	layer["config"] = map[string]any{"name": "f", "function": map[string]any{"class_name": "__lambda__", "config": map[string]any{"code": "xx"}}}
}

// nest puts a model into itself many times.
func nest(c map[string]any, depth int) {
	inner := map[string]any{"module": "keras", "class_name": "Sequential", "config": map[string]any{"name": "s", "layers": []any{}}}
	for range depth {
		inner = map[string]any{"module": "keras", "class_name": "Sequential", "config": map[string]any{"name": "s", "layers": []any{inner}}}
	}
	c["config"].(map[string]any)["layers"] = []any{inner}
}

func duplicated(t *testing.T, data []byte) []byte {
	t.Helper()
	a, err := openArchive(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	text, err := a.read(configName, maxJSONBytes)
	require.NoError(t, err)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for range 2 {
		w, err := z.Create(configName)
		require.NoError(t, err)
		_, err = w.Write(text)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// bomb is a configuration of a few bytes that expand to many.
func bomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(configName)
	require.NoError(t, err)
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range 65 {
		_, err = w.Write(block)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// claiming is a file whose directory says that the configuration has 4 GB.
func claiming(t *testing.T, data []byte) []byte {
	t.Helper()
	data = slices.Clone(data)
	at := bytes.LastIndex(data, []byte(configName)) - 46 // of the member's record in the directory
	require.Equal(t, "PK\x01\x02", string(data[at:at+4]))
	copy(data[at+24:], "\xf0\xff\xff\xff")
	return data
}

// withoutArray is a file whose weights lack an array.
func withoutArray(t *testing.T, data []byte, missing string) []byte {
	t.Helper()
	_, h := readArchive(t, data)
	w := hdf5.New()
	require.NoError(t, h.Walk(func(path string, d *hdf5.Dataset) error {
		if strings.TrimPrefix(path, "/") == missing {
			return nil
		}
		v, err := d.Float32s()
		if err != nil {
			return err
		}
		return w.Dataset(strings.TrimPrefix(path, "/"), d.Shape(), v)
	}))
	var b bytes.Buffer
	_, err := w.WriteTo(&b)
	require.NoError(t, err)
	return rezipped(t, data, map[string][]byte{weightsName: b.Bytes()}, zip.Store)
}

func TestLoadSaysWhichFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.keras"))
	assert.ErrorContains(t, err, "none.keras")
	path := filepath.Join(t.TempDir(), "bad.keras")
	require.NoError(t, os.WriteFile(path, []byte("x"), 0o600))
	_, err = Load(path)
	assert.ErrorContains(t, err, "bad.keras")
	_, err = LoadFS(os.DirFS(filepath.Dir(path)), "bad.keras")
	assert.ErrorContains(t, err, "load bad.keras")
}

func TestLoadFS(t *testing.T) {
	m, err := LoadFS(os.DirFS("testdata"), "models/mlp.keras")
	require.NoError(t, err)
	assert.Equal(t, "mlp", m.ModelName())
}

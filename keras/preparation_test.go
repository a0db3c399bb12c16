package keras_test

import (
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

var (
	// preparedModels can be one that the script drew from another seed.
	preparedModels = flag.String("prepared", "testdata/preparation", "the directory that internal/golden/preparation.py wrote")
	// writePrepared is for internal/golden/preparation.py --check.
	writePrepared = flag.String("write", "", "a directory that TestPreparationToKeras writes its models to")
)

// A packed array is one as internal/golden/preparation.py writes it.
type packed struct {
	Shape []int    `json:"shape"`
	Type  string   `json:"type"`
	Data  []byte   `json:"data,omitempty"`
	Texts [][]byte `json:"texts,omitempty"`
}

func (p packed) dense() *tensor.Dense {
	var backing any
	switch p.Type {
	case "s":
		v := make([]string, len(p.Texts))
		for i := range v {
			v[i] = string(p.Texts[i])
		}
		backing = v
	case "i":
		v := make([]int32, len(p.Data)/4)
		for i := range v {
			v[i] = int32(binary.LittleEndian.Uint32(p.Data[4*i:]))
		}
		backing = v
	default:
		v := make([]float32, len(p.Data)/4)
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(p.Data[4*i:]))
		}
		backing = v
	}
	return tensor.New(tensor.WithShape(p.Shape...), tensor.WithBacking(backing))
}

func pack(d *tensor.Dense) packed {
	p := packed{Shape: d.Shape()}
	switch v := d.Data().(type) {
	case []string:
		p.Type = "s"
		for _, s := range v {
			p.Texts = append(p.Texts, []byte(s))
		}
	case []int32:
		p.Type = "i"
		for _, n := range v {
			p.Data = binary.LittleEndian.AppendUint32(p.Data, uint32(n))
		}
	case []float32:
		p.Type = "f"
		for _, f := range v {
			p.Data = binary.LittleEndian.AppendUint32(p.Data, math.Float32bits(f))
		}
	}
	return p
}

type prediction struct {
	Inputs  []packed `json:"inputs"`
	Outputs []packed `json:"outputs"`
}

func denses(ps []packed) []*tensor.Dense {
	out := make([]*tensor.Dense, len(ps))
	for i, p := range ps {
		out[i] = p.dense()
	}
	return out
}

func asFloats(t *testing.T, d *tensor.Dense) []float32 {
	t.Helper()
	if v, ok := d.Data().([]int32); ok {
		out := make([]float32, len(v))
		for i, n := range v {
			out[i] = float32(n)
		}
		return out
	}
	require.Equal(t, tensor.Float32, d.Dtype())
	return d.Float32s()
}

func requirePrediction(t *testing.T, m *keras.Model, p prediction) {
	t.Helper()
	got, err := m.PredictArrays(t.Context(), denses(p.Inputs))
	require.NoError(t, err)
	require.Len(t, got, len(p.Outputs))
	for i, want := range p.Outputs {
		require.Equal(t, want.Shape, []int(got[i].Shape()), "output %d", i)
		require.InDeltaSlice(t, asFloats(t, want.dense()), asFloats(t, got[i]), 1e-4, "output %d", i)
	}
}

// TestPreparationFromKeras opens models of adapted layers that Keras has saved, twice: as they are, and as saved again.
func TestPreparationFromKeras(t *testing.T) {
	for _, name := range []string{"lookups", "numbers"} {
		t.Run(name, func(t *testing.T) {
			from := filepath.Join(*preparedModels, name)
			f, err := os.Open(from + ".json.gz")
			require.NoError(t, err)
			defer f.Close()
			z, err := gzip.NewReader(f)
			require.NoError(t, err)
			var want prediction
			require.NoError(t, json.NewDecoder(z).Decode(&want))

			m, err := keras.Load(from + ".keras")
			require.NoError(t, err)
			requirePrediction(t, m, want)
			path := filepath.Join(t.TempDir(), "again.keras")
			require.NoError(t, m.Save(path))
			again, err := keras.Load(path)
			require.NoError(t, err)
			requirePrediction(t, again, want)
			writeForKeras(t, name, m, denses(want.Inputs))
		})
	}
}

// writeForKeras writes a model and what it predicts where the flag says so.
func writeForKeras(t *testing.T, name string, m *keras.Model, xs []*tensor.Dense) {
	t.Helper()
	if *writePrepared == "" {
		return
	}
	ys, err := m.PredictArrays(t.Context(), xs)
	require.NoError(t, err)
	var said prediction
	for _, x := range xs {
		said.Inputs = append(said.Inputs, pack(x))
	}
	for _, y := range ys {
		said.Outputs = append(said.Outputs, pack(y))
	}
	text, err := json.Marshal(said)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(*writePrepared, name+".json"), text, 0o600))
	require.NoError(t, m.Save(filepath.Join(*writePrepared, name+".keras")))
}

func saidTexts(n int) *tensor.Dense {
	v := []string{"the cat sat", "the dog sat", "ein Hund saß", "der Hund, die Katze!"}[:n]
	return text([]int{n, 1}, v...)
}

// TestPreparationToKeras saves a model of layers that were adapted before and after it was built, and loads it again.
func TestPreparationToKeras(t *testing.T) {
	words := &layers.TextVectorization{OutputMode: layers.OutputTFIDF, NGramWidths: []int{1, 2}}
	ids := &layers.TextVectorization{OutputSequenceLength: 3, Standardize: layers.NoStandardization, Split: layers.SplitCharacter}
	given := &layers.TextVectorization{OutputMode: layers.OutputCount, Vocabulary: []string{"the", "hund"}}
	numbered := &layers.IntegerLookup{OutputMode: layers.OutputMultiHot, NumOOVIndices: new(2)}
	scaled, inverse := &layers.Normalization{}, &layers.Normalization{Invert: true, Mean: []float64{1}, Variance: []float64{4}}
	bins := &layers.Discretization{NumBins: 3, OutputMode: layers.OutputCount}
	x := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float32{1, 10, 2, 20, 3, 30, 4, 60}))
	codes := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]int32{5, 5, -3, 2_000_000_000}))
	require.NoError(t, words.Adapt(saidTexts(4)))
	require.NoError(t, ids.AdaptDataset(data.FromTensorSlices(saidTexts(3), nil).Batch(2)))
	require.NoError(t, numbered.Adapt(codes))
	require.NoError(t, bins.Adapt(x))

	in := keras.Input(layers.Input{Shape: []int{1}, DType: ops.String})
	number := keras.Input(layers.Input{Shape: []int{2}})
	code := keras.Input(layers.Input{Shape: []int{1}, DType: ops.Int32})
	features := keras.Merge(&layers.Concatenate{}, keras.Apply(words, in), keras.Apply(given, in), keras.Apply(scaled, number), keras.Apply(bins, number),
		keras.Apply(numbered, code), keras.Apply(&layers.CategoryEncoding{NumTokens: 4, OutputMode: layers.OutputOneHot},
			keras.Apply(&layers.Hashing{NumBins: 4, MaskValue: 5}, code)))
	out := keras.Apply(&layers.Dense{Units: 1}, features)
	m := keras.NewModel([]ops.Tensor{in, number, code}, []ops.Tensor{
		out, keras.Apply(ids, in), keras.Apply(inverse, number), keras.Apply(&layers.Rescaling{Scales: []float64{2, 3}, Offset: 1}, number),
	})
	inputs := []*tensor.Dense{saidTexts(4), x, codes}
	before, err := m.PredictArrays(t.Context(), inputs)
	require.NoError(t, err)
	require.NoError(t, scaled.Adapt(x))
	want, err := m.PredictArrays(t.Context(), inputs)
	require.NoError(t, err)
	require.NotEqual(t, before[0].Data(), want[0].Data())
	path := filepath.Join(t.TempDir(), "prepared.keras")
	require.NoError(t, m.Save(path))
	loaded, err := keras.Load(path)
	require.NoError(t, err)
	got, err := loaded.PredictArrays(t.Context(), inputs)
	require.NoError(t, err)
	for i := range want {
		require.Equal(t, want[i].Data(), got[i].Data(), "output %d", i)
	}
	writeForKeras(t, "made", m, inputs)

	direct, err := words.Apply(saidTexts(2))
	require.NoError(t, err)
	require.Equal(t, []int{2, len(words.Tokens())}, []int(direct.Shape()))
}

// TestTrainingOnText learns from sentences, in a stack of layers, and goes on after loading.
func TestTrainingOnText(t *testing.T) {
	words := &layers.TextVectorization{OutputMode: layers.OutputTFIDF, MaxTokens: 9, PadToMaxTokens: true}
	m := keras.Sequential(&layers.Input{Shape: []int{1}, DType: ops.String}, words, &layers.Dense{Units: 1})
	require.NoError(t, words.Adapt(saidTexts(4)))
	require.NoError(t, m.Compile(keras.CompileOptions{Optimizer: &optimizers.Adam{LearningRate: 0.1}, Loss: losses.MeanSquaredError{}, Seed: 2}))
	h, err := m.Fit(t.Context(), saidTexts(4), column(0, 1, 2, 3), keras.FitOptions{Epochs: 60, BatchSize: 3})
	require.NoError(t, err)
	require.Less(t, h.Metrics["loss"][59], 0.1)
	path := filepath.Join(t.TempDir(), "stack.keras")
	require.NoError(t, m.Save(path))
	loaded, err := keras.Load(path)
	require.NoError(t, err)
	for _, model := range []*keras.Model{m, loaded} {
		_, err := model.Fit(t.Context(), saidTexts(4), column(0, 1, 2, 3), keras.FitOptions{Epochs: 1, BatchSize: 4})
		require.NoError(t, err)
	}
	want, err := m.Predict(t.Context(), saidTexts(3))
	require.NoError(t, err)
	got, err := loaded.Predict(t.Context(), saidTexts(3))
	require.NoError(t, err)
	require.Equal(t, want.Float32s(), got.Float32s())
	writeForKeras(t, "stack", loaded, []*tensor.Dense{saidTexts(4)})
}

// TestTextNeedsALength says what to do where a model cannot know how many tokens there will be.
func TestTextNeedsALength(t *testing.T) {
	m := keras.Sequential(&layers.Input{Shape: []int{1}, DType: ops.String}, &layers.TextVectorization{Vocabulary: []string{"a"}})
	_, err := m.Predict(t.Context(), text([]int{1, 1}, "a b"))
	require.ErrorContains(t, err, "set OutputSequenceLength")
}

package layers_test

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/layers/layertest"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	_ "github.com/gokeras/gokeras/keras/constraints"
	_ "github.com/gokeras/gokeras/keras/initializers"
)

// An array is one as internal/golden/layers.py writes it: float32, int32 or bool, little-endian.
type array struct {
	Shape []int
	Type  string
	Data  []byte
}

// UnmarshalJSON implements [json.Unmarshaler].
func (a *array) UnmarshalJSON(text []byte) error {
	var raw struct {
		Shape      []int
		Type, Data string
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	a.Shape, a.Type = raw.Shape, raw.Type
	var err error
	a.Data, err = base64.StdEncoding.DecodeString(raw.Data)
	return err
}

func (a *array) dense() *tensor.Dense {
	if a == nil {
		return nil
	}
	n := tensor.Shape(a.Shape).TotalSize()
	var backing any
	switch a.Type {
	case "f":
		v := make([]float32, n)
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(a.Data[4*i:]))
		}
		backing = v
	case "i":
		v := make([]int32, n)
		for i := range v {
			v[i] = int32(binary.LittleEndian.Uint32(a.Data[4*i:]))
		}
		backing = v
	case "b":
		v := make([]bool, n)
		for i := range v {
			v[i] = a.Data[i] != 0
		}
		backing = v
	}
	return tensor.New(tensor.WithShape(a.Shape...), tensor.WithBacking(backing))
}

func denses(as []*array) []*tensor.Dense {
	out := make([]*tensor.Dense, len(as))
	for i, a := range as {
		out[i] = a.dense()
	}
	return out
}

// fixtures can be those that the script drew from another seed: go test ./layers -keras FOLDER.
var fixtures = flag.String("keras", "testdata/keras", "where internal/golden/layers.py wrote to")

type kerasCase struct {
	Name            string
	Kind            string
	Config          map[string]any
	Training        bool
	Flags           map[string]any // arguments of the call that are fields
	Inputs          []*array
	Masks           []*array
	Weights         []*array
	Outputs         []*array
	OutputMasks     []*array `json:"output_masks"`
	Cotangents      []*array
	Penalty         float64
	InputGradients  []*array `json:"input_gradients"`
	WeightGradients []*array `json:"weight_gradients"`
	After           []*array
}

// TestKeras runs the configurations that internal/golden/layers.py drew through the conformance suite, with Keras's numbers.
func TestKeras(t *testing.T) {
	cases, _ := readKeras(t)
	for _, k := range cases {
		t.Run(k.Name, func(t *testing.T) {
			c := layertest.Case{
				Inputs: denses(k.Inputs), Masks: denses(k.Masks), Training: k.Training, Weights: denses(k.Weights),
				Outputs: denses(k.Outputs), OutputMasks: denses(k.OutputMasks), Cotangents: denses(k.Cotangents), Penalty: &k.Penalty,
				InputGradients: denses(k.InputGradients), WeightGradients: denses(k.WeightGradients), After: denses(k.After),
				Trainable: new(len(k.WeightGradients)), NonTrainable: new(len(k.Weights) - len(k.WeightGradients)),
			}
			require.NotNil(t, load[layers.Part](t, k.Config))
			switch k.Kind {
			case "one":
				layertest.Run(t, func() layers.Layer { return loadCase[layers.Layer](t, k) }, c)
			case "merge":
				layertest.RunMerge(t, func() layers.Merger { return loadCase[layers.Merger](t, k) }, c)
			case "all":
				layertest.RunAll(t, func() layers.MultiLayer { return loadCase[layers.MultiLayer](t, k) }, c)
			default:
				t.Fatalf("kind %q", k.Kind)
			}
		})
	}
}

// loadCase is a case's layer, with the arguments of its call.
func loadCase[P layers.Part](t *testing.T, k kerasCase) P {
	t.Helper()
	p := load[P](t, k.Config)
	require.NoError(t, saving.SetCallArguments(p, k.Flags))
	return p
}

func load[P layers.Part](t *testing.T, config map[string]any) P {
	t.Helper()
	l, err := saving.FromConfig(config)
	require.NoError(t, err)
	p, ok := l.(P)
	require.True(t, ok, "%T", l)
	return p
}

// readKeras reads the cases of all families, and those whose output jumps somewhere, which have no gradients by finite differences.
func readKeras(t *testing.T) (cases, jumps []kerasCase) {
	t.Helper()
	families, err := filepath.Glob(filepath.Join(*fixtures, "*.json.gz"))
	require.NoError(t, err)
	require.NotEmpty(t, families)
	for _, family := range families {
		var file struct{ Cases, Jumps []kerasCase }
		readJSON(t, family, &file)
		require.NotEmpty(t, file.Cases, family)
		cases, jumps = append(cases, file.Cases...), append(jumps, file.Jumps...)
	}
	return cases, jumps
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(z).Decode(into))
}

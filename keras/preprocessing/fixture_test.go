package preprocessing

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// values are an array of the fixture; null is NaN.
type values struct {
	Name    string
	Shape   []int
	Numbers []*float64
	Texts   []string
}

func (v values) floats() []float64 {
	f := make([]float64, len(v.Numbers))
	for i, p := range v.Numbers {
		f[i] = orNaN(p)
	}
	return f
}

func (v values) dense() *tensor.Dense {
	if v.Texts != nil {
		return tensor.New(tensor.WithShape(v.Shape...), tensor.WithBacking(append([]string(nil), v.Texts...)))
	}
	return tensor.New(tensor.WithShape(v.Shape...), tensor.WithBacking(v.floats()))
}

func (v values) column() Column {
	if v.Texts != nil {
		return Column{Name: v.Name, Texts: v.Texts}
	}
	return Column{Name: v.Name, Numbers: v.floats()}
}

type transformerCase struct {
	Config    json.RawMessage
	X, Z, Out values
	Inverse   *values
	Learned   map[string]json.RawMessage
}

type golden struct {
	X, Scaled    values
	Transformers []transformerCase
	Labels       []struct {
		Y, Classes values
		Codes      []int32
	}
	Tables []struct {
		Config  json.RawMessage
		Columns []values
		Out     values
		Names   []string
	}
	CSV []struct {
		Text, Separator string
		Header          bool
		Columns         []values
	}
	Padded []struct {
		Sequences           [][]int32
		MaxLen              int
		Padding, Truncating string
		Value               int32
		Out                 values
	}
	Normalized []struct {
		X, Out values
		Axis   int
		Order  float64
	}
	Categorical []struct {
		Labels, Hot values
		Classes     int
	}
	Splits []struct {
		N           int
		Test, Train float64
		Sizes       []int
	}
	Stratified []struct {
		Labels      []int32
		Test, Train float64
		Counts      [][2][]int
	}
	Halves []struct {
		N           int
		Left, Right float64
		Out         [][]int32
	}
	Pictures []struct {
		File, Interpolation string
		ColorMode           string `json:"color_mode"`
		TargetSize          [2]int `json:"target_size"`
		KeepAspectRatio     bool   `json:"keep_aspect_ratio"`
		DataFormat          string `json:"data_format"`
		Out                 values
	}
	Drawn []struct {
		X, Out     values
		DataFormat string `json:"data_format"`
		Scale      bool
	}
	Resized []struct {
		X, Out        values
		Size          [2]int
		Interpolation string
		DataFormat    string `json:"data_format"`
	}
}

var fixture = sync.OnceValues(func() (g golden, err error) {
	f, err := os.Open("testdata/preprocessing.json.gz")
	if err != nil {
		return g, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return g, err
	}
	return g, json.NewDecoder(z).Decode(&g)
})

func load(t *testing.T) golden {
	t.Helper()
	g, err := fixture()
	require.NoError(t, err)
	return g
}

// closeTo compares an array with the fixture's, numbers up to a share of their size, or of scale if that is larger.
func closeTo(t *testing.T, want values, got *tensor.Dense, share, scale float64, about string) {
	t.Helper()
	require.Equal(t, tensor.Shape(want.Shape), got.Shape(), about)
	if want.Texts != nil {
		assert.Equal(t, want.Texts, got.Strings(), about)
		return
	}
	c, err := flat(got, 1, got.Shape().TotalSize())
	require.NoError(t, err, about)
	require.Nil(t, c.texts, about)
	for i, w := range want.floats() {
		g := c.numbers[i]
		if !same(w, g) && !(math.Abs(w-g) <= share*max(scale, math.Abs(w))) {
			assert.Failf(t, "numbers differ", "%s: element %d: expected %v, got %v", about, i, w, g)
			return
		}
	}
}

func largest(all ...values) float64 {
	m := 1.0
	for _, v := range all {
		for _, f := range v.floats() {
			if !math.IsNaN(f) {
				m = max(m, math.Abs(f))
			}
		}
	}
	return m
}

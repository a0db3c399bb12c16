package constraints

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gokeras/gokeras/keras/saving"
)

// packed are the numbers of an array as internal/golden/constraints.py writes them.
type packed []float32

func (p *packed) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	raw, err := base64.StdEncoding.DecodeString(s)
	*p = make(packed, len(raw)/4)
	for i := range *p {
		(*p)[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return err
}

type golden struct {
	Cases []struct {
		Config  map[string]any
		Shape   []int
		In, Out packed
	}
	Words    map[string]*string
	Defaults map[string]map[string]any
}

func load(t *testing.T) golden {
	t.Helper()
	f, err := os.Open("testdata/constraints.json.gz")
	require.NoError(t, err)
	defer f.Close()
	text, err := gzip.NewReader(f)
	require.NoError(t, err)
	var g golden
	require.NoError(t, json.NewDecoder(text).Decode(&g))
	return g
}

func TestConstraintsAreKeras(t *testing.T) {
	t.Parallel()
	classes := map[any]int{}
	for _, g := range load(t).Cases {
		classes[g.Config["class_name"]]++
		c, err := saving.Decode[Constraint](g.Config)
		require.NoError(t, err)
		if checked, ok := c.(interface{ Check([]int) error }); ok {
			require.NoError(t, checked.Check(g.Shape), "%+v", c)
		}
		w := slices.Clone(g.In)
		c.Apply(w, g.Shape)
		for i, want := range g.Out {
			require.InDelta(t, want, w[i], 1e-6*max(math.Abs(float64(want)), 1e-3), "%#v over %v at %d", c, g.Shape, i)
		}
		written, err := saving.ToConfig(c)
		require.NoError(t, err)
		for key, value := range written["config"].(map[string]any) {
			assert.EqualValues(t, listed(g.Config["config"].(map[string]any)[key]), plain(value), "%#v: %s", c, key)
		}
		again, err := saving.Decode[Constraint](written)
		require.NoError(t, err)
		assert.Equal(t, c, again)
	}
	assert.Len(t, classes, 4)
}

// listed is an axis as the list that we write.
func listed(v any) any {
	if axis, ok := v.(float64); ok && axis == math.Trunc(axis) {
		return []any{axis}
	}
	return v
}

// plain is a value as it comes back from JSON, a whole number as a list.
func plain(v any) any {
	if list, ok := v.([]any); ok {
		out := []any{}
		for _, a := range list {
			out = append(out, float64(a.(int64)))
		}
		return out
	}
	return listed(v)
}

func TestDefaultsAreKeras(t *testing.T) {
	t.Parallel()
	g := load(t)
	bare := map[string]Constraint{"NonNeg": NonNeg{}, "MaxNorm": MaxNorm{}, "UnitNorm": UnitNorm{}, "MinMaxNorm": MinMaxNorm{}}
	require.Len(t, g.Defaults, len(bare))
	for name, config := range g.Defaults {
		explicit, err := saving.Decode[Constraint](config)
		require.NoError(t, err)
		if name != "NonNeg" {
			assert.NotEqual(t, bare[name], explicit, "Keras writes its defaults out")
		}
		for _, c := range g.Cases {
			a, b := slices.Clone(c.In), slices.Clone(c.In)
			explicit.Apply(a, c.Shape)
			bare[name].Apply(b, c.Shape)
			assert.Equal(t, a, b, name)
		}
	}
}

func TestGetIsKeras(t *testing.T) {
	t.Parallel()
	words := load(t).Words
	require.Greater(t, len(words), 10)
	for word, class := range words {
		c, err := Get(word)
		if class == nil {
			require.ErrorContains(t, err, word)
			continue
		}
		require.NoError(t, err, word)
		name, _ := saving.ClassName(c)
		assert.Equal(t, *class, name, word)
	}
	_, err := Get("maxnorm")
	require.EqualError(t, err, `constraints: Get: expected the name of a constraint, such as max_norm or non_neg, got "maxnorm"`)
	c, err := Get("P>half")
	require.NoError(t, err)
	assert.Equal(t, half{}, c)
}

// half is a constraint of a user's own.
type half struct{}

func init() { saving.Register[half]("P>half", "") }

func (half) Apply(w []float32, _ []int) {
	for i := range w {
		w[i] /= 2
	}
}

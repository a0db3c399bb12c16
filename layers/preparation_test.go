package layers_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"iter"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// preparationFile can be one that the script drew from another seed.
var preparationFile = flag.String("preparation", "testdata/preparation.json.gz", "what internal/golden/preparation.py wrote")

// A kerasArray is one as internal/golden/preparation.py packs it.
type kerasArray struct {
	Shape []int
	Type  string
	Data  []byte
	Texts [][]byte
}

// UnmarshalJSON implements [json.Unmarshaler].
func (a *kerasArray) UnmarshalJSON(text []byte) error {
	type plain kerasArray // whose fields are base64 of their own accord
	return json.Unmarshal(text, (*plain)(a))
}

func (a *kerasArray) dense() *tensor.Dense {
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
	case "l":
		v := make([]int64, n)
		for i := range v {
			v[i] = int64(binary.LittleEndian.Uint64(a.Data[8*i:]))
		}
		backing = v
	case "s":
		v := make([]string, n)
		for i := range v {
			v[i] = string(a.Texts[i])
		}
		backing = v
	}
	return tensor.New(tensor.WithShape(a.Shape...), tensor.WithBacking(backing))
}

type preparationCase struct {
	Name, Class, Error string
	Config             map[string]any
	Inputs, Adapt      []*kerasArray
	Output             *kerasArray
	Tokens             [][]byte
	Boundaries         []float64
	Moments            []*kerasArray
}

type preparationFixture struct {
	Cases      []preparationCase
	Characters []struct {
		Text       []byte
		Characters [][]byte
	}
}

func readPreparation(t *testing.T) preparationFixture {
	t.Helper()
	var all preparationFixture
	readJSON(t, *preparationFile, &all)
	require.NotEmpty(t, all.Cases)
	return all
}

// batches is a data set of given batches.
type batches []*tensor.Dense

func (b batches) Len() int { return len(b) }

func (b batches) Batches(uint64, int) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		for _, x := range b {
			if !yield(data.Batch{X: []*tensor.Dense{x}}, nil) {
				return
			}
		}
	}
}

func adapt(l layers.Part, arrays []*kerasArray) error {
	if len(arrays) == 0 {
		return nil
	}
	a, ok := l.(layers.Adapter)
	if !ok {
		return errors.Errorf("%T does not adapt", l)
	}
	if len(arrays) == 1 {
		return a.Adapt(arrays[0].dense())
	}
	var set batches
	for _, x := range arrays {
		set = append(set, x.dense())
	}
	return a.AdaptDataset(set)
}

func apply(l layers.Part, xs ...*tensor.Dense) (*tensor.Dense, error) {
	if c, ok := l.(*layers.HashedCrossing); ok {
		return c.Apply(xs...)
	}
	if c, ok := l.(*layers.CategoryEncoding); ok && len(xs) > 1 {
		return c.ApplyWeighted(xs[0], xs[1])
	}
	return l.(layers.Applier).Apply(xs[0])
}

// alone is a model of one layer.
type alone struct {
	layers.Base
	Layer layers.Part
}

// inProgram is what a layer makes of arrays in a program, traced with a batch of unknown size before.
func inProgram(l layers.Part, xs ...*tensor.Dense) (*tensor.Dense, error) {
	m := &alone{Layer: l}
	if _, _, err := recorded(m, xs, true); err != nil {
		return nil, err
	}
	in, out, err := recorded(m, xs, false)
	if err != nil {
		return nil, err
	}
	p, err := ops.Compile(ops.Options{Inputs: in, Outputs: []ops.Tensor{out}})
	if err != nil {
		return nil, err
	}
	for i, x := range xs {
		switch v := x.Data().(type) {
		case []string:
			copy(p.Inputs()[i].Strings(), v)
		case []float32:
			copy(p.Inputs()[i].Float32s(), v)
		case []int32:
			copy(p.Inputs()[i].Int32s(), v)
		}
	}
	for range 2 { // what is used again must be cleared
		if err := p.Run(); err != nil {
			return nil, err
		}
	}
	return p.Outputs()[0], nil
}

func recorded(m *alone, xs []*tensor.Dense, open bool) (in []ops.Tensor, out ops.Tensor, err error) {
	for _, x := range xs {
		dtype := map[tensor.Dtype]ops.DType{tensor.String: ops.String, tensor.Int32: ops.Int32, tensor.Float32: ops.Float32}[x.Dtype()]
		shape := slices.Clone([]int(x.Shape()))
		if open {
			shape[0] = ops.Unknown
		}
		in = append(in, ops.Placeholder("x", dtype, shape...))
	}
	trace := &layers.Trace{}
	b := layers.NewBuilder(trace, m, "", false)
	if merger, ok := m.Layer.(layers.Merger); ok {
		out = b.Merge(merger, in...)
	} else {
		out = b.Apply(m.Layer.(layers.Layer), in[0])
	}
	if err := trace.Commit(1); err != nil {
		return nil, out, err
	}
	return in, out, out.Err()
}

func requireArray(t *testing.T, want *kerasArray, got *tensor.Dense) {
	t.Helper()
	require.Equal(t, want.Shape, []int(got.Shape()))
	w := want.dense()
	if want.Type != "f" {
		require.Equal(t, w.Data(), got.Data())
		return
	}
	for i, v := range w.Float32s() {
		g := got.Float32s()[i]
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			require.True(t, v == g || v != v && g != g, "element %d: expected %v, got %v", i, v, g)
			continue
		}
		require.InEpsilon(t, 1+math.Abs(float64(v)), 1+math.Abs(float64(v))+float64(g)-float64(v), 1e-5, "element %d: expected %v, got %v", i, v, g)
	}
}

// TestPreparationKeras does what internal/golden/preparation.py let Keras do: learns, computes outside of a program and in one.
func TestPreparationKeras(t *testing.T) {
	for _, k := range readPreparation(t).Cases {
		t.Run(k.Name, func(t *testing.T) {
			var xs []*tensor.Dense
			for _, x := range k.Inputs {
				xs = append(xs, x.dense())
			}
			l := load[layers.Part](t, k.Config)
			requireConfig(t, l)
			err := adapt(l, k.Adapt)
			var y *tensor.Dense
			if err == nil {
				y, err = apply(l, xs...)
			}
			if k.Error != "" {
				require.Error(t, err, "Keras: %s", k.Error)
				return
			}
			require.NoError(t, err)
			requireArray(t, k.Output, y)
			requireLearned(t, k, l)
			if slices.ContainsFunc(k.Inputs, func(a *kerasArray) bool { return a.Type == "l" }) || fixedBatch(k) || k.Class == "CategoryEncoding" && len(xs) > 1 {
				return // Programs have no integers of 64 bits.
			}
			y, err = inProgram(l, xs...)
			if v, ok := l.(*layers.TextVectorization); ok && v.OutputSequenceLength == 0 && err != nil {
				require.ErrorContains(t, err, "set OutputSequenceLength")
				return
			}
			require.NoError(t, err)
			requireArray(t, k.Output, y)
			if a, ok := l.(layers.Adapter); ok && len(k.Adapt) > 0 {
				requireAdaptedAgain(t, k, a, xs[0])
			}
		})
	}
}

// fixedBatch reports whether the axis of samples would have to be known while building.
func fixedBatch(k preparationCase) bool {
	return k.Class == "TextVectorization" && len(k.Inputs[0].Shape) == 1 && k.Config["config"].(map[string]any)["split"] == nil
}

// requireConfig saves a layer's config and loads it again.
func requireConfig(t *testing.T, l layers.Part) {
	t.Helper()
	config, err := saving.ToConfig(l)
	require.NoError(t, err)
	text, err := json.Marshal(config)
	require.NoError(t, err)
	var read map[string]any
	require.NoError(t, json.Unmarshal(text, &read))
	again, err := saving.ToConfig(load[layers.Part](t, read))
	require.NoError(t, err)
	require.Equal(t, config, again)
}

func requireLearned(t *testing.T, k preparationCase, l layers.Part) {
	t.Helper()
	var tokens []string
	for _, w := range k.Tokens {
		tokens = append(tokens, string(w))
	}
	switch l := l.(type) {
	case *layers.StringLookup:
		require.Equal(t, tokens, l.Tokens())
	case *layers.TextVectorization:
		require.Equal(t, tokens, l.Tokens())
	case *layers.IntegerLookup:
		var got []string
		for _, n := range l.Tokens() {
			got = append(got, strconv.Itoa(n))
		}
		require.Equal(t, tokens, got)
	case *layers.Discretization:
		if k.Boundaries != nil {
			require.InDeltaSlice(t, k.Boundaries, l.BinBoundaries, 1e-5)
		}
	}
}

// requireAdaptedAgain lets a built layer learn again, which changes nothing, and moves its files to a new one.
func requireAdaptedAgain(t *testing.T, k preparationCase, a layers.Adapter, x *tensor.Dense) {
	t.Helper()
	require.NoError(t, adapt(a, k.Adapt))
	y, err := apply(a, x)
	require.NoError(t, err)
	requireArray(t, k.Output, y)
	if n, ok := a.(*layers.Normalization); ok {
		require.Len(t, n.Weights(), 3)
		for i, want := range k.Moments {
			require.InDeltaSlice(t, want.dense().Float32s(), n.Weights()[i].Float32s(), 2e-5)
		}
	}
	keeper, ok := a.(layers.AssetKeeper)
	if !ok {
		return
	}
	other := load[layers.AssetKeeper](t, k.Config)
	require.NoError(t, other.SetAssets(keeper.Assets()))
	require.NoError(t, other.(layers.StateKeeper).SetOwnState(keeper.(layers.StateKeeper).OwnState()))
	y, err = apply(other, x)
	require.NoError(t, err)
	requireArray(t, k.Output, y)
}

// TestCharacters cuts texts that are no UTF-8 as TensorFlow does.
func TestCharacters(t *testing.T) {
	for _, c := range readPreparation(t).Characters {
		var want []string
		for _, s := range c.Characters {
			want = append(want, string(s))
		}
		require.Equal(t, want, layers.SplitCharacter.Split(string(c.Text)), "%q", base64.StdEncoding.EncodeToString(c.Text))
	}
}

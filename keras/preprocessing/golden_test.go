package preprocessing

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestTransformersAreThoseOfScikitLearn(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for _, c := range load(t).Transformers {
		about := string(c.Config)
		tr, err := Decode[Transformer](c.Config)
		require.NoError(t, err, about)
		seen[about[strings.Index(about, "class_name"):][13:20]]++
		require.NoError(t, tr.Fit(c.X.dense()), about)
		out, err := tr.Transform(c.Z.dense())
		require.NoError(t, err, about)
		closeTo(t, c.Out, out, 3e-7, 1, about)

		encoded, err := Encode(tr)
		require.NoError(t, err, about)
		checkLearned(t, c.Learned, encoded, about)
		again, err := Decode[Transformer](encoded)
		require.NoError(t, err, about)
		assert.Equal(t, tr, again, about)
		same, err := again.Transform(c.Z.dense())
		require.NoError(t, err, about)
		assert.Equal(t, bits(out), bits(same), about)

		if c.Inverse == nil {
			continue
		}
		back, err := tr.(Inverter).InverseTransform(c.Out.dense())
		require.NoError(t, err, about)
		closeTo(t, *c.Inverse, back, 1e-7, largest(c.X, c.Z, *c.Inverse), about+" back")
	}
	assert.Len(t, seen, 8, "every transformer is drawn")
}

// bits makes NaN comparable.
func bits(d *tensor.Dense) any {
	f, ok := d.Data().([]float32)
	if !ok {
		return d.Data()
	}
	b := make([]uint32, len(f))
	for i, v := range f {
		b[i] = math.Float32bits(v)
	}
	return b
}

// checkLearned compares the keys of a config that Fit has set.
func checkLearned(t *testing.T, want map[string]json.RawMessage, encoded []byte, about string) {
	t.Helper()
	var object struct{ Config map[string]any }
	require.NoError(t, json.Unmarshal(encoded, &object))
	for key, raw := range want {
		var w any
		require.NoError(t, json.Unmarshal(raw, &w))
		similar(t, w, object.Config[key], about+" "+key)
	}
}

func similar(t *testing.T, want, got any, about string) {
	t.Helper()
	w, isList := want.([]any)
	if !isList {
		if f, ok := want.(float64); ok {
			assert.InDelta(t, f, got, 1e-8*max(1, math.Abs(f)), about)
			return
		}
		assert.Equal(t, want, got, about)
		return
	}
	g, _ := got.([]any)
	require.Len(t, g, len(w), about)
	for i := range w {
		similar(t, w[i], g[i], about)
	}
}

func TestLabelEncoderIsThatOfScikitLearn(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).Labels {
		var e LabelEncoder
		codes, err := e.FitTransform(c.Y.dense())
		require.NoError(t, err)
		assert.Equal(t, tensor.Shape(c.Y.Shape), codes.Shape())
		assert.Equal(t, c.Codes, codes.Int32s())
		back, err := e.InverseTransform(codes)
		require.NoError(t, err)
		closeTo(t, c.Y, back, 0, 1, "back")

		encoded, err := Encode(&e)
		require.NoError(t, err)
		again, err := Decode[*LabelEncoder](encoded)
		require.NoError(t, err)
		assert.Equal(t, &e, again)
	}
}

func TestColumnsAreColumnTransformer(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).Tables {
		table := &Table{}
		for _, v := range c.Columns {
			table.Columns = append(table.Columns, v.column())
		}
		columns, err := Decode[*Columns](c.Config)
		require.NoError(t, err)
		_, err = columns.Transform(table)
		require.ErrorContains(t, err, "expected a call of Fit first")
		out, err := columns.FitTransform(table)
		require.NoError(t, err)
		closeTo(t, c.Out, out, 3e-7, 1, "columns")
		names, err := columns.FeatureNames()
		require.NoError(t, err)
		assert.Equal(t, c.Names, names)

		encoded, err := Encode(columns)
		require.NoError(t, err)
		again, err := Decode[*Columns](encoded)
		require.NoError(t, err)
		assert.Equal(t, columns, again)
		same, err := again.Transform(table)
		require.NoError(t, err)
		assert.Equal(t, bits(out), bits(same))
	}
}

func TestReadCSVIsPandas(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).CSV {
		table, err := ReadCSV(strings.NewReader(c.Text), CSVOptions{Separator: rune(c.Separator[0]), NoHeader: !c.Header})
		require.NoError(t, err, "%q", c.Text)
		require.Len(t, table.Columns, len(c.Columns), "%q", c.Text)
		for i, want := range c.Columns {
			got := table.Columns[i]
			assert.Equal(t, want.Name, got.Name, "%q", c.Text)
			assert.Equal(t, want.Texts, got.Texts, "%q", c.Text)
			require.Len(t, got.Numbers, len(want.Numbers), "%q", c.Text)
			for k, w := range want.floats() {
				assert.True(t, same(w, got.Numbers[k]), "%q: column %d, row %d: expected %v, got %v", c.Text, i, k, w, got.Numbers[k])
			}
		}
	}
}

func TestUtilitiesAreKeras(t *testing.T) {
	t.Parallel()
	g := load(t)
	for _, c := range g.Padded {
		out, err := PadSequences(c.Sequences, PadOptions[int32]{MaxLen: c.MaxLen, Padding: c.Padding, Truncating: c.Truncating, Value: c.Value})
		require.NoError(t, err)
		assert.Equal(t, tensor.Int32, out.Dtype())
		closeTo(t, c.Out, out, 0, 1, "padded")
	}
	for _, c := range g.Normalized {
		out, err := Normalize(c.X.dense(), NormalizeOptions{Axis: &c.Axis, Order: &c.Order})
		require.NoError(t, err)
		closeTo(t, c.Out, out, 2e-7, 1, "normalized")
	}
	for _, c := range g.Categorical {
		hot, err := ToCategorical(c.Labels.dense(), c.Classes)
		require.NoError(t, err)
		closeTo(t, c.Hot, hot, 0, 1, "one-hot")
	}
	var s StandardScaler
	require.NoError(t, s.Fit(g.X.dense()))
	scaled, err := s.Transform(g.X.dense())
	require.NoError(t, err)
	// Keras's Normalization computes in float32: a feature of deviation 1e-3 around 2 keeps 2e-4 of it.
	closeTo(t, g.Scaled, scaled, 5e-4, 1, "Normalization")
}

func TestSplitsHaveTheSizesOfScikitLearnAndKeras(t *testing.T) {
	t.Parallel()
	g := load(t)
	for _, c := range g.Splits {
		ids := numbersBelow(c.N)
		train, test, err := TrainTestSplitWith(SplitOptions{TestSize: c.Test, TrainSize: c.Train, Seed: 3}, ids)
		if c.Sizes == nil {
			assert.Error(t, err, "%+v", c)
			continue
		}
		require.NoError(t, err, "%+v", c)
		assert.Equal(t, c.Sizes, []int{train[0].Shape()[0], test[0].Shape()[0]}, "%+v", c)
		assert.Subset(t, ids.Int32s(), append(append([]int32(nil), train[0].Int32s()...), test[0].Int32s()...))
	}
	for _, c := range g.Halves {
		left, right, err := SplitDataset(SplitDatasetOptions{LeftSize: c.Left, RightSize: c.Right}, numbersBelow(c.N))
		if c.Out == nil {
			assert.Error(t, err, "%+v", c)
			continue
		}
		require.NoError(t, err, "%+v", c)
		assert.Equal(t, c.Out, [][]int32{left[0].Int32s(), right[0].Int32s()}, "%+v", c)
	}
	for _, c := range g.Stratified {
		y := tensor.New(tensor.WithShape(len(c.Labels)), tensor.WithBacking(c.Labels))
		train, test, err := TrainTestSplitWith(SplitOptions{TestSize: c.Test, TrainSize: c.Train, Stratify: y, Seed: 3}, y, numbersBelow(len(c.Labels)))
		if c.Counts == nil {
			assert.Error(t, err, "%+v", c)
			continue
		}
		require.NoError(t, err, "%+v", c)
		for set, got := range []*tensor.Dense{train[0], test[0]} {
			for class := range 4 {
				n := count(got.Int32s(), int32(class))
				assert.True(t, c.Counts[0][set][class] <= n && n <= c.Counts[1][set][class], "%+v: class %d, set %d: got %d", c, class, set, n)
			}
		}
		ids := append(append([]int32(nil), train[1].Int32s()...), test[1].Int32s()...)
		distinct := map[int32]bool{}
		for _, id := range ids {
			distinct[id] = true
		}
		assert.Len(t, distinct, len(ids), "no slice twice")
	}
}

func numbersBelow(n int) *tensor.Dense {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(i)
	}
	return tensor.New(tensor.WithShape(n), tensor.WithBacking(ids))
}

func count(all []int32, of int32) (n int) {
	for _, v := range all {
		if v == of {
			n++
		}
	}
	return n
}

package preprocessing

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestTrainTestSplitWith(t *testing.T) {
	t.Parallel()
	x := numbersBelow(20)
	train, test, err := TrainTestSplitWith(SplitOptions{Seed: 5}, x)
	require.NoError(t, err)
	plainTrain, plainTest, err := TrainTestSplit(5, 0.25, x)
	require.NoError(t, err)
	assert.Equal(t, plainTrain[0].Data(), train[0].Data(), "by default a quarter, dealt as TrainTestSplit deals")
	assert.Equal(t, plainTest[0].Data(), test[0].Data())

	train, test, err = TrainTestSplitWith(SplitOptions{TestSize: 3, TrainSize: 4, Shuffle: new(false)}, x)
	require.NoError(t, err)
	assert.Equal(t, []int32{0, 1, 2, 3}, train[0].Data())
	assert.Equal(t, []int32{4, 5, 6}, test[0].Data())
}

func TestStratifyByTextsAndColumns(t *testing.T) {
	t.Parallel()
	y := make([]string, 40)
	for i := range y {
		y[i] = []string{"a", "", "c", "c"}[i%4]
	}
	by := tensor.New(tensor.WithShape(20, 2), tensor.WithBacking(y)) // Rows are "a", "" and "c", "c".
	train, test, err := TrainTestSplitWith(SplitOptions{TestSize: 0.2, Stratify: by, Seed: 1}, by, numbersBelow(20))
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"a", "", "a", "", "c", "c", "c", "c"}, test[0].Strings())
	assert.Equal(t, tensor.Shape{16, 2}, train[0].Shape())
	_, again, err := TrainTestSplitWith(SplitOptions{TestSize: 0.2, Stratify: by, Seed: 1}, by, numbersBelow(20))
	require.NoError(t, err)
	assert.Equal(t, test[1].Data(), again[1].Data())
	_, other, err := TrainTestSplitWith(SplitOptions{TestSize: 0.2, Stratify: by, Seed: 2}, by, numbersBelow(20))
	require.NoError(t, err)
	assert.NotEqual(t, test[1].Data(), other[1].Data())
}

func TestSplitErrors(t *testing.T) {
	t.Parallel()
	x := numbersBelow(6)
	for says, o := range map[string]SplitOptions{
		"TestSize: expected a share in (0, 1) or a whole number below 6, got 6":   {TestSize: 6},
		"TrainSize: expected a share in (0, 1) or a whole number below 6, got -1": {TrainSize: -1},
		"got 1.5": {TestSize: 1.5},
		"got NaN": {TestSize: nan},
		"expected sizes that leave both sets something of 6 slices, got TrainSize 0.6 and TestSize 0.6": {TestSize: 0.6, TrainSize: 0.6},
		"Stratify: expected nil with Shuffle false":                                                     {Shuffle: new(false), Stratify: x},
		"Stratify: expected labels of 6 slices, got shape (3)":                                          {Stratify: numbersBelow(3)},
		"Stratify: expected at most 2 labels, as many as the smaller set has slices, got 6":             {Stratify: x},
		"Stratify: expected each label at least twice, got that of slice 1 once":                        {Stratify: of(1, 0, 1, 0, 0, 0, 0), TestSize: 2},
		"Stratify: expected a numeric array, got one of complex64":                                      {Stratify: tensor.New(tensor.WithShape(6), tensor.Of(tensor.Complex64))},
	} {
		_, _, err := TrainTestSplitWith(o, x)
		require.ErrorContains(t, err, says)
	}
	_, _, err := TrainTestSplitWith(SplitOptions{})
	require.ErrorContains(t, err, "expected at least one array, got none")
	_, _, err = SplitDataset(SplitDatasetOptions{}, x)
	require.ErrorContains(t, err, "expected LeftSize or RightSize, got neither")
	_, _, err = SplitDataset(SplitDatasetOptions{LeftSize: 5, RightSize: 2}, x)
	require.ErrorContains(t, err, "got LeftSize 5 and RightSize 2")
	_, _, err = SplitDataset(SplitDatasetOptions{LeftSize: 0.5}, nil)
	require.ErrorContains(t, err, "array 0: expected one with a first axis")

	left, right, err := SplitDataset(SplitDatasetOptions{LeftSize: 4, Shuffle: true, Seed: 3}, x)
	require.NoError(t, err)
	assert.ElementsMatch(t, x.Int32s(), append(append([]int32(nil), left[0].Int32s()...), right[0].Int32s()...))
	assert.NotEqual(t, x.Int32s()[:4], left[0].Int32s())
}

func TestPadSequencesOfOtherTypes(t *testing.T) {
	t.Parallel()
	texts, err := PadSequences([][]string{{"a"}, nil, {"b", "c"}}, PadOptions[string]{Value: "<pad>", Padding: "post"})
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "<pad>", "<pad>", "<pad>", "b", "c"}, texts.Data())
	shares, err := PadSequences([][]float32{{1, 2, 3}}, PadOptions[float32]{MaxLen: 2})
	require.NoError(t, err)
	assert.Equal(t, []float32{2, 3}, shares.Data())

	for says, o := range map[string]PadOptions[int64]{
		`Padding: expected "pre" or "post", got "left"`:    {Padding: "left"},
		`Truncating: expected "pre" or "post", got "left"`: {Truncating: "left"},
		"MaxLen: expected 0 or more, got -1":               {MaxLen: -1},
		"got 1 sequences of length 2147483647":             {MaxLen: 1<<31 - 1},
	} {
		_, err := PadSequences([][]int64{{1}}, o)
		require.ErrorContains(t, err, says)
	}
	_, err = PadSequences([][]int64{{}, {}}, PadOptions[int64]{})
	require.ErrorContains(t, err, "expected at least one sequence with elements")
	_, err = PadSequences(nil, PadOptions[int64]{MaxLen: 3})
	require.ErrorContains(t, err, "got 0 sequences")
}

func TestNormalizeOrders(t *testing.T) {
	t.Parallel()
	x := of(2, 3, -4, 0, 0)
	for order, want := range map[float64][]float32{
		2: {0.6, -0.8, 0, 0}, 1: {3.0 / 7, -4.0 / 7, 0, 0}, 0: {1.5, -2, 0, 0}, inf: {0.75, -1, 0, 0}, -inf: {1, -4.0 / 3, 0, 0},
	} {
		out, err := Normalize(x, NormalizeOptions{Order: &order})
		require.NoError(t, err)
		assert.Equal(t, want, out.Data(), "order %v", order)
	}
	columns, err := Normalize(x, NormalizeOptions{Axis: new(0)})
	require.NoError(t, err)
	assert.Equal(t, []float32{1, -1, 0, 0}, columns.Data())

	_, err = Normalize(x, NormalizeOptions{Axis: new(2)})
	require.ErrorContains(t, err, "Axis: expected one of 2, got 2")
	_, err = Normalize(x, NormalizeOptions{Axis: new(-3)})
	require.ErrorContains(t, err, "Axis: expected one of 2")
	_, err = Normalize(x, NormalizeOptions{Order: &nan})
	require.ErrorContains(t, err, "Order: expected a number, got NaN")
	_, err = Normalize(words(1, "a"), NormalizeOptions{})
	require.ErrorContains(t, err, "expected a numeric array")
	_, err = Normalize(tensor.New(tensor.WithShape(0), tensor.Of(tensor.Float32)), NormalizeOptions{})
	require.ErrorContains(t, err, "expected at least one value")
	_, err = ToCategorical(tensor.New(tensor.WithShape(0), tensor.Of(tensor.Int32)), 3)
	require.ErrorContains(t, err, "expected at least one label")
}

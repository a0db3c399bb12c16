package datasets

import (
	"bytes"
	"compress/gzip"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/randomstate"
)

func same(t *testing.T, want goldenImages, s Split) {
	t.Helper()
	x, y := s.X.Uint8s(), s.Y.Uint8s()
	assert.Equal(t, tensor.Shape(want.Shape), s.X.Shape())
	assert.Equal(t, tensor.Shape(want.Shape[:1]), s.Y.Shape())
	assert.Equal(t, want.Labels, y[:len(want.Labels)])
	counts := make([]int, len(want.Counts))
	for _, label := range y {
		counts[label]++
	}
	assert.Equal(t, want.Counts, counts)
	assert.Equal(t, want.Sum, weighted(converted(x)))
}

func TestMNIST(t *testing.T) {
	t.Parallel()
	g := load(t)
	train, test, err := MNIST()
	require.NoError(t, err)
	same(t, g.MNIST[0], train)
	same(t, g.MNIST[1], test)

	train.X.Uint8s()[0] = 99
	again, _, err := MNIST()
	require.NoError(t, err)
	assert.Zero(t, again.X.Uint8s()[0], "arrays are the caller's own")
}

func TestFashionMNIST(t *testing.T) {
	t.Parallel()
	g := load(t)
	train, test, err := FashionMNIST()
	require.NoError(t, err)
	same(t, g.Fashion[0], train)
	same(t, g.Fashion[1], test)
	assert.Len(t, train.TargetNames, 10)
	assert.Equal(t, train.TargetNames, test.TargetNames)
}

func TestBostonHousingIsKeras(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).Boston {
		train, test, err := BostonHousingSplit(c.TestSplit, c.Seed)
		require.NoError(t, err)
		assert.Equal(t, tensor.Shape{c.Train, 13}, train.X.Shape())
		assert.Equal(t, c.First, append(append([]float64(nil), train.X.Float64s()[:13]...), train.Y.Float64s()[0]))
		targets := append([]float64(nil), train.Y.Float64s()...)
		if c.Test == 0 {
			assert.Nil(t, test.X)
		} else {
			assert.Equal(t, tensor.Shape{c.Test, 13}, test.X.Shape())
			targets = append(targets, test.Y.Float64s()...)
		}
		assert.InDelta(t, c.Sum, weighted(targets), 1e-6)
	}
	train, test, err := BostonHousing()
	require.NoError(t, err)
	assert.Equal(t, 404, train.X.Shape()[0])
	assert.Equal(t, "CHAS", test.FeatureNames[3])
	assert.Equal(t, 102, test.X.Shape()[0])
	// The first targets that Keras's documentation and many notebooks show.
	assert.Equal(t, []float64{15.2, 42.3, 50, 21.1, 17.7}, train.Y.Float64s()[:5])

	for _, share := range []float64{-0.1, 1, math.NaN()} {
		_, _, err := BostonHousingSplit(share, 0)
		require.ErrorContains(t, err, "TestSplit: expected a share in [0, 1)")
	}
}

func TestShuffleIsNumPys(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).Shuffles {
		assert.Equal(t, c.Order, randomstate.New(c.Seed).Permutation(c.N))
	}
}

func TestReadIDXRefusesBrokenFiles(t *testing.T) {
	t.Parallel()
	pack := func(b ...byte) io.Reader {
		var w bytes.Buffer
		z := gzip.NewWriter(&w)
		_, err := z.Write(b)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		return &w
	}
	good, err := readIDX(pack(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9))
	require.NoError(t, err)
	assert.Equal(t, tensor.Shape{1, 2}, good.Shape())
	assert.Equal(t, []uint8{7, 9}, good.Data())
	for says, file := range map[string]io.Reader{
		"gzip":                            strings.NewReader("plain"),
		"idx: head":                       pack(0, 0),
		"got the head 00000901":           pack(0, 0, 9, 1, 0, 0, 0, 1, 1),
		"got the head 00000800":           pack(0, 0, 8, 0),
		"got the head 00000805":           pack(0, 0, 8, 5),
		"idx: sizes":                      pack(0, 0, 8, 1, 0),
		"got sizes [0]":                   pack(0, 0, 8, 1, 0, 0, 0, 0),
		"got sizes [4294967295 16]":       pack(0, 0, 8, 2, 255, 255, 255, 255, 0, 0, 0, 16),
		"got sizes [65536 65536]":         pack(0, 0, 8, 2, 0, 1, 0, 0, 0, 1, 0, 0),
		"elements of [3]: unexpected EOF": pack(0, 0, 8, 1, 0, 0, 0, 3, 1, 2),
	} {
		_, err := readIDX(file)
		require.ErrorContains(t, err, says)
	}
	images, labels := pack(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7), pack(0, 0, 8, 1, 0, 0, 0, 2, 1, 2)
	_, err = idxSplit(images, labels)
	require.ErrorContains(t, err, "expected as many labels as images, got (2) and (1, 1)")
}

func TestParseRowsRefusesBrokenFiles(t *testing.T) {
	t.Parallel()
	rows, err := parseRows("1,2\na,b\n1.5,2\n", 2)
	require.NoError(t, err)
	assert.Equal(t, [][]float64{{1.5, 2}}, rows)
	_, err = parseRows("1,2\na,b\n1.5\n", 2)
	require.ErrorContains(t, err, "wrong number of fields")
	_, err = parseRows("1,2\na,b\n1.5,x\n", 2)
	require.ErrorContains(t, err, "csv: line 3")
}

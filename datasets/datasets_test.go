package datasets

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

type images struct {
	Shape              []int
	Labels             []uint8
	Counts             []int
	First, Last, Total int
}

type golden struct {
	MNIST, Fashion []images
	Boston         []struct {
		TestSplit float64 `json:"test_split"`
		Seed      uint32
		Train     int
		Test      int
		First     []float64
		Targets   []float64
	}
	Shuffles []struct {
		N     int
		Seed  uint32
		Order []int
	}
}

func load(t *testing.T) golden {
	t.Helper()
	raw, err := os.ReadFile("testdata/datasets.json")
	require.NoError(t, err)
	var g golden
	require.NoError(t, json.Unmarshal(raw, &g))
	return g
}

func same(t *testing.T, want images, s Split) {
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
	const size = 28 * 28
	var first, last, total int
	for _, v := range x {
		total += int(v)
	}
	for k := range size {
		first += (k + 1) * int(x[k])
		last += (k + 1) * int(x[len(x)-size+k])
	}
	assert.Equal(t, []int{want.First, want.Last, want.Total}, []int{first, last, total})
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
}

func TestBostonHousingIsKeras(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).Boston {
		train, test, err := BostonHousingSplit(c.TestSplit, c.Seed)
		require.NoError(t, err)
		assert.Equal(t, tensor.Shape{c.Train, 13}, train.X.Shape())
		assert.Equal(t, c.First, append(append([]float64(nil), train.X.Float64s()[:13]...), train.Y.Float64s()[0]))
		if c.Test == 0 {
			assert.Equal(t, c.Targets, train.Y.Float64s())
			assert.Equal(t, Split{}, test)
			continue
		}
		assert.Equal(t, tensor.Shape{c.Test, 13}, test.X.Shape())
		assert.Equal(t, c.Targets, append(append([]float64(nil), train.Y.Float64s()...), test.Y.Float64s()...))
	}
	train, test, err := BostonHousing()
	require.NoError(t, err)
	assert.Equal(t, 404, train.X.Shape()[0])
	assert.Equal(t, 102, test.X.Shape()[0])
	// The first targets that Keras's documentation and many notebooks show.
	assert.Equal(t, []float64{15.2, 42.3, 50, 21.1, 17.7}, train.Y.Float64s()[:5])

	for _, share := range []float64{-0.1, 1, math.NaN()} {
		_, _, err := BostonHousingSplit(share, 0)
		require.ErrorContains(t, err, "testSplit: expected a share in [0, 1)")
	}
}

func TestShuffleIsNumPys(t *testing.T) {
	t.Parallel()
	for _, c := range load(t).Shuffles {
		assert.Equal(t, c.Order, numpyShuffle(c.N, c.Seed))
	}
}

func TestReadIDXRefusesBrokenFiles(t *testing.T) {
	t.Parallel()
	pack := func(b ...byte) string {
		var w bytes.Buffer
		z := gzip.NewWriter(&w)
		_, err := z.Write(b)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		return w.String()
	}
	good, err := readIDX(pack(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9))
	require.NoError(t, err)
	assert.Equal(t, tensor.Shape{1, 2}, good.Shape())
	assert.Equal(t, []uint8{7, 9}, good.Data())
	for says, file := range map[string]string{
		"gzip":                            "plain",
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
	rows, err := parseRows("1,2\na,b\n1.5,2\n")
	require.NoError(t, err)
	assert.Equal(t, [][]float64{{1.5, 2}}, rows)
	_, err = parseRows("1,2\na,b\n1.5\n")
	require.ErrorContains(t, err, "wrong number of fields")
	_, err = parseRows("1,2\na,b\n1.5,x\n")
	require.ErrorContains(t, err, "csv: line 3")
}

func TestMakeBlobs(t *testing.T) {
	t.Parallel()
	const n, features, centers = 3001, 4, 3
	s, err := MakeBlobs(Blobs{NSamples: n, NFeatures: features, Centers: centers, ClusterStd: new(0.5), Seed: 3})
	require.NoError(t, err)
	assert.Equal(t, tensor.Shape{n, features}, s.X.Shape())
	x, y := s.X.Float32s(), s.Y.Int32s()
	var count [centers]float64
	var mean, square [centers][features]float64
	for i, c := range y {
		count[c]++
		for k := range features {
			v := float64(x[i*features+k])
			mean[c][k] += v
			square[c][k] += v * v
		}
	}
	assert.Equal(t, [centers]float64{1001, 1000, 1000}, count)
	for c := range centers {
		for k := range features {
			m := mean[c][k] / count[c]
			dev := math.Sqrt(square[c][k]/count[c] - m*m)
			// Five standard errors of a deviation over 1,000 samples.
			assert.InDelta(t, 0.5, dev, 5*0.5/math.Sqrt(2000), "center %d feature %d", c, k)
			assert.Less(t, math.Abs(m), 10.1, "in the box of centers")
		}
	}
	assert.NotEqual(t, y[:10], []int32{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "shuffled")

	again, err := MakeBlobs(Blobs{NSamples: n, NFeatures: features, Centers: centers, ClusterStd: new(0.5), Seed: 3})
	require.NoError(t, err)
	assert.Equal(t, x, again.X.Float32s())
	other, err := MakeBlobs(Blobs{NSamples: n, NFeatures: features, Centers: centers, ClusterStd: new(0.5), Seed: 4})
	require.NoError(t, err)
	assert.NotEqual(t, x, other.X.Float32s())
}

func TestMakeBlobsArguments(t *testing.T) {
	t.Parallel()
	s, err := MakeBlobs(Blobs{})
	require.NoError(t, err)
	assert.Equal(t, tensor.Shape{100, 2}, s.X.Shape())

	s, err = MakeBlobs(Blobs{NSamples: 5, NFeatures: 1, Centers: 2, ClusterStd: new(0.0), CenterBox: [2]float64{3, 3}, Shuffle: new(false)})
	require.NoError(t, err)
	assert.Equal(t, []int32{0, 0, 0, 1, 1}, s.Y.Int32s())
	assert.Equal(t, []float32{3, 3, 3, 3, 3}, s.X.Float32s())

	s, err = MakeBlobs(Blobs{NSamples: 2, Centers: 5, Shuffle: new(false)})
	require.NoError(t, err)
	assert.Equal(t, []int32{0, 1}, s.Y.Int32s(), "fewer samples than centers")

	for says, b := range map[string]Blobs{
		"NSamples: expected 0 or more":    {NSamples: -1},
		"NFeatures: expected 0 or more":   {NFeatures: -1},
		"Centers: expected 0 or more":     {Centers: -1},
		"ClusterStd: expected 0 or more":  {ClusterStd: new(-1.0)},
		"expected at most 1073741824":     {NSamples: 1 << 30, NFeatures: 3},
		"CenterBox: expected {low, high}": {CenterBox: [2]float64{2, 1}},
	} {
		_, err := MakeBlobs(b)
		require.ErrorContains(t, err, says)
	}
}

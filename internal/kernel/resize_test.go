package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// A bandCase is a band with the matrix that it stands for.
type bandCase[T Float] struct {
	band    Band[T]
	matrix  [][]float64
	outside []T
}

// randomBand draws rows of some elements among n columns: single ones, long ones, none.
func randomBand[T Float](r *rand.Rand, rows, n int) bandCase[T] {
	var b bandCase[T]
	for range rows {
		from := r.IntN(n)
		weights := make([]float64, r.IntN(n-from+1))
		line := make([]float64, n)
		for i := range weights {
			weights[i] = float64(float32(r.NormFloat64()))
			line[from+i] = weights[i]
		}
		if len(weights) == 1 && r.IntN(2) == 0 {
			weights[0], line[from] = 1, 1
		}
		b.band.Append(from, weights)
		b.matrix = append(b.matrix, line)
		b.outside = append(b.outside, T(r.Float64()))
	}
	return b
}

func TestBandAppend(t *testing.T) { everyPath(t, testBand[float32], testBand[float64]) }

func testBand[T Float](t *testing.T) {
	var b Band[T]
	b.Append(2, []float64{0.5, 0.25})
	b.Append(7, nil)
	b.Append(0, []float64{3})
	for i, want := range []struct {
		from    int
		weights []T
	}{{2, []T{0.5, 0.25}}, {7, []T{}}, {0, []T{3}}} {
		from, weights := b.row(i)
		require.Equal(t, want.from, from)
		require.Equal(t, want.weights, weights)
	}
}

func TestResizeImagesResize(t *testing.T) { everyPath(t, testResize[float32], testResize[float64]) }

func testResize[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		n, h, w, oh, ow := 1+r.IntN(3), 1+r.IntN(9), 1+r.IntN(20), 1+r.IntN(9), 1+r.IntN(20)
		c := []int{1, 2, 3, 3, 3, 4, 17}[r.IntN(7)]
		if i == 0 {
			n, h, w, c, oh, ow = 3, 40, 50, 3, 60, 70 // enough for a parallel loop
		}
		rows, columns := randomBand[T](r, oh, h), randomBand[T](r, ow, w)
		k := &ResizeImages[T]{N: n, H: h, W: w, C: c, OH: oh, OW: ow, Rows: rows.band, Columns: columns.band}
		if i%2 == 0 {
			k.Fill, k.RowsOutside, k.ColumnsOutside = 1.5, rows.outside, columns.outside
		}
		x, y := normalSlice[T](n*h*w*c, 3), normalSlice[T](n*oh*ow*c, 4)
		want := make([]float64, len(y))
		for at := range want {
			image, row, column, channel := at/(oh*ow*c), at/(ow*c)%oh, at/c%ow, at%c
			for a, u := range rows.matrix[row] {
				for b, v := range columns.matrix[column] {
					want[at] += u * v * float64(x[((image*h+a)*w+b)*c+channel])
				}
			}
			if k.RowsOutside != nil {
				a, b := float64(rows.outside[row]), float64(columns.outside[column])
				want[at] += 1.5 * (1 - (1-a)*(1-b))
			}
		}
		k.Resize(y, x)
		near(t, want, y, tolerance[T](1000), fmt.Sprint(i, k.N, k.H, k.W, k.C, k.OH, k.OW))
	}
}

func BenchmarkResizeImages(b *testing.B) {
	for _, s := range [][6]int{{32, 32, 32, 3, 32, 32}, {32, 32, 32, 3, 64, 64}, {8, 224, 224, 3, 112, 112}, {8, 224, 224, 3, 256, 256}} {
		k := &ResizeImages[float32]{N: s[0], H: s[1], W: s[2], C: s[3], OH: s[4], OW: s[5]}
		k.Rows, k.Columns = halves(s[4], s[1]), halves(s[5], s[2])
		x, y := normalSlice[float32](s[0]*s[1]*s[2]*s[3], 1), make([]float32, s[0]*s[4]*s[5]*s[3])
		b.Run(fmt.Sprint(s), func(b *testing.B) {
			for b.Loop() {
				k.Resize(y, x)
			}
		})
	}
}

// halves reads two elements for each row, as a bilinear interpolation does.
func halves(rows, n int) (b Band[float32]) {
	for i := range rows {
		b.Append(min(i*n/rows, n-2), []float64{0.5, 0.5})
	}
	return b
}

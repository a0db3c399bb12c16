package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// neighbors is what lies around a row a b c d, for each mode, as it is written down.
var neighbors = map[FillMode]string{
	FillConstant: "........abcd........", FillNearest: "aaaaaaaaabcddddddddd", FillWrap: "abcdabcdabcdabcdabcd",
	FillMirror: "cbabcdcbabcdcbabcdcb", FillReflect: "abcddcbaabcddcbaabcd",
}

func TestFillModes(t *testing.T) {
	for mode, row := range neighbors {
		for i := -8; i < 12; i++ {
			want := int(row[i+8] - 'a')
			if row[i+8] == '.' {
				want = -1
			}
			require.Equal(t, want, mode.place(i, 4), "mode %d, place %d", mode, i)
		}
		if mode != FillConstant {
			for _, i := range []int{-7, -1, 0, 1, 8} {
				require.Equal(t, 0, mode.place(i, 1), "mode %d: a row of one element", mode)
			}
		}
	}
}

// An affineCase is a map of images with all that it works on.
type affineCase[T Float] struct {
	p                   Affine
	x, dy, transform    []T
	fill                float64
	wantY, wantX, wantT []float64
}

func randomAffine[T Float](r *rand.Rand, i int) *affineCase[T] {
	p := Affine{N: 1 + r.IntN(3), H: 1 + r.IntN(8), W: 1 + r.IntN(8), C: 1 + r.IntN(4), Nearest: i%3 == 0, Mode: FillMode(i % 5), One: i%4 == 0}
	if i == 0 {
		p.N, p.H, p.W, p.C = 3, 40, 50, 3 // enough for a parallel loop
	}
	k := &affineCase[T]{p: p, fill: 1.5}
	n := p.N * p.H * p.W * p.C
	k.x, k.dy = normalSlice[T](n, uint64(i)), normalSlice[T](n, uint64(i+1000))
	for image := range p.N {
		t := []float64{1, 0, 0, 0, 1, 0, 0, 0}
		for j := range 6 {
			t[j] += r.NormFloat64() * []float64{0.5, 0.5, float64(p.W), 0.5, 0.5, float64(p.H)}[j]
		}
		if i%2 == 0 {
			t[6], t[7] = r.Float64()*0.05, r.Float64()*0.05
		}
		if image > 0 && p.One {
			break
		}
		for _, v := range t {
			k.transform = append(k.transform, T(v))
		}
	}
	return k
}

// expect computes everything pixel by pixel, weighing all pixels in a wide surrounding.
func (k *affineCase[T]) expect() {
	p := k.p
	k.wantY, k.wantX, k.wantT = make([]float64, len(k.x)), make([]float64, len(k.x)), make([]float64, 8*p.N)
	for at := range k.wantY {
		image, row, column, channel := at/(p.H*p.W*p.C), at/(p.W*p.C)%p.H, at/p.C%p.W, at%p.C
		t := k.transform[:8]
		if !p.One {
			t = k.transform[8*image:]
		}
		f := func(i int) float64 { return float64(t[i]) }
		i, j := float64(row), float64(column)
		z := f(6)*j + f(7)*i + 1
		u, v := (f(0)*j+f(1)*i+f(2))/z, (f(3)*j+f(4)*i+f(5))/z
		du, dv := 0.0, 0.0
		for _, b := range around(v, p.Nearest) {
			for _, a := range around(u, p.Nearest) {
				w, wu, wv := 1.0, 0.0, 0.0
				if !p.Nearest {
					w = hat(u-a) * hat(v-b)
					wu, wv = hatSlope(u-a)*hat(v-b), hat(u-a)*hatSlope(v-b)
				}
				value, from := k.fill, p.pixel(int(a), int(b))
				if from >= 0 {
					from = (image*p.H*p.W+from)*p.C + channel
					value = float64(k.x[from])
					k.wantX[from] += w * float64(k.dy[at])
				}
				k.wantY[at] += w * value
				du += wu * value
				dv += wv * value
			}
		}
		d := float64(k.dy[at])
		for n, g := range []float64{du * j, du * i, du, dv * j, dv * i, dv, -(du*u + dv*v) * j, -(du*u + dv*v) * i} {
			k.wantT[8*image+n] += d * g / z
		}
	}
}

func around(v float64, nearest bool) []float64 {
	if nearest {
		return []float64{math.Round(v)}
	}
	return []float64{math.Floor(v), math.Floor(v) + 1}
}

// hat is the weight of a pixel at a distance, hatSlope how that changes.
func hat(d float64) float64 { return 1 - math.Abs(d) }

func hatSlope(d float64) float64 {
	if d >= 0 {
		return -1
	}
	return 1
}

func TestAffineTransform(t *testing.T) { everyPath(t, testAffine[float32], testAffine[float64]) }

func TestAffineTransformGrad(t *testing.T) { everyPath(t, testAffine[float32], testAffine[float64]) }

func TestAffineTransformGradTransform(t *testing.T) {
	everyPath(t, testAffine[float32], testAffine[float64])
}

func testAffine[T Float](t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 60 {
		k := randomAffine[T](r, i)
		k.expect()
		name := fmt.Sprint(i, k.p)
		y, dx, dt := normalSlice[T](len(k.x), 8), normalSlice[T](len(k.x), 9), normalSlice[T](8*k.p.N, 10)
		AffineTransform(k.p, y, k.x, k.transform, T(k.fill))
		near(t, k.wantY, y, tolerance[T](100), name)
		AffineTransformGrad(k.p, dx, k.dy, k.transform)
		near(t, k.wantX, dx, tolerance[T](10000), name)
		AffineTransformGradTransform(k.p, dt, k.dy, k.x, k.transform, T(k.fill))
		near(t, k.wantT, dt, tolerance[T](10000), name)
	}
}

// A place beyond all numbers of pixels is filled, whatever the mode.
func TestAffineTransformFarAway(t *testing.T) {
	for mode := range neighbors {
		for _, nearest := range []bool{true, false} {
			for _, far := range []float32{1e12, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())} {
				p := Affine{N: 1, H: 2, W: 2, C: 1, Mode: mode, Nearest: nearest}
				transform := []float32{1, 0, far, 0, 1, 0, 0, 0}
				y, dx, dt := make([]float32, 4), []float32{9, 9, 9, 9}, []float32{9, 9, 9, 9, 9, 9, 9, 9}
				AffineTransform(p, y, []float32{1, 2, 3, 4}, transform, 7)
				require.Equal(t, []float32{7, 7, 7, 7}, y)
				AffineTransformGrad(p, dx, []float32{1, 1, 1, 1}, transform)
				require.Equal(t, make([]float32, 4), dx)
				AffineTransformGradTransform(p, dt, []float32{1, 1, 1, 1}, []float32{1, 2, 3, 4}, transform, 7)
				require.Equal(t, make([]float32, 8), dt)
			}
		}
	}
}

func BenchmarkAffineTransform(b *testing.B) {
	for _, s := range [][4]int{{32, 32, 32, 3}, {8, 224, 224, 3}} {
		p := Affine{N: s[0], H: s[1], W: s[2], C: s[3], One: true, Mode: FillReflect}
		x, y := normalSlice[float32](s[0]*s[1]*s[2]*s[3], 1), make([]float32, s[0]*s[1]*s[2]*s[3])
		turn := []float32{0.96, -0.28, 3.5, 0.28, 0.96, -2.5, 0, 0}
		for name, f := range map[string]func(){
			"forward": func() { AffineTransform(p, y, x, turn, 0) }, "input": func() { AffineTransformGrad(p, y, x, turn) },
		} {
			b.Run(fmt.Sprint(s, name), func(b *testing.B) {
				for b.Loop() {
					f()
				}
			})
		}
	}
}

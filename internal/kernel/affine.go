package kernel

import "math"

// A FillMode says what an image goes on with outside of its border.
type FillMode uint8

// The modes, with what is beside a row a b c d.
const (
	FillConstant FillMode = iota // k k k | a b c d | k k k
	FillNearest                  // a a a | a b c d | d d d
	FillWrap                     // b c d | a b c d | a b c
	FillMirror                   // d c b | a b c d | c b a
	FillReflect                  // c b a | a b c d | d c b
)

// place is where in [0, n) the element is that stands at i; -1 for the constant.
func (m FillMode) place(i, n int) int {
	if uint(i) < uint(n) {
		return i
	}
	switch m {
	case FillNearest:
		return min(max(i, 0), n-1)
	case FillWrap:
		return modulo(i, n)
	case FillMirror:
		i = modulo(i, max(1, 2*n-2))
		return min(i, 2*n-2-i)
	case FillReflect:
		i = modulo(i, 2*n)
		return min(i, 2*n-1-i)
	}
	return -1
}

func modulo(i, n int) int {
	if i %= n; i < 0 {
		i += n
	}
	return i
}

// Affine is a map of images x[N, H, W, C] to images y of the same shape, which takes y's pixel (column X, row Y) from a place in x that
// the image's transform a0 a1 a2 b0 b1 b2 c0 c1 gives: column (a0 X + a1 Y + a2)/k, row (b0 X + b1 Y + b2)/k, k = c0 X + c1 Y + 1.
type Affine struct {
	N, H, W, C int
	One        bool     // one transform for all images
	Nearest    bool     // take the nearest pixel, not the four around a place
	Mode       FillMode // what is outside
}

// farthest is the distance behind which everything is filled with the constant, whatever the mode: no numbers of pixels any more.
const farthest = 1 << 30

// A spot is up to four pixels of an image with their weights: the upper left one, its right neighbor and the two below. -1 is the
// constant.
type spot struct {
	n      int
	inside bool // all four pixels are of the image, and lie side by side
	pixel  [4]int
	weight [4]float64
	fx, fy float64 // from the upper left pixel
}

// A line is a row of y's pixels, mapped.
type line struct{ a, a0, b, b0, k, k0 float64 }

func lineOf[T Float](p *Affine, transform []T, image, row int) line {
	if p.One {
		image = 0
	}
	t, y := transform[8*image:][:8], float64(row)
	return line{
		float64(t[0]), float64(t[1])*y + float64(t[2]), float64(t[3]), float64(t[4])*y + float64(t[5]), float64(t[6]), float64(t[7])*y + 1,
	}
}

// at is where the pixel of a column comes from.
func (l *line) at(column int) (x, y, k float64) {
	j := float64(column)
	x, y, k = l.a*j+l.a0, l.b*j+l.b0, l.k*j+l.k0
	if k != 1 {
		x, y = x/k, y/k
	}
	return x, y, k
}

// find looks up a place.
func (p *Affine) find(s *spot, x, y float64) {
	s.inside = false
	if !(math.Abs(x) < farthest && math.Abs(y) < farthest) {
		s.n, s.pixel[0], s.weight[0] = 1, -1, 1
		return
	}
	if p.Nearest {
		s.n, s.weight[0] = 1, 1
		s.pixel[0] = p.pixel(int(math.Round(x)), int(math.Round(y)))
		return
	}
	left, top := math.Floor(x), math.Floor(y)
	s.fx, s.fy = x-left, y-top
	s.n = 4
	s.weight = [4]float64{(1 - s.fx) * (1 - s.fy), s.fx * (1 - s.fy), (1 - s.fx) * s.fy, s.fx * s.fy}
	column, row := int(left), int(top)
	if uint(column) < uint(p.W-1) && uint(row) < uint(p.H-1) {
		at := row*p.W + column
		s.inside = true
		s.pixel = [4]int{at, at + 1, at + p.W, at + p.W + 1}
		return
	}
	s.pixel = [4]int{p.pixel(column, row), p.pixel(column+1, row), p.pixel(column, row+1), p.pixel(column+1, row+1)}
}

func (p *Affine) pixel(column, row int) int {
	column, row = p.Mode.place(column, p.W), p.Mode.place(row, p.H)
	if column < 0 || row < 0 {
		return -1
	}
	return row*p.W + column
}

// AffineTransform computes y from x; fill is the constant.
func AffineTransform[T Float](p Affine, y, x, transform []T, fill T) {
	if isFloat32[T]() {
		affineTransform32(p, float32s(y), float32s(x), float32s(transform), float32(fill))
		return
	}
	for row := range p.N * p.H {
		affineRow(&p, y, x, transform, fill, row)
	}
}

func affineTransform32(p Affine, y, x, transform []float32, fill float32) {
	t := affineTask(p)
	t.F32[0], t.F32[1], t.F32[2], t.S[0] = y, x, transform, fill
	inRows(p.N*p.H, p.W*p.C, affineCost, t, func(t *Task, b int) {
		lo, hi := rowsOf(t, b)
		for row := lo; row < hi; row++ {
			affineRow(t.Arg.(*Affine), t.F32[0], t.F32[1], t.F32[2], t.S[0], row)
		}
	})
	freeAffine(t)
}

// affineCost is what a number costs, in elements of a simple loop.
const affineCost = 16

var affineFree freeList[Affine]

func affineTask(p Affine) *Task {
	s := affineFree.get()
	*s = p
	t := NewTask()
	t.Arg = s
	return t
}

func freeAffine(t *Task) {
	affineFree.put(t.Arg.(*Affine))
	t.Free()
}

func affineRow[T Float](p *Affine, y, x, transform []T, fill T, row int) {
	image := row / p.H
	x = x[image*p.H*p.W*p.C:][:p.H*p.W*p.C]
	y = y[row*p.W*p.C:][:p.W*p.C]
	l := lineOf(p, transform, image, row%p.H)
	var s spot
	for j := range p.W {
		u, v, _ := l.at(j)
		p.find(&s, u, v)
		out := y[j*p.C:][:p.C]
		if s.inside {
			mix(out, x[s.pixel[0]*p.C:][:2*p.C], x[s.pixel[2]*p.C:][:2*p.C], &s.weight)
			continue
		}
		if s.n == 1 && s.pixel[0] >= 0 {
			copy(out, x[s.pixel[0]*p.C:])
			continue
		}
		clear(out)
		for k, at := range s.pixel[:s.n] {
			w := T(s.weight[k])
			if at < 0 {
				for c := range out {
					out[c] += w * fill
				}
				continue
			}
			for c, v := range x[at*p.C:][:len(out)] {
				out[c] += w * v
			}
		}
	}
}

// mix weighs two pixels of a row and the two below.
func mix[T Float](out, upper, lower []T, weight *[4]float64) {
	w0, w1, w2, w3 := T(weight[0]), T(weight[1]), T(weight[2]), T(weight[3])
	n := len(out)
	right, below := upper[n:][:n], lower[n:][:n]
	upper, lower = upper[:n], lower[:n]
	for c := range out {
		out[c] = w0*upper[c] + w1*right[c] + w2*lower[c] + w3*below[c]
	}
}

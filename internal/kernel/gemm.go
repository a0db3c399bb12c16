package kernel

import "fmt"

// Activation is a function that a product or a convolution applies to its result in the same pass.
type Activation uint8

// The activations. ReLU is part of the store; Sigmoid and Tanh run over a block of rows while it is in cache.
const (
	Linear Activation = iota
	ReLU
	Sigmoid
	Tanh
)

// Product describes C[m,n] = op(A)·op(B), all row-major.
type Product struct {
	M, N, K        int  // op(A) is [M,K], op(B) is [K,N], C is [M,N]; any may be 0
	TransA, TransB bool // A is stored as [K,M], B as [N,K]
	LDA, LDB, LDC  int  // elements from row to row as stored; 0: rows are contiguous
	Accumulate     bool // C += instead of C =; not together with an epilogue
}

// Epilogue is what is done to a product in the pass that stores it: C = act(product + bias + residual). The zero value does
// nothing.
type Epilogue[T Float] struct {
	Bias       []T // [n], added to every row; nil: none
	Residual   []T // [m,n] with C's row stride; nil: none
	Activation Activation
}

func (e *Epilogue[T]) empty() bool {
	return e.Bias == nil && e.Residual == nil && e.Activation == Linear
}

// Gemm computes C = act(op(A)·op(B) + bias + residual). With K = 0 the product is zero. A slice that is too short for its
// shape, or Accumulate together with an epilogue, panics.
func Gemm[T Float](p Product, a, b, c []T, e Epilogue[T]) {
	p.resolve()
	p.check(len(a), len(b), len(c))
	p.checkEpilogue(len(e.Bias), len(e.Residual), e.Bias != nil, e.Residual != nil, e.empty())
	if p.M == 0 || p.N == 0 {
		return
	}
	if !isFloat32[T]() {
		gemmReference(p, a, b, c, e)
		return
	}
	gemmFloat32(p, float32s(a), float32s(b), float32s(c), epilogue32(e))
}

// epilogue32 returns e seen as one of float32; T must be float32.
func epilogue32[T Float](e Epilogue[T]) Epilogue[float32] {
	return Epilogue[float32]{Bias: float32s(e.Bias), Residual: float32s(e.Residual), Activation: e.Activation}
}

// resolve replaces strides of zero by those of contiguous rows.
func (p *Product) resolve() {
	if p.LDA == 0 {
		p.LDA = pick(p.TransA, p.M, p.K)
	}
	if p.LDB == 0 {
		p.LDB = pick(p.TransB, p.K, p.N)
	}
	if p.LDC == 0 {
		p.LDC = p.N
	}
}

func pick(cond bool, yes, no int) int {
	if cond {
		return yes
	}
	return no
}

// extent is the number of elements from the first to the last of a matrix.
func extent(rows, cols, stride int) int {
	if rows == 0 || cols == 0 {
		return 0
	}
	return (rows-1)*stride + cols
}

func (p *Product) check(a, b, c int) {
	if p.M < 0 || p.N < 0 || p.K < 0 {
		panic(fmt.Sprintf("kernel: Gemm: sizes %d, %d, %d: expected none below 0", p.M, p.N, p.K))
	}
	rows, cols := p.M, p.K
	if p.TransA {
		rows, cols = cols, rows
	}
	checkMatrix("A", rows, cols, p.LDA, a)
	rows, cols = p.K, p.N
	if p.TransB {
		rows, cols = cols, rows
	}
	checkMatrix("B", rows, cols, p.LDB, b)
	checkMatrix("C", p.M, p.N, p.LDC, c)
}

func checkMatrix(name string, rows, cols, stride, have int) {
	if stride < cols {
		panic(fmt.Sprintf("kernel: Gemm: %s: row stride %d: expected at least %d", name, stride, cols))
	}
	if want := extent(rows, cols, stride); have < want {
		panic(fmt.Sprintf("kernel: Gemm: %s: [%d,%d] needs %d elements, got %d", name, rows, cols, want, have))
	}
}

func (p *Product) checkEpilogue(bias, residual int, hasBias, hasResidual, empty bool) {
	if hasBias && bias < p.N {
		panic(fmt.Sprintf("kernel: Gemm: bias: expected %d elements, got %d", p.N, bias))
	}
	if want := extent(p.M, p.N, p.LDC); hasResidual && residual < want {
		panic(fmt.Sprintf("kernel: Gemm: residual: [%d,%d] needs %d elements, got %d", p.M, p.N, want, residual))
	}
	if p.Accumulate && !empty {
		panic("kernel: Gemm: Accumulate does not go together with an epilogue")
	}
}

// gemmReference is the plain loop: row by row, k innermost.
func gemmReference[T Float](p Product, a, b, c []T, e Epilogue[T]) {
	ra, ca := p.LDA, 1
	if p.TransA {
		ra, ca = 1, p.LDA
	}
	rb, cb := p.LDB, 1
	if p.TransB {
		rb, cb = 1, p.LDB
	}
	for i := range p.M {
		row := c[i*p.LDC:][:p.N]
		for j := range row {
			var s T
			for k := range p.K {
				s += a[i*ra+k*ca] * b[k*rb+j*cb]
			}
			if p.Accumulate {
				s += row[j]
			}
			if e.Bias != nil {
				s += e.Bias[j]
			}
			if e.Residual != nil {
				s += e.Residual[i*p.LDC+j]
			}
			row[j] = s
		}
		activate(e.Activation, row)
	}
}

// activate applies an activation in place; NaN stays NaN.
func activate[T Float](a Activation, y []T) {
	switch a {
	case Linear:
	case ReLU:
		rectify(y)
	default:
		ActivationApply(a, y)
	}
}

// rectify sets what is below 0 to 0.
func rectify[T Float](y []T) {
	for i, v := range y {
		if v < 0 {
			y[i] = 0
		}
	}
}

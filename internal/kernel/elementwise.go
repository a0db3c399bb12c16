package kernel

//go:generate go run -C gen/elementwise . -out ../../elementwise_amd64.s -stubs ../../elementwise_stub_amd64.go -pkg kernel

// Unary names an elementwise function of one argument.
type Unary uint8

// The unary functions. In float32, Exp is within 2 ulp; SigmoidOp, Tanh and Log are within 4 ulp, for all arguments; the
// others are rounded from float64 except where a vector kernel says otherwise.
const (
	Negative Unary = iota
	Absolute
	Sign
	Square
	Sqrt
	Rsqrt      // 1/sqrt(x)
	Reciprocal // 1/x
	Exp
	Expm1
	Log
	Log1p
	Sin
	Cos
	Tan
	TanhOp
	SigmoidOp
	Softplus // log(1 + exp(x))
	Softsign // x / (1 + |x|)
	Silu     // x·sigmoid(x)
	GeluErf  // x·Φ(x), Φ the normal distribution
	GeluTanh // the tanh approximation of GeluErf
	Elu      // alpha 1
	Selu
	ReluOp
	Relu6
	Erf
	Floor
	Ceil
	Round // half to even
	Arctan
	Sinh
	Cosh
	LogSigmoid
	HardSigmoid // clip(x/6 + 1/2, 0, 1)
	Mish        // x·tanh(softplus(x))
	unaryCount
)

// Exponential is Keras's activation of that name.
const Exponential = Exp

// Binary names an elementwise function of two arguments.
type Binary uint8

// The binary functions. Maximum and Minimum are NaN where an argument is; FloorDivide and Mod round down, as Python does.
const (
	Add Binary = iota
	Subtract
	Multiply
	Divide
	Maximum
	Minimum
	Power
	FloorDivide
	Mod // the sign of y
	SquaredDifference
	Arctan2
	binaryCount
)

// How much of an elementwise loop is one block: some 10 microseconds of vector code, or of float64 calls.
const (
	vectorChunk = 1 << 15
	scalarChunk = 1 << 11
	// parallelFrom is how many blocks are worth waking another thread for.
	parallelFrom = 3
)

// vectors is what a path has in assembly. Where a field is nil, Go does it. The kernels take n >= 1 elements, or m >= 1 rows
// of n >= 1 columns; tails run under a mask, so that an element's bits do not depend on where it stands.
type vectors struct {
	unary     [unaryCount]func(y, x *float32, n int)
	unaryGrad [unaryCount]func(dx, x, y, dy *float32, n int)
	binary    [binaryCount]func(z, x, y *float32, n int)
	scalar    [binaryCount]func(z, x *float32, s float32, n int) // z = op(x, s)
	reversed  [binaryCount]func(z, x *float32, s float32, n int) // z = op(s, x)
	axpy      func(y, x *float32, a float32, n int)
	clip      func(y, x *float32, lo, hi float32, n int)
	hasNaN    func(x *float32, n int) bool

	activationGrad     [4]func(dz, y, dy *float32, n int)
	activationGradBias [4]func(dz, y, dy, db *float32, m, n int) // db is written

	columnSum   func(x, y *float32, m, n int) // y is written
	reduceRow   [3]func(x *float32, n int) float32
	softmax     func(y, x *float32, rows, n int)
	softmaxGrad func(dx, y, dy *float32, rows, n int)

	normVariance func(x, mean, v *float32, m, n int)                  // v = Σ (x-mean)²
	normApply    [2]func(y, x, mean, scale, shift *float32, m, n int) // linear and ReLU
	normGradSums func(x, dy, mean, sdy, sdyx *float32, m, n int)      // Σ dy, Σ dy·(x-mean)
	normGrad     func(dx, x, dy, mean, a, b, c *float32, m, n int)    // dx = a·dy - b - (x-mean)·c

	sgd         func(w, g *float32, lr float32, n int)
	sgdMomentum [2]func(w, m, g *float32, lr, momentum float32, n int) // plain, Nesterov
	adam        func(w, m, v, g *float32, alpha, c1, c2, eps float32, n int)
	rmsprop     func(w, v, g *float32, lr, rho, oneMinusRho, eps float32, n int)

	lstmForward  func(z, cPrev, cell, shaped, h *float32, n int)
	lstmBackward func(dz, z, cPrev, shaped, dh, dc *float32, n int)

	// A run is passed as a pointer to its first field.
	maxPool     func(y *float32, arg *int32, x *float32, r *int)
	maxPoolGrad func(dx *float32, arg *int32, dy *float32, r *int)
	philox      func(w *uint32, key0, key1 uint32, counter, block uint64, groups int)
	dropoutGrad func(dx *float32, mask *bool, dy *float32, scale float32, n int)
	dropout     func(y *float32, mask *bool, x *float32, words *uint32, threshold uint32, scale float32, n int)
}

// vector returns the active path's assembly.
func vector() *vectors { return &vectorKernels[activeTier()] }

// chunk returns the bounds of block b of n elements.
func chunk(b, size, n int) (lo, hi int) { return b * size, min((b+1)*size, n) }

// inChunks runs body over [0, n) in blocks of size elements, in parallel where there are enough of them.
func inChunks(n, size int, t *Task, body func(*Task, int)) {
	blocks := (n + size - 1) / size
	if blocks >= parallelFrom {
		Parallel(blocks, t, body)
		return
	}
	for b := range blocks {
		body(t, b)
	}
}

// Map computes y = op(x); y may be x.
func Map[T Float](op Unary, y, x []T) {
	x = x[:len(y)]
	if isFloat32[T]() {
		map32(op, float32s(y), float32s(x))
		return
	}
	mapLoop(op, y, x)
}

func map32(op Unary, y, x []float32) {
	y32, x32 := y, x
	size := scalarChunk
	if vector().unary[op] != nil || cheapUnary(op) {
		size = vectorChunk
	}
	if len(y) < parallelFrom*size {
		mapBlock(op, y32, x32)
		return
	}
	t := NewTask()
	t.F32[0], t.F32[1], t.N[0], t.N[1] = y32, x32, int(op), size
	inChunks(len(y), size, t, func(t *Task, b int) {
		lo, hi := chunk(b, t.N[1], len(t.F32[0]))
		mapBlock(Unary(t.N[0]), t.F32[0][lo:hi], t.F32[1][lo:hi])
	})
	t.Free()
}

func mapBlock(op Unary, y, x []float32) {
	if len(y) == 0 {
		return
	}
	if f := vector().unary[op]; f != nil {
		f(&y[0], &x[0], len(y))
		return
	}
	mapLoop(op, y, x)
}

// MapGrad computes dx = dy·op'(x) from x and y = op(x); dx may be dy. Where op has no derivative the value is the one JAX takes.
func MapGrad[T Float](op Unary, dx, x, y, dy []T) {
	x, y, dy = x[:len(dx)], y[:len(dx)], dy[:len(dx)]
	if isFloat32[T]() {
		mapGrad32(op, float32s(dx), float32s(x), float32s(y), float32s(dy))
		return
	}
	mapGradLoop(op, dx, x, y, dy)
}

func mapGrad32(op Unary, dx, x, y, dy []float32) {
	size := scalarChunk
	if vector().unaryGrad[op] != nil || cheapUnary(op) || op == Exp || op == SigmoidOp || op == TanhOp {
		size = vectorChunk
	}
	if len(dx) < parallelFrom*size {
		mapGradBlock(op, dx, x, y, dy)
		return
	}
	t := NewTask()
	t.F32[0], t.F32[1], t.F32[2], t.F32[3] = dx, x, y, dy
	t.N[0], t.N[1] = int(op), size
	inChunks(len(dx), size, t, func(t *Task, b int) {
		lo, hi := chunk(b, t.N[1], len(t.F32[0]))
		mapGradBlock(Unary(t.N[0]), t.F32[0][lo:hi], t.F32[1][lo:hi], t.F32[2][lo:hi], t.F32[3][lo:hi])
	})
	t.Free()
}

func mapGradBlock(op Unary, dx, x, y, dy []float32) {
	if len(dx) == 0 {
		return
	}
	switch op {
	case ReluOp:
		activationGradBlock(ReLU, dx, y, dy)
		return
	case SigmoidOp:
		activationGradBlock(Sigmoid, dx, y, dy)
		return
	case TanhOp:
		activationGradBlock(Tanh, dx, y, dy)
		return
	case Exp:
		zipBlock(Multiply, dx, y, dy)
		return
	}
	if f := vector().unaryGrad[op]; f != nil {
		f(&dx[0], &x[0], &y[0], &dy[0], len(dx))
		return
	}
	mapGradLoop(op, dx, x, y, dy)
}

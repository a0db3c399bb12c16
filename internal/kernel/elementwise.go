package kernel

//go:generate go run -C gen/elementwise . -out ../../elementwise_amd64.s -stubs ../../elementwise_stub_amd64.go -pkg kernel
//go:generate go run ./gen/table

// Unary names an elementwise function of one argument.
type Unary uint8

// The unary functions. In float32 Exp and Rsqrt are within 2 ulp, Log, TanhOp, SigmoidOp, Softplus and LogSigmoid within 4 and
// Silu within 6, for all arguments; GeluErf and GeluTanh are within 128 and 256 ulp, where their results are tiny. The others
// are off by a rounding.
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

package kernel

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

	columnSum               func(x, y *float32, m, n int) // y is written
	reduceRow               [3]func(x *float32, n int) float32
	softmax                 func(y, x *float32, rows, n int)
	softmaxGrad             func(dx, y, dy *float32, rows, n int)
	sigmoidCrossEntropy     func(loss, x, target *float32, n int)
	sigmoidCrossEntropyGrad func(dx, x, target, dloss *float32, n int)

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
	gruForward   func(z, hPrev, h *float32, n int)
	gruBackward  func(dz, z, hPrev, dh *float32, n int)

	// A run is passed as a pointer to its first field.
	maxPool         func(y *float32, arg *int32, x *float32, r *int)
	maxPoolGrad     func(dx *float32, arg *int32, dy *float32, r *int)
	averagePool     func(y, x *float32, r *int, scale float32)
	averagePoolGrad func(dx, dy *float32, r *int, scale float32)

	philox      func(w *uint32, key0, key1 uint32, counter, block uint64, groups int)
	dropoutGrad func(dx *float32, mask *bool, dy *float32, scale float32, n int)
	dropout     func(y *float32, mask *bool, x *float32, words *uint32, threshold uint32, scale float32, n int)
}

// vector returns the active path's assembly.
func vector() *vectors { return &vectorKernels[activeTier()] }

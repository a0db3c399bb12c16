package kernel

import "fmt"

// Conv2D describes a convolution of x [N,H,W,C] with a kernel [KH,KW,C/Groups,F]: y [N,OH,OW,F] with
//
//	y[n,oh,ow,f] = Σ x[n, oh·SH + kh·DH - Top, ow·SW + kw·DW - Left, c] · k[kh,kw,c,f]
//
// where x is 0 outside and c runs over the channels of f's group. A depthwise convolution has Groups = C.
type Conv2D struct {
	N, H, W, C     int // the input
	KH, KW, F      int // the kernel and the number of output channels
	SH, SW, DH, DW int // strides and dilations, at least 1
	Top, Left      int // rows and columns of padding before the input; what is needed behind it follows from OH and OW
	OH, OW         int // the output
	Groups         int // at least 1; divides C and F
}

// Conv2DForward computes y = act(conv(x, k) + bias + residual); the residual is [N,OH,OW,F].
func Conv2DForward[T Float](p Conv2D, x, k, y []T, e Epilogue[T]) {
	p.check("Conv2DForward", len(x), len(k), len(y))
	if e.Bias != nil && len(e.Bias) < p.F {
		panic(fmt.Sprintf("kernel: Conv2DForward: bias: expected %d elements, got %d", p.F, len(e.Bias)))
	}
	if e.Residual != nil && len(e.Residual) < p.outputs() {
		panic(fmt.Sprintf("kernel: Conv2DForward: residual: expected %d elements, got %d", p.outputs(), len(e.Residual)))
	}
	switch {
	case p.outputs() == 0:
	case p.pointwise():
		Gemm(Product{M: p.N * p.H * p.W, N: p.F, K: p.C}, x, k, y, e)
	case isFloat32[T]() && p.weights() > 0:
		convForward(&p, float32s(x), float32s(k), float32s(y), epilogue32(e))
	default:
		convForwardReference(&p, x, k, y, e)
	}
}

// Conv2DGradInput computes dx [N,H,W,C], the gradient of a scalar with respect to x, from dy, the gradient with respect to y.
func Conv2DGradInput[T Float](p Conv2D, dy, k, dx []T) {
	p.check("Conv2DGradInput", len(dx), len(k), len(dy))
	switch {
	case p.inputs() == 0:
	case p.pointwise():
		Gemm(Product{M: p.N * p.H * p.W, N: p.C, K: p.F, TransB: true}, dy, k, dx, Epilogue[T]{})
	case isFloat32[T]() && p.weights() > 0 && p.outputs() > 0:
		convGradInput(&p, float32s(dy), float32s(k), float32s(dx))
	default:
		convGradInputReference(&p, dy, k, dx)
	}
}

// Conv2DGradKernel computes dk [KH,KW,C/Groups,F], the gradient of a scalar with respect to k, from dy.
func Conv2DGradKernel[T Float](p Conv2D, x, dy, dk []T) {
	p.check("Conv2DGradKernel", len(x), len(dk), len(dy))
	switch {
	case p.weights() == 0:
	case p.pointwise():
		Gemm(Product{M: p.C, N: p.F, K: p.N * p.H * p.W, TransA: true}, x, dy, dk, Epilogue[T]{})
	case isFloat32[T]() && p.outputs() > 0:
		convGradKernel(&p, float32s(x), float32s(dy), float32s(dk))
	default:
		convGradKernelReference(&p, x, dy, dk)
	}
}

func (p *Conv2D) inputs() int  { return p.N * p.H * p.W * p.C }
func (p *Conv2D) outputs() int { return p.N * p.OH * p.OW * p.F }
func (p *Conv2D) weights() int { return p.KH * p.KW * (p.C / p.Groups) * p.F }

// pointwise reports whether the convolution is one matrix product.
func (p *Conv2D) pointwise() bool {
	return p.KH == 1 && p.KW == 1 && p.SH == 1 && p.SW == 1 && p.Groups == 1 &&
		p.Top == 0 && p.Left == 0 && p.OH == p.H && p.OW == p.W
}

// work is the number of floating-point operations.
func (p *Conv2D) work() int { return 2 * p.outputs() * p.KH * p.KW * (p.C / p.Groups) }

func (p *Conv2D) check(name string, x, k, y int) {
	if min(p.N, p.H, p.W, p.C, p.KH, p.KW, p.F, p.Top, p.Left, p.OH, p.OW) < 0 || min(p.SH, p.SW, p.DH, p.DW, p.Groups) < 1 {
		panic(fmt.Sprintf("kernel: %s: %+v: expected sizes from 0, strides, dilations and groups from 1", name, *p))
	}
	if p.C%p.Groups != 0 || p.F%p.Groups != 0 {
		panic(fmt.Sprintf("kernel: %s: %d groups: expected a divisor of %d and of %d channels", name, p.Groups, p.C, p.F))
	}
	if x < p.inputs() || k < p.weights() || y < p.outputs() {
		panic(fmt.Sprintf("kernel: %s: %+v: expected %d, %d and %d elements of input, kernel and output, got %d, %d and %d",
			name, *p, p.inputs(), p.weights(), p.outputs(), x, k, y))
	}
}

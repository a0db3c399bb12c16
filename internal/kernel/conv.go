package kernel

import "fmt"

// Conv describes a convolution of x [N,D,H,W,C] with a kernel [KD,KH,KW,C/Groups,F]: y [N,OD,OH,OW,F] with
//
//	y[n,od,oh,ow,f] = Σ x[n, od·SD + kd·DD - Front, oh·SH + kh·DH - Top, ow·SW + kw·DW - Left, c] · k[kd,kh,kw,c,f]
//
// where x is 0 outside and c runs over the channels of f's group. Images have a depth of 1 everywhere, sequences a height of 1 too.
// A depthwise convolution has Groups = C.
type Conv struct {
	N, D, H, W, C    int // the input
	KD, KH, KW, F    int // the kernel and the number of output channels
	SD, SH, SW       int // strides, at least 1
	DD, DH, DW       int // dilations, at least 1
	Front, Top, Left int // padding before the input; what is needed behind it follows from the output
	OD, OH, OW       int // the output
	Groups           int // at least 1; divides C and F
}

// ConvForward computes y = act(conv(x, k) + bias + residual); the residual is [N,OD,OH,OW,F].
func ConvForward[T Float](p Conv, x, k, y []T, e Epilogue[T]) {
	p.check("ConvForward", len(x), len(k), len(y))
	checkEpilogue("ConvForward", e, p.F, p.outputs())
	switch {
	case p.outputs() == 0:
	case p.pointwise():
		Gemm(Product{M: p.pixels(), N: p.F, K: p.C}, x, k, y, e)
	case isFloat32[T]() && p.weights() > 0:
		convForward(&p, float32s(x), float32s(k), float32s(y), epilogue32(e))
	default:
		convForwardReference(&p, x, k, y, e)
	}
}

// ConvGradInput computes dx [N,D,H,W,C], the gradient of a scalar with respect to x, from dy, the gradient with respect to y. As a transposed
// convolution, it has an epilogue: dx = act(conv'(dy, k) + bias + residual), with a bias for each of C channels.
func ConvGradInput[T Float](p Conv, dy, k, dx []T, e Epilogue[T]) {
	p.check("ConvGradInput", len(dx), len(k), len(dy))
	checkEpilogue("ConvGradInput", e, p.C, p.inputs())
	switch {
	case p.inputs() == 0:
	case p.pointwise():
		Gemm(Product{M: p.pixels(), N: p.C, K: p.F, TransB: true}, dy, k, dx, e)
	case isFloat32[T]() && p.weights() > 0 && p.outputs() > 0:
		convGradInput(&p, float32s(dy), float32s(k), float32s(dx), epilogue32(e))
	default:
		convGradInputReference(&p, dy, k, dx, e)
	}
}

// ConvGradKernel computes dk [KD,KH,KW,C/Groups,F], the gradient of a scalar with respect to k, from dy.
func ConvGradKernel[T Float](p Conv, x, dy, dk []T) {
	p.check("ConvGradKernel", len(x), len(dk), len(dy))
	switch {
	case p.weights() == 0:
	case p.pointwise():
		Gemm(Product{M: p.C, N: p.F, K: p.pixels(), TransA: true}, x, dy, dk, Epilogue[T]{})
	case isFloat32[T]() && p.outputs() > 0:
		convGradKernel(&p, float32s(x), float32s(dy), float32s(dk))
	default:
		convGradKernelReference(&p, x, dy, dk)
	}
}

func checkEpilogue[T Float](name string, e Epilogue[T], channels, numbers int) {
	if e.Bias != nil && len(e.Bias) < channels {
		panic(fmt.Sprintf("kernel: %s: bias: expected %d elements, got %d", name, channels, len(e.Bias)))
	}
	if e.Residual != nil && len(e.Residual) < numbers {
		panic(fmt.Sprintf("kernel: %s: residual: expected %d elements, got %d", name, numbers, len(e.Residual)))
	}
}

func (p *Conv) pixels() int  { return p.N * p.D * p.H * p.W }
func (p *Conv) inputs() int  { return p.pixels() * p.C }
func (p *Conv) outputs() int { return p.N * p.OD * p.OH * p.OW * p.F }
func (p *Conv) taps() int    { return p.KD * p.KH * p.KW * (p.C / p.Groups) }
func (p *Conv) weights() int { return p.taps() * p.F }

// pointwise reports whether the convolution is one matrix product.
func (p *Conv) pointwise() bool {
	return p.KD*p.KH*p.KW == 1 && p.SD*p.SH*p.SW == 1 && p.Groups == 1 &&
		p.Front+p.Top+p.Left == 0 && p.OD == p.D && p.OH == p.H && p.OW == p.W
}

// work is the number of floating-point operations.
func (p *Conv) work() int { return 2 * p.outputs() * p.taps() }

func (p *Conv) check(name string, x, k, y int) {
	least := min(p.N, p.D, p.H, p.W, p.C, p.KD, p.KH, p.KW, p.F, p.Front, p.Top, p.Left, p.OD, p.OH, p.OW)
	if least < 0 || min(p.SD, p.SH, p.SW, p.DD, p.DH, p.DW, p.Groups) < 1 {
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

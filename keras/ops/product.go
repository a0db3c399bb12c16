package ops

import (
	"slices"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// A product is x·w of a tensor [..., k] and a matrix [k, n], with everything that is fused into it:
// activation(x·w + bias + residual). Inputs: x, w, then bias and residual where there are any.
type product struct {
	transX, transW bool // x is [k, m] then; w is [n, k]
	bias, residual bool
	activation     kernel.Activation
}

func (o product) name() string { return "matmul" }

func (o product) infer(in []Spec) ([]Spec, error) {
	x, w := in[0].Shape, in[1].Shape
	if len(x) < 2 || len(w) != 2 {
		return nil, errors.Errorf("shapes %v and %v: expected [..., k] and [k, n]", x, w)
	}
	if o.transX && len(x) != 2 {
		return nil, errors.Errorf("shape %v: only a matrix can be transposed", x)
	}
	xk, m, wk, n := x[len(x)-1], x[:len(x)-1], w[0], w[1]
	if o.transX {
		xk, m = x[0], x[1:]
	}
	if o.transW {
		wk, n = n, wk
	}
	if xk != wk && xk != Unknown {
		return nil, errors.Errorf("shapes %v and %v: %d != %d", x, w, xk, wk)
	}
	return []Spec{floats(append(slices.Clone(m), n)...)}, nil
}

func (o product) bind(c *binding) func() error {
	return pick(c, multiply[float32](o, c), multiply[float64](o, c))
}

func multiply[T kernel.Float](o product, c *binding) func() error {
	x, w, y := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	out := c.out[0].Shape
	n := out[len(out)-1]
	m := size(out) / n
	p := kernel.Product{M: m, N: n, K: size(c.in[0].Shape) / m, TransA: o.transX, TransB: o.transW}
	e := kernel.Epilogue[T]{Activation: o.activation}
	next := 2
	if o.bias {
		e.Bias = data[T](c.in[next])
		next++
	}
	if o.residual {
		e.Residual = data[T](c.in[next])
	}
	return func() error {
		kernel.Gemm(p, x, w, y, e)
		return nil
	}
}

func (o product) gradient(c *chain) []Tensor {
	out := make([]Tensor, len(c.in))
	dz := c.g()
	if o.bias {
		r := applyAll(activationGradient{o.activation, c.needs[2]}, c.out[0], dz)
		dz = r[0]
		if c.needs[2] {
			out[2] = r[1]
		}
	} else if o.activation != kernel.Linear {
		dz = applyAll(activationGradient{o.activation, false}, c.out[0], dz)[0]
	}
	if o.residual {
		out[len(out)-1] = dz
	}
	x, w := c.in[0], c.in[1]
	if c.needs[0] {
		out[0] = o.gradientX(w, dz)
	}
	if c.needs[1] {
		out[1] = o.gradientW(x, dz)
	}
	return out
}

// gradientX is dz·wᵀ, in x's own layout.
func (o product) gradientX(w, dz Tensor) Tensor {
	if !o.transX {
		return apply(product{transW: !o.transW}, dz, w)
	}
	// x is [k, m]: dx = w·dzᵀ.
	return apply(product{transX: o.transW, transW: true}, w, dz)
}

// gradientW is xᵀ·dz, in w's own layout.
func (o product) gradientW(x, dz Tensor) Tensor {
	x, dz = flattenRows(x), flattenRows(dz)
	if !o.transW {
		return apply(product{transX: !o.transX}, x, dz)
	}
	return apply(product{transX: true, transW: o.transX}, dz, x)
}

// flattenRows is a tensor as a matrix with the same last axis.
func flattenRows(x Tensor) Tensor {
	s := x.Spec().Shape
	if len(s) == 2 || x.Err() != nil {
		return x
	}
	return Reshape(x, size(s[:len(s)-1]), s[len(s)-1])
}

// activationGradient is the gradient before an activation, computed from the activation's result, and with bias also its sum
// over all rows, in one pass.
type activationGradient struct {
	activation kernel.Activation
	bias       bool
}

func (o activationGradient) name() string { return "activation_gradient" }

func (o activationGradient) infer(in []Spec) ([]Spec, error) {
	s := in[0].Shape
	return []Spec{in[0], floats(s[len(s)-1])}, nil
}

func (o activationGradient) bind(c *binding) func() error {
	return pick(c, bindActivationGradient[float32](o, c), bindActivationGradient[float64](o, c))
}

func bindActivationGradient[T kernel.Float](o activationGradient, c *binding) func() error {
	y, dy, dz, db := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0]), data[T](c.out[1])
	if o.bias {
		return func() error { kernel.ActivationGradBias(o.activation, dz, y, dy, db); return nil }
	}
	return func() error { kernel.ActivationGrad(o.activation, dz, y, dy); return nil }
}

// MatMul is the matrix product of the last two axes; leading axes are broadcast. Vectors are rows on the left and columns on the
// right, as in NumPy.
func MatMul(x, y Tensor) Tensor {
	x, y = asFloat(x), asFloat(y)
	if err := firstError([]Tensor{x, y}); err != nil {
		return apply(product{}, x, y)
	}
	switch {
	case x.Rank() == 0 || y.Rank() == 0:
		return Fail(x.path, errors.Errorf("matmul: shapes %v and %v: expected at least one axis each", x.Spec().Shape, y.Spec().Shape))
	case x.Rank() == 1:
		return Squeeze(MatMul(ExpandDims(x, 0), y), -min(2, y.Rank()))
	case y.Rank() == 1:
		return Squeeze(MatMul(x, ExpandDims(y, 1)), -1)
	case y.Rank() == 2:
		return apply(product{}, x, y)
	default:
		return apply(batchProduct{}, x, y)
	}
}

// A batchProduct is a matrix product for each place of the leading axes.
type batchProduct struct{ transX, transY bool }

func (o batchProduct) name() string { return "matmul" }

func (o batchProduct) infer(in []Spec) ([]Spec, error) {
	x, y := in[0].Shape, in[1].Shape
	m, k := lastTwo(x, o.transX)
	k2, n := lastTwo(y, o.transY)
	if k != k2 && k != Unknown && k2 != Unknown {
		return nil, errors.Errorf("shapes %v and %v: %d != %d", x, y, k, k2)
	}
	lead, err := broadcast(x[:len(x)-2], y[:len(y)-2])
	return []Spec{floats(append(lead, m, n)...)}, err
}

func lastTwo(s []int, transposed bool) (int, int) {
	a, b := s[len(s)-2], s[len(s)-1]
	if transposed {
		return b, a
	}
	return a, b
}

func (o batchProduct) bind(c *binding) func() error {
	return pick(c, multiplyBatch[float32](o, c), multiplyBatch[float64](o, c))
}

func multiplyBatch[T kernel.Float](o batchProduct, c *binding) func() error {
	x, y, z := data[T](c.in[0]), data[T](c.in[1]), data[T](c.out[0])
	xs, ys, out := c.in[0].Shape, c.in[1].Shape, c.out[0].Shape
	m, k := lastTwo(xs, o.transX)
	n := out[len(out)-1]
	p := kernel.Product{M: m, N: n, K: k, TransA: o.transX, TransB: o.transY}
	lead := append(slices.Clone(out[:len(out)-2]), 1)
	r := newRows(slices.Concat(trim(xs[:len(xs)-2]), []int{1}), slices.Concat(trim(ys[:len(ys)-2]), []int{1}), lead)
	return func() error {
		r.each(func(i, j, l, _ int) {
			kernel.Gemm(p, x[i*m*k:(i+1)*m*k], y[j*k*n:(j+1)*k*n], z[l*m*n:(l+1)*m*n], kernel.Epilogue[T]{})
		})
		return nil
	}
}

func (o batchProduct) gradient(c *chain) []Tensor {
	x, y, g := c.in[0], c.in[1], c.g()
	out := make([]Tensor, 2)
	if c.needs[0] {
		dx := apply(batchProduct{transY: !o.transY}, g, y)
		if o.transX {
			dx = apply(batchProduct{transX: o.transY, transY: true}, y, g)
		}
		out[0] = sumTo(dx, x.Shape())
	}
	if c.needs[1] {
		dy := apply(batchProduct{transX: !o.transX}, x, g)
		if o.transY {
			dy = apply(batchProduct{transX: true, transY: o.transX}, g, x)
		}
		out[1] = sumTo(dy, y.Shape())
	}
	return out
}

// fuseBias takes x·w + bias for one product, also of a convolution.
func fuseBias(n *node, only func(Tensor) *node) *node {
	if b, ok := n.op.(binary); !ok || b.f != kernel.Add {
		return nil
	}
	for i, t := range n.in {
		p, bias := only(t), n.in[1-i]
		s := n.out[0].Shape
		if p == nil || len(s) == 0 || !sameShape(t.Spec().Shape, s) {
			continue
		}
		if !sameShape(bias.Spec().Shape, s[len(s)-1:]) {
			continue
		}
		switch op := p.op.(type) {
		case product:
			if !op.bias && !op.residual && op.activation == kernel.Linear {
				op.bias = true
				return &node{op: op, in: append(slices.Clone(p.in), bias), out: n.out}
			}
		case convolution:
			if !op.bias && op.activation == kernel.Linear {
				op.bias = true
				return &node{op: op, in: append(slices.Clone(p.in), bias), out: n.out}
			}
		}
	}
	return nil
}

// fuseResidual takes x·w + bias + residual for one product.
func fuseResidual(n *node, only func(Tensor) *node) *node {
	if b, ok := n.op.(binary); !ok || b.f != kernel.Add || !sameShape(n.in[0].Spec().Shape, n.in[1].Spec().Shape) {
		return nil
	}
	for i, t := range n.in {
		p := only(t)
		if p == nil {
			continue
		}
		op, ok := p.op.(product)
		if !ok || op.residual || op.activation != kernel.Linear {
			continue
		}
		op.residual = true
		return &node{op: op, in: append(slices.Clone(p.in), n.in[1-i]), out: n.out}
	}
	return nil
}

// fused are the activations that run where their argument is made.
var fused = map[kernel.Unary]kernel.Activation{kernel.ReluOp: kernel.ReLU, kernel.SigmoidOp: kernel.Sigmoid, kernel.TanhOp: kernel.Tanh}

// fuseActivation takes an activation into the product, convolution or normalization that makes its argument.
func fuseActivation(n *node, only func(Tensor) *node) *node {
	u, ok := n.op.(unary)
	if !ok {
		return nil
	}
	a, ok := fused[u.f]
	p := only(n.in[0])
	if !ok || p == nil || n.in[0].index != 0 {
		return nil
	}
	switch op := p.op.(type) {
	case product:
		if op.activation == kernel.Linear {
			op.activation = a
			return &node{op: op, in: p.in, out: n.out}
		}
	case convolution:
		if op.activation == kernel.Linear {
			op.activation = a
			return &node{op: op, in: p.in, out: n.out}
		}
	case batchNormInference:
		if op.activation == kernel.Linear {
			op.activation = a
			return &node{op: op, in: p.in, out: n.out}
		}
	}
	return nil
}

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// body is one step of a loop over arrays: ld reads the vector of array i, st writes it.
type body func(ld func(i int) VecVirtual, st func(i int, r VecVirtual))

// arrays runs step over n elements of arrays that are walked together.
func (k *kernel) arrays(p []Register, n Register, step body) {
	i := GP64()
	XORQ(i, i)
	w := uint64(k.lanes())
	emit := func(tail bool) {
		at := func(a int) Mem { return Mem{Base: p[a], Index: i, Scale: 4} }
		step(func(a int) VecVirtual { return k.load(at(a), tail) }, func(a int, r VecVirtual) { k.store(r, at(a), tail) })
	}
	SUBQ(Imm(w), n)
	JL(k.ref("tail"))
	Label(k.label("loop"))
	emit(false)
	ADDQ(Imm(w), i)
	SUBQ(Imm(w), n)
	JGE(k.ref("loop"))
	Label(k.label("tail"))
	ADDQ(Imm(w), n)
	JZ(k.ref("end"))
	k.tailMask(n)
	emit(true)
	Label(k.label("end"))
}

// loop writes a whole function: pointers to float32, then float32 scalars, then n.
func loop(wide bool, name string, pointers, scalars []string, step func(k *kernel, s []VecVirtual) body) {
	args := ""
	for _, p := range pointers {
		args += p + " *float32, "
	}
	for _, s := range scalars {
		args += s + " float32, "
	}
	k := begin(wide, name, args+"n int", "")
	var p []Register
	for _, q := range pointers {
		p = append(p, k.pointer(q))
	}
	var s []VecVirtual
	for _, q := range scalars {
		s = append(s, k.scalar(q))
	}
	b := step(k, s)
	k.arrays(p, k.pointer("n"), b)
	k.end()
}

func flat(wide bool) {
	unary(wide)
	binary(wide)
	gradients(wide)
	optimizers(wide)
	scan(wide)
}

func unary(wide bool) {
	one := func(name string, f func(k *kernel, a VecVirtual) VecVirtual, preload func(k *kernel)) {
		loop(wide, name, []string{"y", "x"}, nil, func(k *kernel, _ []VecVirtual) body {
			if preload != nil {
				preload(k)
			}
			return func(ld func(int) VecVirtual, st func(int, VecVirtual)) { st(0, f(k, ld(1))) }
		})
	}
	simple := func(f func(k *kernel, a, r VecVirtual)) func(*kernel, VecVirtual) VecVirtual {
		return func(k *kernel, a VecVirtual) VecVirtual { f(k, a, a); return a }
	}
	exp := (*kernel).preloadExp
	one("negative", simple(func(k *kernel, a, r VecVirtual) { VXORPS(k.bits(signBit), a, r) }), nil)
	one("absolute", simple(func(k *kernel, a, r VecVirtual) { VANDPS(k.bits(^uint32(signBit)), a, r) }), nil)
	one("square", simple(func(_ *kernel, a, r VecVirtual) { VMULPS(a, a, r) }), nil)
	one("sqrt", simple(func(_ *kernel, a, r VecVirtual) { VSQRTPS(a, r) }), nil)
	one("rsqrt", simple(func(k *kernel, a, r VecVirtual) { VSQRTPS(a, r); VDIVPS(r, k.fr(1), r) }), nil)
	one("reciprocal", simple(func(k *kernel, a, r VecVirtual) { VDIVPS(a, k.fr(1), r) }), nil)
	one("floor", simple(func(k *kernel, a, r VecVirtual) { k.round(down, a, r) }), nil)
	one("ceil", simple(func(k *kernel, a, r VecVirtual) { k.round(up, a, r) }), nil)
	one("round", simple(func(k *kernel, a, r VecVirtual) { k.round(nearest, a, r) }), nil)
	one("relu", simple(func(k *kernel, a, r VecVirtual) { VMAXPS(a, k.zero(), r) }), nil)
	one("exp", (*kernel).exp, exp)
	one("log", (*kernel).log, nil)
	one("sigmoid", (*kernel).sigmoid, exp)
	one("tanh", (*kernel).tanh, exp)
	one("silu", func(k *kernel, a VecVirtual) VecVirtual { s := k.sigmoid(a); VMULPS(a, s, s); return s }, exp)
	one("geluTanh", func(k *kernel, a VecVirtual) VecVirtual {
		s := k.sigmoid(k.geluArgument(a))
		VMULPS(a, s, s)
		return s
	}, exp)
	one("softplus", (*kernel).softplus, nil)
	one("logSigmoid", func(k *kernel, a VecVirtual) VecVirtual {
		VXORPS(k.bits(signBit), a, a)
		r := k.softplus(a)
		VXORPS(k.bits(signBit), r, r)
		return r
	}, nil)
	one("geluErf", func(k *kernel, a VecVirtual) VecVirtual { p := k.normal(a); VMULPS(a, p, p); return p }, exp)
}

func binary(wide bool) {
	ops := []struct {
		name string
		f    func(k *kernel, a, b VecVirtual) VecVirtual
		both bool // op(s, x) differs from op(x, s)
	}{
		{"add", func(_ *kernel, a, b VecVirtual) VecVirtual { VADDPS(b, a, a); return a }, false},
		{"subtract", func(_ *kernel, a, b VecVirtual) VecVirtual { VSUBPS(b, a, a); return a }, true},
		{"multiply", func(_ *kernel, a, b VecVirtual) VecVirtual { VMULPS(b, a, a); return a }, false},
		{"divide", func(_ *kernel, a, b VecVirtual) VecVirtual { VDIVPS(b, a, a); return a }, true},
		{"maximum", (*kernel).maximum, false},
		{"minimum", (*kernel).minimum, false},
		{"squaredDifference", func(_ *kernel, a, b VecVirtual) VecVirtual { VSUBPS(b, a, a); VMULPS(a, a, a); return a }, false},
	}
	for _, op := range ops {
		loop(wide, op.name, []string{"z", "x", "y"}, nil, func(k *kernel, _ []VecVirtual) body {
			return func(ld func(int) VecVirtual, st func(int, VecVirtual)) { st(0, op.f(k, ld(1), ld(2))) }
		})
		loop(wide, op.name+"Scalar", []string{"z", "x"}, []string{"s"}, func(k *kernel, s []VecVirtual) body {
			return func(ld func(int) VecVirtual, st func(int, VecVirtual)) { st(0, op.f(k, ld(1), s[0])) }
		})
		if !op.both {
			continue
		}
		loop(wide, op.name+"Reversed", []string{"z", "x"}, []string{"s"}, func(k *kernel, s []VecVirtual) body {
			return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
				a := k.reg()
				VMOVAPS(s[0], a)
				st(0, op.f(k, a, ld(1)))
			}
		})
	}
	loop(wide, "axpy", []string{"y", "x"}, []string{"a"}, func(_ *kernel, s []VecVirtual) body {
		return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
			y := ld(0)
			VFMADD231PS(ld(1), s[0], y)
			st(0, y)
		}
	})
	loop(wide, "clip", []string{"y", "x"}, []string{"lo", "hi"}, func(_ *kernel, s []VecVirtual) body {
		return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
			x := ld(1)
			VMAXPS(x, s[0], x)
			VMINPS(x, s[1], x)
			st(0, x)
		}
	})
}

// activations are the derivatives that need the output only; they return dz and may use dy's register.
var activations = []struct {
	name string
	grad func(k *kernel, y, dy VecVirtual) VecVirtual
}{
	{"linear", func(_ *kernel, _, dy VecVirtual) VecVirtual { return dy }},
	{"relu", func(k *kernel, y, dy VecVirtual) VecVirtual { return k.keep(greaterThan, k.zero(), y, dy) }},
	{"sigmoid", func(k *kernel, y, dy VecVirtual) VecVirtual {
		d := k.reg()
		VSUBPS(y, k.fr(1), d)
		VMULPS(y, d, d)
		VMULPS(d, dy, dy)
		return dy
	}},
	{"tanh", func(k *kernel, y, dy VecVirtual) VecVirtual {
		d := k.copyOf(1)
		VFNMADD231PS(y, y, d)
		VMULPS(d, dy, dy)
		return dy
	}},
}

func gradients(wide bool) {
	for _, a := range activations[1:] {
		loop(wide, a.name+"Grad", []string{"dz", "y", "dy"}, nil, func(k *kernel, _ []VecVirtual) body {
			return func(ld func(int) VecVirtual, st func(int, VecVirtual)) { st(0, a.grad(k, ld(1), ld(2))) }
		})
	}
	loop(wide, "sigmoidCrossEntropy", []string{"loss", "x", "target"}, nil, func(k *kernel, _ []VecVirtual) body {
		return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
			x := ld(1)
			r := k.softplus(x)
			VFNMADD231PS(ld(2), x, r)
			st(0, r)
		}
	})
	loop(wide, "sigmoidCrossEntropyGrad", []string{"dx", "x", "target", "dloss"}, nil, func(k *kernel, _ []VecVirtual) body {
		k.preloadExp()
		return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
			s := k.sigmoid(ld(1))
			VSUBPS(ld(2), s, s)
			VMULPS(ld(3), s, s)
			st(0, s)
		}
	})
	loop(wide, "siluGrad", []string{"dx", "x", "y", "dy"}, nil, func(k *kernel, _ []VecVirtual) body {
		k.preloadExp()
		return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
			x := ld(1)
			s := k.sigmoid(x)
			d := k.reg()
			VSUBPS(s, k.fr(1), d)
			VFMADD213PS(k.f(1), x, d) // 1 + x·(1 - s)
			VMULPS(s, d, d)
			VMULPS(ld(3), d, d)
			st(0, d)
		}
	})
	loop(wide, "geluErfGrad", []string{"dx", "x", "y", "dy"}, nil, func(k *kernel, _ []VecVirtual) body {
		k.preloadExp()
		return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
			x := ld(1)
			p := k.normal(x)
			VFMADD231PS(k.normalDensity(x), x, p)
			VMULPS(ld(3), p, p)
			st(0, p)
		}
	})
	loop(wide, "geluTanhGrad", []string{"dx", "x", "y", "dy"}, nil, func(k *kernel, _ []VecVirtual) body {
		k.preloadExp()
		return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
			x := ld(1)
			s := k.sigmoid(k.geluArgument(x))
			d, q := k.reg(), k.reg()
			VSUBPS(s, k.fr(1), d)
			VMULPS(x, d, d)
			VMULPS(x, x, q)
			VMULPS(k.f(2*geluRoot*3*geluCubic), q, q)
			VADDPS(k.f(2*geluRoot), q, q)
			VFMADD213PS(k.f(1), q, d) // 1 + x·(1 - s)·a'(x)
			VMULPS(s, d, d)
			VMULPS(ld(3), d, d)
			st(0, d)
		}
	})
}

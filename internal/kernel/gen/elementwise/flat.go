package main

import (
	"math"

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

func optimizers(wide bool) {
	loop(wide, "sgd", []string{"w", "grad"}, []string{"lr"}, func(_ *kernel, s []VecVirtual) body {
		return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
			w := ld(0)
			VFNMADD231PS(ld(1), s[0], w)
			st(0, w)
		}
	})
	for _, nesterov := range []bool{false, true} {
		name := "momentum"
		if nesterov {
			name = "nesterov"
		}
		loop(wide, name, []string{"w", "m", "grad"}, []string{"lr", "momentum"}, func(k *kernel, s []VecVirtual) body {
			return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
				w, m, step := ld(0), ld(1), k.reg()
				VMULPS(ld(2), s[0], step)
				VFMSUB213PS(step, s[1], m)
				st(1, m)
				if nesterov {
					VFMSUB213PS(step, s[1], m)
				}
				VADDPS(m, w, w)
				st(0, w)
			}
		})
	}
	loop(wide, "adam", []string{"w", "m", "v", "grad"}, []string{"alpha", "c1", "c2", "eps"}, func(k *kernel, s []VecVirtual) body {
		return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
			w, m, v, g := ld(0), ld(1), ld(2), ld(3)
			t := k.reg()
			VSUBPS(m, g, t)
			VFMADD231PS(t, s[1], m)
			st(1, m)
			VFMSUB213PS(v, g, g)
			VFMADD231PS(g, s[2], v)
			st(2, v)
			VSQRTPS(v, t)
			VADDPS(s[3], t, t)
			VMULPS(s[0], m, m)
			VDIVPS(t, m, m)
			VSUBPS(m, w, w)
			st(0, w)
		}
	})
	loop(wide, "rmsprop", []string{"w", "v", "grad"}, []string{"lr", "rho", "c", "eps"}, func(k *kernel, s []VecVirtual) body {
		return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
			w, v, g := ld(0), ld(1), ld(2)
			t := k.reg()
			VMULPS(g, g, t)
			VMULPS(s[2], t, t)
			VFMADD213PS(t, s[1], v)
			st(1, v)
			VADDPS(s[3], v, t)
			VSQRTPS(t, t)
			VMULPS(s[0], g, g)
			VDIVPS(t, g, g)
			VSUBPS(g, w, w)
			st(0, w)
		}
	})
}

// scan writes what looks at every element and returns one number.
func scan(wide bool) {
	hasNaN(wide)
	reduction(wide, "sumRow", 0, VADDPS, false)
	reduction(wide, "maxRow", math.Float32bits(float32(math.Inf(-1))), VMAXPS, true)
	reduction(wide, "minRow", math.Float32bits(float32(math.Inf(1))), VMINPS, true)
}

// hasNaN ORs the comparisons of a block of vectors and looks at the result once.
func hasNaN(wide bool) {
	k := begin(wide, "hasNaN", "x *float32, n int", "bool")
	x, n, bits := k.pointer("x"), k.pointer("n"), GP64()
	w := k.lanes()
	check := func(vs ...VecVirtual) {
		for i := 0; i < len(vs); i += 2 {
			if wide {
				m := K()
				VCMPPS(Imm(unordered), vs[i], vs[min(i+1, len(vs)-1)], m)
				if i == 0 {
					KMOVW(m, bits.As32())
				} else {
					other := GP64()
					KMOVW(m, other.As32())
					ORL(other.As32(), bits.As32())
				}
				continue
			}
			VCMPPS(Imm(unordered), vs[i], vs[min(i+1, len(vs)-1)], vs[i])
			if i > 0 {
				VORPS(vs[i], vs[0], vs[0])
			}
		}
		if !wide {
			VMOVMSKPS(vs[0], bits.As32())
		}
		TESTL(bits.As32(), bits.As32())
		JNZ(k.ref("found"))
	}
	for _, many := range []int{8, 1} {
		s := map[int]string{8: "eight", 1: "one"}[many]
		Label(k.label(s))
		CMPQ(n, I32(int32(many*w)))
		JL(k.ref(s + "end"))
		var vs []VecVirtual
		for i := range many {
			vs = append(vs, k.load(Mem{Base: x, Disp: 4 * w * i}, false))
		}
		check(vs...)
		ADDQ(I32(int32(4*w*many)), x)
		SUBQ(I32(int32(many*w)), n)
		JMP(k.ref(s))
		Label(k.label(s + "end"))
	}
	k.tailMask(n)
	check(k.load(Mem{Base: x}, true))
	zero := GP64()
	XORQ(zero, zero)
	Store(zero.As8(), ReturnIndex(0))
	k.end()
	Label(k.label("found"))
	one := GP64()
	MOVQ(U32(1), one)
	Store(one.As8(), ReturnIndex(0))
	k.end()
}

// reduction folds x by op in four vectors, then their lanes. With nan the result is a NaN where x holds one.
func reduction(wide bool, name string, start uint32, op func(...Op), nan bool) {
	k := begin(wide, name, "x *float32, n int", "float32")
	x, n := k.pointer("x"), k.pointer("n")
	w := k.lanes()
	var acc [4]VecVirtual
	for i := range acc {
		acc[i] = k.frBits(start)
	}
	seen := k.zero()
	step := func(i int, v VecVirtual) {
		if nan {
			VORPS(k.keep(unordered, v, v, v), seen, seen)
		}
		op(v, acc[i], acc[i])
	}
	for _, many := range []int{4, 1} {
		s := map[int]string{4: "four", 1: "one"}[many]
		Label(k.label(s))
		CMPQ(n, I32(int32(many*w)))
		JL(k.ref(s + "end"))
		for i := range many {
			step(i, k.load(Mem{Base: x, Disp: 4 * w * i}, false))
		}
		ADDQ(I32(int32(4*w*many)), x)
		SUBQ(I32(int32(many*w)), n)
		JMP(k.ref(s))
		Label(k.label(s + "end"))
	}
	k.tailMask(n)
	step(1, k.tailOr(k.load(Mem{Base: x}, true), k.frBits(start)))
	op(acc[1], acc[0], acc[0])
	op(acc[3], acc[2], acc[2])
	op(acc[2], acc[0], acc[0])
	r := k.fold(acc[0], func(a, b, c Op) { op(a, b, c) })
	if nan {
		bad := k.spread(k.fold(seen, func(a, b, c Op) { VORPS(a, b, c) }))
		r = k.sel(unordered, bad, bad, bad, k.spread(r)).AsX().(VecVirtual)
	}
	Store(r, ReturnIndex(0))
	k.end()
}

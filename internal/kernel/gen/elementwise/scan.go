package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

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

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const negativeInf = 0xff800000

// eachRow writes a loop over rows of n elements around body; the pointers advance from row to row.
func eachRow(k *kernel, p []GPVirtual, body func(full, rest GPVirtual)) {
	rows, n := k.pointer("rows"), k.pointer("n")
	rest, full := GP64(), GP64()
	MOVQ(n, rest)
	ANDQ(Imm(uint64(k.lanes()-1)), rest)
	MOVQ(n, full)
	SUBQ(rest, full)
	k.tailMask(rest)
	Label(k.label("row"))
	body(full, rest)
	for _, q := range p {
		LEAQ(Mem{Base: q, Index: n, Scale: 4}, q)
	}
	DECQ(rows)
	JNZ(k.ref("row"))
}

// across writes a loop over the vectors of a row, the tail last.
func (k *kernel) across(name string, full, rest GPVirtual, step func(i GPVirtual, tail bool)) {
	i := GP64()
	XORQ(i, i)
	Label(k.label(name))
	CMPQ(i, full)
	JGE(k.ref(name + "tail"))
	step(i, false)
	ADDQ(Imm(uint64(k.lanes())), i)
	JMP(k.ref(name))
	Label(k.label(name + "tail"))
	TESTQ(rest, rest)
	JZ(k.ref(name + "end"))
	step(i, true)
	Label(k.label(name + "end"))
}

func rows(wide bool) {
	softmax(wide)
	softmaxGrad(wide)
}

func softmax(wide bool) {
	k := begin(wide, "softmax", "y, x *float32, rows, n int", "")
	y, x := k.pointer("y"), k.pointer("x")
	k.preloadExp()
	k.preloadBits(negativeInf)
	at := func(p, i GPVirtual) Mem { return Mem{Base: p, Index: i, Scale: 4} }
	eachRow(k, []GPVirtual{y, x}, func(full, rest GPVirtual) {
		top := k.reg()
		VMOVUPS(k.bits(negativeInf), top)
		k.across("max", full, rest, func(i GPVirtual, tail bool) {
			v := k.load(at(x, i), tail)
			if tail {
				v = k.tailOr(v, k.frOf(negativeInf))
			}
			VMAXPS(v, top, top)
		})
		top = k.spread(k.fold(top, func(a, b, c Op) { VMAXPS(a, b, c) }))
		sum := k.zero()
		k.across("exp", full, rest, func(i GPVirtual, tail bool) {
			v := k.load(at(x, i), tail)
			VSUBPS(top, v, v)
			e := k.exp(v)
			k.store(e, at(y, i), tail)
			if tail {
				e = k.tailOr(e, k.zero())
			}
			VADDPS(e, sum, sum)
		})
		scale := k.spread(k.fold(sum, func(a, b, c Op) { VADDPS(a, b, c) }))
		VDIVPS(scale, k.fr(1), scale)
		k.across("scale", full, rest, func(i GPVirtual, tail bool) {
			v := k.load(at(y, i), tail)
			VMULPS(scale, v, v)
			k.store(v, at(y, i), tail)
		})
	})
	k.end()
}

// frOf is a constant by its bits, in a register that must not be written to.
func (k *kernel) frOf(b uint32) VecVirtual {
	if r, ok := k.consts[b]; ok {
		return r
	}
	return k.frBits(b)
}

func softmaxGrad(wide bool) {
	k := begin(wide, "softmaxGrad", "dx, y, dy *float32, rows, n int", "")
	dx, y, dy := k.pointer("dx"), k.pointer("y"), k.pointer("dy")
	at := func(p, i GPVirtual) Mem { return Mem{Base: p, Index: i, Scale: 4} }
	eachRow(k, []GPVirtual{dx, y, dy}, func(full, rest GPVirtual) {
		dot := k.zero()
		k.across("dot", full, rest, func(i GPVirtual, tail bool) {
			VFMADD231PS(k.load(at(y, i), tail), k.load(at(dy, i), tail), dot)
		})
		dot = k.spread(k.fold(dot, func(a, b, c Op) { VADDPS(a, b, c) }))
		k.across("out", full, rest, func(i GPVirtual, tail bool) {
			d := k.load(at(dy, i), tail)
			VSUBPS(dot, d, d)
			VMULPS(k.load(at(y, i), tail), d, d)
			k.store(d, at(dx, i), tail)
		})
	})
	k.end()
}

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// gates returns the places of the four gates in a row of 4·n elements.
func gates(z GPVirtual, step, step3 Register) []Mem {
	return []Mem{{Base: z}, {Base: z, Index: step, Scale: 1}, {Base: z, Index: step, Scale: 2}, {Base: z, Index: step3, Scale: 1}}
}

// walk is arrays with pointers that advance, so that a pointer can stand for several arrays at fixed distances.
func (k *kernel) walk(p []GPVirtual, at []Mem, n Register, step body) {
	w := int32(k.lanes())
	emit := func(tail bool) {
		step(func(a int) VecVirtual { return k.load(at[a], tail) }, func(a int, r VecVirtual) { k.store(r, at[a], tail) })
	}
	SUBQ(I32(w), n)
	JL(k.ref("tail"))
	Label(k.label("loop"))
	emit(false)
	for _, q := range p {
		ADDQ(I32(4*w), q)
	}
	SUBQ(I32(w), n)
	JGE(k.ref("loop"))
	Label(k.label("tail"))
	ADDQ(I32(w), n)
	JZ(k.ref("end"))
	k.tailMask(n)
	emit(true)
	Label(k.label("end"))
}

// gateSteps returns the bytes of n and of 3·n elements.
func gateSteps(n Register) (step, step3 GPVirtual) {
	step, step3 = GP64(), GP64()
	LEAQ(Mem{Base: n, Index: n, Scale: 2}, step3)
	SHLQ(Imm(2), step3)
	MOVQ(n, step)
	SHLQ(Imm(2), step)
	return step, step3
}

func recurrent(wide bool) {
	lstmForward(wide)
	lstmBackward(wide)
	gruForward(wide)
	gruBackward(wide)
}

func lstmForward(wide bool) {
	k := begin(wide, "lstmForward", "z, cPrev, cell, shaped, h *float32, n int", "")
	n := k.pointer("n")
	step, step3 := gateSteps(n)
	p := []GPVirtual{k.pointer("z"), k.pointer("cPrev"), k.pointer("cell"), k.pointer("shaped"), k.pointer("h")}
	at := append(gates(p[0], step, step3), Mem{Base: p[1]}, Mem{Base: p[2]}, Mem{Base: p[3]}, Mem{Base: p[4]})
	k.preload(expPolynomial...)
	k.walk(p, at, n, func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
		i := k.sigmoid(ld(0))
		st(0, i)
		g := k.tanh(ld(2))
		st(2, g)
		VMULPS(g, i, i)
		f := k.sigmoid(ld(1))
		st(1, f)
		c := ld(4)
		VFMADD213PS(i, f, c)
		st(5, c)
		a := k.tanh(c)
		st(6, a)
		o := k.sigmoid(ld(3))
		st(3, o)
		VMULPS(o, a, a)
		st(7, a)
	})
	k.end()
}

func lstmBackward(wide bool) {
	k := begin(wide, "lstmBackward", "dz, z, cPrev, shaped, dh, dc *float32, n int", "")
	n := k.pointer("n")
	step, step3 := gateSteps(n)
	p := []GPVirtual{k.pointer("dz"), k.pointer("z"), k.pointer("cPrev"), k.pointer("shaped"), k.pointer("dh"), k.pointer("dc")}
	at := append(gates(p[0], step, step3), gates(p[1], step, step3)...)
	at = append(at, Mem{Base: p[2]}, Mem{Base: p[3]}, Mem{Base: p[4]}, Mem{Base: p[5]})
	sigmoid, tanh := activations[2].grad, activations[3].grad
	k.walk(p, at, n, func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
		dh, a, o := ld(10), ld(9), ld(7)
		do := k.reg()
		VMULPS(a, dh, do)
		st(3, sigmoid(k, o, do))
		VMULPS(o, dh, dh)
		d := tanh(k, a, dh)
		VADDPS(ld(11), d, d)
		i, g := ld(4), ld(6)
		di, dg := k.reg(), k.reg()
		VMULPS(g, d, di)
		st(0, sigmoid(k, i, di))
		VMULPS(i, d, dg)
		st(2, tanh(k, g, dg))
		f, df := ld(5), ld(8)
		VMULPS(d, df, df)
		st(1, sigmoid(k, f, df))
		VMULPS(f, d, d)
		st(11, d)
	})
	k.end()
}

// gruForward has in z the gates z, r, h·recurrent and x·kernel, the last of which becomes the candidate.
func gruForward(wide bool) {
	k := begin(wide, "gruForward", "z, hPrev, h *float32, n int", "")
	n := k.pointer("n")
	step, step3 := gateSteps(n)
	p := []GPVirtual{k.pointer("z"), k.pointer("hPrev"), k.pointer("h")}
	at := append(gates(p[0], step, step3), Mem{Base: p[1]}, Mem{Base: p[2]})
	k.preload(expPolynomial...)
	k.walk(p, at, n, func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
		r := k.sigmoid(ld(1))
		st(1, r)
		c := ld(3)
		VFMADD231PS(ld(2), r, c)
		c = k.tanh(c)
		st(3, c)
		z := k.sigmoid(ld(0))
		st(0, z)
		h := ld(4)
		VSUBPS(c, h, h)
		VFMADD213PS(c, z, h)
		st(5, h)
	})
	k.end()
}

func gruBackward(wide bool) {
	k := begin(wide, "gruBackward", "dz, z, hPrev, dh *float32, n int", "")
	n := k.pointer("n")
	step, step3 := gateSteps(n)
	p := []GPVirtual{k.pointer("dz"), k.pointer("z"), k.pointer("hPrev"), k.pointer("dh")}
	at := append(gates(p[0], step, step3), gates(p[1], step, step3)...)
	at = append(at, Mem{Base: p[2]}, Mem{Base: p[3]})
	sigmoid, tanh := activations[2].grad, activations[3].grad
	k.walk(p, at, n, func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
		z, c, dh, dz := ld(4), ld(7), ld(9), ld(8)
		VSUBPS(c, dz, dz)
		VMULPS(dh, dz, dz)
		st(0, sigmoid(k, z, dz))
		carried := k.reg()
		VMULPS(z, dh, carried)
		st(9, carried)
		VSUBPS(carried, dh, dh)
		dc := tanh(k, c, dh)
		st(3, dc)
		r, dr := ld(5), ld(6)
		VMULPS(dc, dr, dr)
		VMULPS(r, dc, dc)
		st(2, dc)
		st(1, sigmoid(k, r, dr))
	})
	k.end()
}

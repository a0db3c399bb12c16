package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Offsets of poolRun's fields.
const (
	runKH        = 0
	runKW        = 8
	runRowStride = 16
	runC         = 24
	runPixels    = 32
	runXStep     = 40
	runIndex     = 48
	runIndexStep = 56
	runWidth     = 64
)

// window writes the loops over a run's pixels, strips of channels, and the window's elements. p are the pointers to the output
// pixel, which advance by the channels; x points to the window. Open and close handle a strip, tap an element at x with its
// places in the plane.
type window struct {
	k     *kernel
	r     GPVirtual
	p     []GPVirtual
	x     GPVirtual
	open  func(at func(p GPVirtual) Mem, tail bool)
	start func(place VecVirtual) // after open
	tap   func(at Mem, place VecVirtual, tail bool)
	close func(at func(p GPVirtual) Mem, tail bool)
}

func (w *window) field(off int) GPVirtual {
	g := GP64()
	MOVQ(Mem{Base: w.r, Disp: off}, g)
	return g
}

// ints broadcasts the low half of a general register.
func (w *window) ints(g GPVirtual) VecVirtual {
	v := w.k.reg()
	if w.k.wide {
		VPBROADCASTD(g.As32(), v)
		return v
	}
	x := XMM()
	MOVD(g.As32(), x)
	VPBROADCASTD(x, v)
	return v
}

func (w *window) write() {
	k := w.k
	index := w.field(runIndex)
	pixels := w.field(runPixels)
	one := k.frBits(1)
	jump := w.field(runWidth)
	SUBQ(Mem{Base: w.r, Disp: runKW}, jump)
	down := w.ints(jump)
	rest := w.field(runC)
	ANDQ(Imm(uint64(k.lanes()-1)), rest)
	k.tailMask(rest)
	Label(k.label("pixel"))
	channel, left := GP64(), w.field(runC)
	XORQ(channel, channel)
	Label(k.label("strip"))
	CMPQ(left, Imm(uint64(k.lanes())))
	JL(k.ref("tail"))
	w.strip("whole", index, channel, one, down, false)
	ADDQ(I32(int32(4*k.lanes())), channel)
	SUBQ(Imm(uint64(k.lanes())), left)
	JMP(k.ref("strip"))
	Label(k.label("tail"))
	TESTQ(left, left)
	JZ(k.ref("next"))
	w.strip("rest", index, channel, one, down, true)
	Label(k.label("next"))
	c := w.field(runC)
	for _, p := range w.p {
		LEAQ(Mem{Base: p, Index: c, Scale: 4}, p)
	}
	step := w.field(runXStep)
	LEAQ(Mem{Base: w.x, Index: step, Scale: 4}, w.x)
	ADDQ(Mem{Base: w.r, Disp: runIndexStep}, index)
	DECQ(pixels)
	JNZ(k.ref("pixel"))
	k.end()
}

func (w *window) strip(name string, index, channel GPVirtual, one, down VecVirtual, tail bool) {
	k := w.k
	at := func(p GPVirtual) Mem { return Mem{Base: p, Index: channel, Scale: 1} }
	place := w.ints(index)
	w.open(at, tail)
	w.start(place)
	row, kh := GP64(), w.field(runKH)
	LEAQ(at(w.x), row)
	Label(k.label(name + "row"))
	p, kw := GP64(), w.field(runKW)
	MOVQ(row, p)
	Label(k.label(name + "element"))
	w.tap(Mem{Base: p}, place, tail)
	VPADDD(one, place, place)
	c := w.field(runC)
	LEAQ(Mem{Base: p, Index: c, Scale: 4}, p)
	DECQ(kw)
	JNZ(k.ref(name + "element"))
	VPADDD(down, place, place)
	stride := w.field(runRowStride)
	LEAQ(Mem{Base: row, Index: stride, Scale: 4}, row)
	DECQ(kh)
	JNZ(k.ref(name + "row"))
	w.close(at, tail)
}

func pooling(wide bool) {
	maxPool(wide)
	maxPoolGrad(wide)
	averagePool(wide)
	averagePoolGrad(wide)
}

func maxPool(wide bool) {
	k := begin(wide, "maxPool", "y *float32, arg *int32, x *float32, r *int", "")
	w := &window{k: k, r: k.pointer("r"), x: k.pointer("x")}
	y, arg := k.pointer("y"), k.pointer("arg")
	w.p = []GPVirtual{y, arg}
	best, where := k.reg(), k.reg()
	w.open = func(_ func(GPVirtual) Mem, _ bool) { VMOVUPS(k.bits(negativeInf), best) }
	w.tap = func(at Mem, place VecVirtual, tail bool) {
		v := k.load(at, tail)
		if wide {
			more, nan := K(), K()
			VCMPPS(Imm(greaterThan), best, v, more)
			VCMPPS(Imm(unordered), v, v, nan)
			KORW(more, nan, more)
			VMOVAPS(v, more, best)
			VMOVDQA32(place, more, where)
			return
		}
		more, nan := k.reg(), k.reg()
		VCMPPS(Imm(greaterThan), best, v, more)
		VCMPPS(Imm(unordered), v, v, nan)
		VORPS(nan, more, more)
		VBLENDVPS(more, v, best, best)
		VBLENDVPS(more, place, where, where)
	}
	w.close = func(at func(GPVirtual) Mem, tail bool) {
		k.store(best, at(y), tail)
		skip := "noarg"
		if tail {
			skip = "noargtail"
		}
		given := k.pointer("arg") // arg has moved on
		TESTQ(given, given)
		JZ(k.ref(skip))
		k.store(where, at(arg), tail)
		Label(k.label(skip))
	}
	w.start = func(place VecVirtual) { VMOVAPS(place, where) }
	w.write()
}

func maxPoolGrad(wide bool) {
	k := begin(wide, "maxPoolGrad", "dx *float32, arg *int32, dy *float32, r *int", "")
	w := &window{k: k, r: k.pointer("r"), x: k.pointer("dx")}
	dy, arg := k.pointer("dy"), k.pointer("arg")
	w.p = []GPVirtual{dy, arg}
	var d, where VecVirtual
	w.open = func(at func(GPVirtual) Mem, tail bool) { d, where = k.load(at(dy), tail), k.load(at(arg), tail) }
	w.start = func(VecVirtual) {}
	w.tap = func(at Mem, place VecVirtual, tail bool) {
		x, hit := k.load(at, tail), k.reg()
		if wide {
			m := K()
			VPCMPEQD(place, where, m)
			VADDPS(d, x, m, x)
		} else {
			VPCMPEQD(place, where, hit)
			VANDPS(d, hit, hit)
			VADDPS(hit, x, x)
		}
		k.store(x, at, tail)
	}
	w.close = func(func(GPVirtual) Mem, bool) {}
	w.write()
}

func averagePool(wide bool) {
	k := begin(wide, "averagePool", "y *float32, x *float32, r *int, scale float32", "")
	w := &window{k: k, r: k.pointer("r"), x: k.pointer("x")}
	y, scale, sum := k.pointer("y"), k.scalar("scale"), k.reg()
	w.p = []GPVirtual{y}
	w.open = func(func(GPVirtual) Mem, bool) {
		if wide {
			VPXORD(sum, sum, sum)
			return
		}
		VXORPS(sum, sum, sum)
	}
	w.start = func(VecVirtual) {}
	w.tap = func(at Mem, _ VecVirtual, tail bool) { VADDPS(k.load(at, tail), sum, sum) }
	w.close = func(at func(GPVirtual) Mem, tail bool) {
		VMULPS(scale, sum, sum)
		k.store(sum, at(y), tail)
	}
	w.write()
}

func averagePoolGrad(wide bool) {
	k := begin(wide, "averagePoolGrad", "dx *float32, dy *float32, r *int, scale float32", "")
	w := &window{k: k, r: k.pointer("r"), x: k.pointer("dx")}
	dy, scale := k.pointer("dy"), k.scalar("scale")
	w.p = []GPVirtual{dy}
	var share VecVirtual
	w.open = func(at func(GPVirtual) Mem, tail bool) {
		share = k.load(at(dy), tail)
		VMULPS(scale, share, share)
	}
	w.start = func(VecVirtual) {}
	w.tap = func(at Mem, _ VecVirtual, tail bool) {
		x := k.load(at, tail)
		VADDPS(share, x, x)
		k.store(x, at, tail)
	}
	w.close = func(func(GPVirtual) Mem, bool) {}
	w.write()
}

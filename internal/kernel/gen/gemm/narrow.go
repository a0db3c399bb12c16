package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// narrow writes a function that computes 16 rows of cols columns, 4 or 8, which share vectors: 16/cols rows lie next to each
// other in one, as they do in the result. The left side is read four steps at a time, of which there must be one at least.
func narrow(cols int) {
	name := fmt.Sprintf("narrowZ%d", cols)
	build.TEXT(name, build.NOSPLIT, "func(t *int)")
	build.Pragma("noescape")
	t := build.Load(build.Param("t"), build.GP64())
	left := sixteenRows(t)
	n := narrowLoop{left: left, cols: cols, ks: partMasks(cols), b: loadField(t, fieldB), stepB: loadField(t, fieldStepB)}
	// Eight sums hide what a multiply-add takes: with four vectors, steps in turn have their own.
	n.sums = avx512.vecsOf(8, avx512.zero)
	k := loadField(t, fieldK)
	build.SUBQ(operand.Imm(4), k)
	build.Label(name + "loop")
	rows := n.load()
	for e := range 4 {
		n.step(rows, e)
	}
	left.advance(16)
	build.SUBQ(operand.Imm(4), k)
	build.JGE(label(name + "loop"))

	build.ADDQ(operand.Imm(4), k)
	build.JZ(label(name + "end"))
	// The last steps are read with those before them, which are over.
	for _, p := range left.bases {
		build.LEAQ(operand.Mem{Base: p, Index: k, Scale: 4, Disp: -16}, p)
	}
	rows = n.load()
	build.CMPQ(k, operand.Imm(2))
	build.JLT(label(name + "one"))
	build.JEQ(label(name + "two"))
	n.step(rows, 1)
	build.Label(name + "two")
	n.step(rows, 2)
	build.Label(name + "one")
	n.step(rows, 3)
	build.Label(name + "end")
	c := loadField(t, fieldC)
	for v := range cols {
		if cols == 4 {
			build.VADDPS(n.sums[v+4], n.sums[v], n.sums[v])
		}
		build.VMOVUPS(n.sums[v], mem(c, 64*v))
	}
	build.VZEROUPPER()
	build.RET()
}

// partMasks returns a mask for each row that shares a vector of rows of cols numbers; the first needs none.
func partMasks(cols int) []reg.OpmaskVirtual {
	ks := make([]reg.OpmaskVirtual, 16/cols)
	m := build.GP64()
	for i := 1; i < len(ks); i++ {
		ks[i] = build.K()
		build.MOVQ(operand.U32((1<<cols-1)<<(cols*i)), m)
		build.KMOVW(m.As32(), ks[i])
	}
	return ks
}

type narrowLoop struct {
	left     transposer
	cols     int
	ks       []reg.OpmaskVirtual
	sums     []reg.VecVirtual
	b, stepB reg.Register
}

// load reads four steps of 16 rows; lanes of four numbers hold a row's.
func (n *narrowLoop) load() []reg.VecVirtual {
	rows := avx512.vecsOf(n.cols, avx512.vec)
	for v, r := range rows {
		build.VBROADCASTF32X4(n.left.row(v*len(n.ks)), r)
		for i := 1; i < len(n.ks); i++ {
			build.VBROADCASTF32X4(n.left.row(v*len(n.ks)+i), n.ks[i], r)
		}
	}
	return rows
}

// step multiplies number e of each lane with the next row of the right side.
func (n *narrowLoop) step(rows []reg.VecVirtual, e int) {
	x := build.ZMM()
	if n.cols == 4 {
		build.VBROADCASTF32X4(mem(n.b, 0), x)
	} else {
		build.VBROADCASTF64X4(mem(n.b, 0), x)
	}
	build.ADDQ(n.stepB, n.b)
	for v, r := range rows {
		y := build.ZMM()
		build.VPERMILPS(operand.Imm(uint64(0x55*e)), r, y)
		build.VFMADD231PS(x, y, n.sums[(v+n.cols*e)%8])
	}
}

// narrowStore writes a function that stores k rows, rowA bytes apart, as rows of C, with what the flags ask for.
func narrowStore() {
	const name = "narrowStoreZ"
	build.TEXT(name, build.NOSPLIT, "func(t *int)")
	build.Pragma("noescape")
	t := build.Load(build.Param("t"), build.GP64())
	mask := avx512.masks(mem(t, fieldMask), 1)[0]
	a, rowA := loadField(t, fieldA), loadField(t, fieldRowA)
	c, rowC := loadField(t, fieldC), loadField(t, fieldRowC)
	n, flags := loadField(t, fieldK), loadField(t, fieldFlags)
	r := build.ZMM()
	loop := func(name string, finish func()) {
		build.Label(name)
		avx512.load(mem(a, 0), mask, r)
		finish()
		avx512.store(r, mask, mem(c, 0))
		build.ADDQ(rowA, a)
		build.ADDQ(rowC, c)
		build.DECQ(n)
		build.JNZ(label(name))
		build.VZEROUPPER()
		build.RET()
	}
	build.TESTQ(flags, flags)
	build.JNZ(label(name + "finish"))
	loop(name+"plain", func() {})

	build.Label(name + "finish")
	residual := loadField(t, fieldR)
	bias, zero := avx512.zero(), avx512.zero()
	build.BTQ(operand.Imm(flagBias), flags)
	build.JCC(label(name + "unbiased"))
	avx512.load(mem(loadField(t, fieldBias), 0), mask, bias)
	build.Label(name + "unbiased")
	loop(name+"finished", func() {
		finishRow(name, flags, mask, c, residual, r, bias, zero)
		build.ADDQ(rowC, residual)
	})
}

// finishRow adds to r, of the row of C at c, what the flags ask for.
func finishRow(name string, flags reg.Register, mask operand.Op, c, residual reg.Register, r, bias, zero reg.VecVirtual) {
	stage := func(flag int, body func()) {
		skip := fmt.Sprintf("%sskip%d", name, flag)
		build.BTQ(operand.Imm(uint64(flag)), flags)
		build.JCC(label(skip))
		body()
		build.Label(skip)
	}
	stage(flagSum, func() { avx512.add(mem(c, 0), mask, r) })
	build.VADDPS(bias, r, r)
	stage(flagResidual, func() { avx512.add(mem(residual, 0), mask, r) })
	stage(flagReLU, func() { build.VMAXPS(r, zero, r) })
}

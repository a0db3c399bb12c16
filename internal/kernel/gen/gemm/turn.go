package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// sixteenRows reaches 16 rows of the left side from four registers.
func sixteenRows(t reg.Register) transposer {
	r := transposer{src: loadField(t, fieldA), rowSrc: loadField(t, fieldRowA), three: build.GP64()}
	r.reach(16)
	return r
}

// turnStore writes a function that stores 16 columns of k numbers as k rows of C, up to 16, with what the flags ask for.
func turnStore() {
	const name = "turnStoreZ"
	build.TEXT(name, build.NOSPLIT, "func(t *int)")
	build.Pragma("noescape")
	t := build.Load(build.Param("t"), build.GP64())
	mask := avx512.masks(mem(t, fieldMask), 1)[0]
	left := sixteenRows(t)
	rows := avx512.vecsOf(16, avx512.vec)
	for i, r := range rows {
		build.VMOVUPS(left.row(i), r)
	}
	out := lanes16(pairs(rows, avx512.vec))
	n, flags := loadField(t, fieldK), loadField(t, fieldFlags)
	c, rowC := loadField(t, fieldC), loadField(t, fieldRowC)
	build.TESTQ(flags, flags)
	build.JNZ(label(name + "finish"))
	storeRows(name, out, mask, c, rowC, n, nil)

	build.Label(name + "finish")
	residual := loadField(t, fieldR)
	bias, zero := build.ZMM(), avx512.zero()
	build.VPXORD(bias, bias, bias)
	build.BTQ(operand.Imm(flagBias), flags)
	build.JCC(label(name + "plain"))
	avx512.load(mem(loadField(t, fieldBias), 0), mask, bias)
	build.Label(name + "plain")
	storeRows(name, out, mask, c, rowC, n, func(i int, r reg.VecVirtual) {
		finishRow(fmt.Sprintf("%srow%d", name, i), flags, mask, c, residual, r, bias, zero)
		build.ADDQ(rowC, residual)
	})
}

// storeRows stores the first n of rows and returns; each is finished before.
func storeRows(name string, rows []reg.VecVirtual, mask operand.Op, c, rowC, n reg.Register, finish func(int, reg.VecVirtual)) {
	end := name + "end"
	if finish != nil {
		end = name + "finished"
	}
	for i, r := range rows {
		if finish != nil {
			finish(i, r)
		}
		avx512.store(r, mask, mem(c, 0))
		if i+1 < len(rows) {
			build.ADDQ(rowC, c)
			build.DECQ(n)
			build.JZ(label(end))
		}
	}
	build.Label(end)
	build.VZEROUPPER()
	build.RET()
}

// dots writes a function that computes, for each of segs columns, the products of 16 rows of the left side with the column,
// both with k numbers that lie next to each other; stepB leads from column to column, rowC from one's 16 results to the next's.
func dots() {
	const name = "dotsZ"
	build.TEXT(name, build.NOSPLIT, "func(t *int)")
	build.Pragma("noescape")
	t := build.Load(build.Param("t"), build.GP64())
	left := sixteenRows(t)
	b, c, columns := loadField(t, fieldB), loadField(t, fieldC), loadField(t, fieldSegs)
	tail := tailMask(t)
	k, at := build.GP64(), build.GP64()
	build.Label(name + "column")
	sums := avx512.vecsOf(16, avx512.zero)
	build.MOVQ(mem(t, fieldK), k)
	build.XORQ(at, at)
	build.SUBQ(operand.Imm(16), k)
	build.JL(label(name + "tail"))
	build.Label(name + "loop")
	x := build.ZMM()
	build.VMOVUPS(operand.Mem{Base: b, Index: at, Scale: 1}, x)
	for i, s := range sums {
		build.VFMADD231PS(left.row(i), x, s)
	}
	left.advance(64)
	build.ADDQ(operand.Imm(64), at)
	build.SUBQ(operand.Imm(16), k)
	build.JGE(label(name + "loop"))
	build.Label(name + "tail")
	build.CMPQ(k, operand.I8(-16))
	build.JEQ(label(name + "sum"))
	avx512.load(operand.Mem{Base: b, Index: at, Scale: 1}, tail, x)
	for i, s := range sums {
		avx512.fma(left.row(i), tail, x, s)
	}
	build.Label(name + "sum")
	build.VMOVUPS(sumLanes(sums), mem(c, 0))
	for _, p := range left.bases {
		build.SUBQ(at, p)
	}
	build.ADDQ(mem(t, fieldStepB), b)
	build.ADDQ(mem(t, fieldRowC), c)
	build.DECQ(columns)
	build.JNZ(label(name + "column"))
	build.VZEROUPPER()
	build.RET()
}

// tailMask has a bit for each of the last k%16 numbers.
func tailMask(t reg.Register) operand.Op {
	build.MOVQ(mem(t, fieldK), reg.RCX)
	build.ANDQ(operand.Imm(15), reg.RCX)
	m, k := build.GP64(), build.K()
	build.MOVQ(operand.U32(1), m)
	build.SHLQ(reg.CL, m)
	build.DECQ(m)
	build.KMOVW(m.As32(), k)
	return k
}

// sumLanes adds the lanes of each of 16 vectors; the sums are the lanes of the result.
func sumLanes(v []reg.VecVirtual) reg.VecVirtual {
	v = addPairs(v, func(x, y, low, high reg.VecVirtual) {
		build.VUNPCKLPS(y, x, low)
		build.VUNPCKHPS(y, x, high)
	})
	v = addPairs(v, func(x, y, low, high reg.VecVirtual) {
		build.VUNPCKLPD(y, x, low)
		build.VUNPCKHPD(y, x, high)
	})
	for len(v) > 1 {
		v = addPairs(v, func(x, y, low, high reg.VecVirtual) {
			const even, odd = 0x88, 0xdd
			build.VSHUFF32X4(operand.Imm(even), y, x, low)
			build.VSHUFF32X4(operand.Imm(odd), y, x, high)
		})
	}
	return v[0]
}

// addPairs makes one vector of two: the sum of both halves of each.
func addPairs(v []reg.VecVirtual, halves func(x, y, low, high reg.VecVirtual)) (sums []reg.VecVirtual) {
	for i := 0; i < len(v); i += 2 {
		low, high := build.ZMM(), build.ZMM()
		halves(v[i], v[i+1], low, high)
		build.VADDPS(high, low, low)
		sums = append(sums, low)
	}
	return sums
}

package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of kernel.tile, in bytes.
const (
	fieldK     = 8 * iota // steps in a segment
	fieldSegs             // segments in a run
	fieldRuns             // runs
	fieldA                // first element of the left side
	fieldRowA             // bytes from row to row of the left side
	fieldStepA            // bytes from step to step
	fieldSegA             // bytes from the end of a segment to the next
	fieldRunA             // bytes from the end of a run to the next, on top of fieldSegA
	fieldB
	fieldStepB
	fieldSegB // as fieldSegA
	fieldRunB // as fieldRunA
	fieldC
	fieldRowC
	fieldR
	fieldBias
	fieldMask
	fieldFlags
	fieldAhead // bytes from the right side to what is read after it
)

// The bits of kernel.tile's flags, as bit numbers.
const (
	flagSum = iota // add what C holds
	flagBias
	flagResidual
	flagReLU
)

// unroll is the number of steps in a round of the inner loop.
const unroll = 4

// prefetchSteps is how far ahead the right side is fetched; it must be a scale of an address.
const prefetchSteps = 8

// kind tells a matrix product, whose left side is one number per row, from a depthwise one, whose left side is a vector.
type kind struct {
	name    string
	vectors bool
}

// sumTile writes a function that computes rows x vecs vectors of C: the sum over all steps of left times right, plus what the
// flags ask for.
func sumTile(s isa, kd kind, rows, vecs int) {
	name := fmt.Sprintf("%s%s%dx%d", kd.name, s.suffix, rows, vecs)
	build.TEXT(name, build.NOSPLIT, "func(t *int)")
	build.Pragma("noescape")
	t := build.Load(build.Param("t"), build.GP64())
	ks := s.masks(mem(t, fieldMask), vecs)
	fetchC(s, t, rows, vecs)

	left := newRowAddress(t, fieldA, fieldRowA, rows)
	stepA, stepB := loadField(t, fieldStepA), loadField(t, fieldStepB)
	b, ahead := loadField(t, fieldB), loadField(t, fieldAhead)
	sums := make([][]reg.VecVirtual, rows)
	for i := range sums {
		sums[i] = s.vecsOf(vecs, s.zero)
	}
	step := func() {
		right := s.vecsOf(vecs, s.vec)
		for v, r := range right {
			s.load(mem(b, v*s.bytes), ks[v], r)
		}
		for at := 0; at < vecs*s.bytes; at += 64 {
			build.PREFETCHT0(operand.Mem{Base: b, Index: stepB, Scale: prefetchSteps, Disp: at})
			if !kd.vectors {
				build.PREFETCHT0(operand.Mem{Base: b, Index: ahead, Scale: 1, Disp: at})
			}
		}
		build.ADDQ(stepB, b)
		for i := range rows {
			multiplyRow(s, kd, left.row(i), ks, right, sums[i])
		}
		for _, p := range left.bases {
			build.ADDQ(stepA, p)
		}
	}
	walk(name, t, left.bases, b, step)
	finish(s, name, t, ks, sums)
}

// rowVecs is the width of the widest tile of one row.
const rowVecs = 16

// rowTile writes a function that computes one row of rowVecs whole vectors: a product of one row does little but read the right
// side, which comes fastest in the order in which it lies.
func rowTile() {
	const name = "rowZ"
	s := isa{suffix: "Z", bytes: 64}
	build.TEXT(name, build.NOSPLIT, "func(t *int)")
	build.Pragma("noescape")
	t := build.Load(build.Param("t"), build.GP64())
	left, right := loadField(t, fieldA), loadField(t, fieldB)
	stepA, stepB := loadField(t, fieldStepA), loadField(t, fieldStepB)
	sums := s.vecsOf(rowVecs, s.zero)
	k := loadField(t, fieldK)
	build.Label(name + "loop")
	x := s.vec()
	build.VBROADCASTSS(mem(left, 0), x)
	for v, r := range sums {
		build.VFMADD231PS(mem(right, v*s.bytes), x, r)
		build.PREFETCHT0(operand.Mem{Base: right, Index: stepB, Scale: 4, Disp: v * s.bytes})
	}
	build.ADDQ(stepA, left)
	build.ADDQ(stepB, right)
	build.DECQ(k)
	build.JNZ(label(name + "loop"))
	finish(s, name, t, make([]operand.Op, rowVecs), [][]reg.VecVirtual{sums})
}

func multiplyRow(s isa, kd kind, row operand.Mem, ks []operand.Op, right, sums []reg.VecVirtual) {
	if kd.vectors {
		for v := range right {
			s.fma(row.Offset(v*s.bytes), ks[v], right[v], sums[v])
		}
		return
	}
	x := s.vec()
	build.VBROADCASTSS(row, x)
	for v := range right {
		build.VFMADD231PS(right[v], x, sums[v])
	}
}

func loadField(t reg.Register, field int) reg.GPVirtual {
	r := build.GP64()
	build.MOVQ(mem(t, field), r)
	return r
}

// fetchC asks for the lines of C while the loop runs.
func fetchC(s isa, t reg.Register, rows, vecs int) {
	c, ld := loadField(t, fieldC), loadField(t, fieldRowC)
	for i := range rows {
		build.PREFETCHT0(mem(c, 0))
		if vecs*s.bytes > 64 {
			build.PREFETCHT0(mem(c, vecs*s.bytes-1))
		}
		if i+1 < rows {
			build.ADDQ(ld, c)
		}
	}
}

// walk writes the loops over runs, segments and steps.
func walk(name string, t reg.Register, bases []reg.Register, b reg.Register, step func()) {
	runs, segs, k := loadField(t, fieldRuns), build.GP64(), build.GP64()
	build.Label(name + "run")
	build.MOVQ(mem(t, fieldSegs), segs)
	build.Label(name + "seg")
	build.MOVQ(mem(t, fieldK), k)
	build.SUBQ(operand.Imm(unroll), k)
	build.JL(label(name + "tail"))
	build.Label(name + "loop")
	for range unroll {
		step()
	}
	build.SUBQ(operand.Imm(unroll), k)
	build.JGE(label(name + "loop"))
	build.Label(name + "tail")
	build.ADDQ(operand.Imm(unroll), k)
	build.JZ(label(name + "end"))
	build.Label(name + "one")
	step()
	build.DECQ(k)
	build.JNZ(label(name + "one"))
	build.Label(name + "end")
	for _, p := range bases {
		build.ADDQ(mem(t, fieldSegA), p)
	}
	build.ADDQ(mem(t, fieldSegB), b)
	build.DECQ(segs)
	build.JNZ(label(name + "seg"))
	for _, p := range bases {
		build.ADDQ(mem(t, fieldRunA), p)
	}
	build.ADDQ(mem(t, fieldRunB), b)
	build.DECQ(runs)
	build.JNZ(label(name + "run"))
}

// finish writes what the flags ask for, and the store.
func finish(s isa, name string, t reg.Register, ks []operand.Op, sums [][]reg.VecVirtual) {
	flags := loadField(t, fieldFlags)
	stage := func(flag int, body func()) {
		skip := fmt.Sprintf("%sskip%d", name, flag)
		build.BTQ(operand.Imm(uint64(flag)), flags)
		build.JCC(label(skip))
		body()
		build.Label(skip)
	}
	addRows := func(field int) {
		p, ld := loadField(t, field), loadField(t, fieldRowC)
		eachRow(s, sums, ks, p, ld, s.addTo)
	}
	stage(flagSum, func() { addRows(fieldC) })
	stage(flagBias, func() { eachRow(s, sums, ks, loadField(t, fieldBias), nil, s.addTo) })
	stage(flagResidual, func() { addRows(fieldR) })
	stage(flagReLU, func() {
		zero := s.zero()
		for _, row := range sums {
			for _, r := range row {
				// The sum stands where the maximum takes its result from when it is NaN.
				build.VMAXPS(r, zero, r)
			}
		}
	})
	c, ld := loadField(t, fieldC), loadField(t, fieldRowC)
	eachRow(s, sums, ks, c, ld, s.storeTo)
	build.VZEROUPPER()
	build.RET()
}

func (s isa) addTo(r reg.VecVirtual, k, m operand.Op)   { s.add(m, k, r) }
func (s isa) storeTo(r reg.VecVirtual, k, m operand.Op) { s.store(r, k, m) }

// eachRow applies f to every vector and its place in rows at p; without ld all rows have the same place.
func eachRow(s isa, sums [][]reg.VecVirtual, ks []operand.Op, p, ld reg.Register, f func(r reg.VecVirtual, k, m operand.Op)) {
	for i, row := range sums {
		for v, r := range row {
			f(r, ks[v], mem(p, v*s.bytes))
		}
		if ld != nil && i+1 < len(sums) {
			build.ADDQ(ld, p)
		}
	}
}

// rowAddress reaches up to 15 rows from three registers, a stride and three times the stride.
type rowAddress struct {
	bases           []reg.Register
	stride, stride3 reg.Register
}

// rowsPerBase is the number of rows that a register reaches: 0 to 4 strides.
const rowsPerBase = 5

func newRowAddress(t reg.Register, first, stride, rows int) rowAddress {
	r := rowAddress{stride: loadField(t, stride)}
	if rows > 3 {
		r.stride3 = build.GP64()
		build.LEAQ(operand.Mem{Base: r.stride, Index: r.stride, Scale: 2}, r.stride3)
	}
	base := loadField(t, first)
	r.bases = append(r.bases, base)
	for n := rowsPerBase; n < rows; n += rowsPerBase {
		next := build.GP64()
		build.LEAQ(operand.Mem{Base: base, Index: r.stride, Scale: 4}, next)
		build.ADDQ(r.stride, next)
		r.bases = append(r.bases, next)
		base = next
	}
	return r
}

func (r rowAddress) row(i int) operand.Mem {
	base := r.bases[i/rowsPerBase]
	switch n := i % rowsPerBase; n {
	case 0:
		return operand.Mem{Base: base}
	case 3:
		return operand.Mem{Base: base, Index: r.stride3, Scale: 1}
	default:
		return operand.Mem{Base: base, Index: r.stride, Scale: uint8(n)}
	}
}

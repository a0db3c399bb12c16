package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// copyPanel writes a function that copies n rows of two vectors.
func copyPanel(s isa) {
	name := "copyPanel" + s.suffix
	build.TEXT(name, build.NOSPLIT, "func(dst *float32, rowDst int, src *float32, rowSrc, n int, mask uint64)")
	build.Pragma("noescape")
	dst, rowDst := build.Load(build.Param("dst"), build.GP64()), build.Load(build.Param("rowDst"), build.GP64())
	src, rowSrc := build.Load(build.Param("src"), build.GP64()), build.Load(build.Param("rowSrc"), build.GP64())
	n := build.Load(build.Param("n"), build.GP64())
	ks := s.masks(build.Load(build.Param("mask"), build.GP64()), 2)
	build.Label(name + "loop")
	for v, k := range ks {
		r := s.vec()
		s.load(mem(src.(reg.Register), v*s.bytes), k, r)
		build.VMOVUPS(r, mem(dst.(reg.Register), v*s.bytes))
	}
	build.PREFETCHT0(operand.Mem{Base: src, Index: rowSrc, Scale: prefetchSteps})
	build.ADDQ(rowSrc, src)
	build.ADDQ(rowDst, dst)
	build.DECQ(n)
	build.JNZ(label(name + "loop"))
	build.VZEROUPPER()
	build.RET()
}

// addTo writes a function that adds n numbers of src to dst; without masks n is a multiple of a vector's lanes.
func addTo(s isa) {
	name := "addTo" + s.suffix
	build.TEXT(name, build.NOSPLIT, "func(dst, src *float32, n int)")
	build.Pragma("noescape")
	dst, src := build.Load(build.Param("dst"), build.GP64()), build.Load(build.Param("src"), build.GP64())
	n := build.Load(build.Param("n"), build.GP64())
	lanes, round := s.bytes/4, s.bytes
	move := func(k operand.Op, at int) {
		r := s.vec()
		s.load(mem(dst.(reg.Register), at), k, r)
		s.add(mem(src.(reg.Register), at), k, r)
		s.store(r, k, mem(dst.(reg.Register), at))
	}
	next := func(bytes int) {
		build.ADDQ(operand.U32(uint32(bytes)), dst)
		build.ADDQ(operand.U32(uint32(bytes)), src)
	}
	var k operand.Op
	if s.masked {
		k = build.K()
		build.KXNORW(k, k, k)
	}
	build.SUBQ(operand.Imm(uint64(4*lanes)), n)
	build.JL(label(name + "tail"))
	build.Label(name + "loop")
	for i := range 4 {
		move(k, i*round)
	}
	next(4 * round)
	build.SUBQ(operand.Imm(uint64(4*lanes)), n)
	build.JGE(label(name + "loop"))
	build.Label(name + "tail")
	build.ADDQ(operand.Imm(uint64(4*lanes)), n)
	build.Label(name + "one")
	build.CMPQ(n, operand.Imm(uint64(lanes)))
	build.JL(label(name + "rest"))
	move(k, 0)
	next(round)
	build.SUBQ(operand.Imm(uint64(lanes)), n)
	build.JMP(label(name + "one"))
	build.Label(name + "rest")
	if s.masked {
		build.TESTQ(n, n)
		build.JZ(label(name + "end"))
		build.MOVQ(n, reg.RCX)
		m := build.GP64()
		build.MOVQ(operand.U32(1), m)
		build.SHLQ(reg.CL, m)
		build.DECQ(m)
		build.KMOVW(m.As32(), k)
		move(k, 0)
		build.Label(name + "end")
	}
	build.VZEROUPPER()
	build.RET()
}

// peak writes a loop of nothing but multiply-adds, to measure what the core can do.
func peak(s isa) {
	name := "peak" + s.suffix
	build.TEXT(name, build.NOSPLIT, "func(n int)")
	n := build.Load(build.Param("n"), build.GP64())
	sums := s.vecsOf(s.chains, s.zero)
	x := s.zero()
	build.Label(name + "loop")
	for _, r := range sums {
		build.VFMADD231PS(x, x, r)
	}
	build.DECQ(n)
	build.JNZ(label(name + "loop"))
	build.VZEROUPPER()
	build.RET()
}

// transposer holds what both transpositions share: rows of src become columns of dst.
type transposer struct {
	dst, src, n   reg.Register
	rowDst        reg.Register
	bases         []reg.Register // every fourth row of src
	rowSrc, three reg.Register
}

func newTransposer(name string, rows int) transposer {
	build.TEXT(name, build.NOSPLIT, "func(dst *float32, rowDst int, src *float32, rowSrc, n int)")
	build.Pragma("noescape")
	t := transposer{
		dst: build.Load(build.Param("dst"), build.GP64()), rowDst: build.Load(build.Param("rowDst"), build.GP64()),
		src: build.Load(build.Param("src"), build.GP64()), rowSrc: build.Load(build.Param("rowSrc"), build.GP64()),
		n: build.Load(build.Param("n"), build.GP64()), three: build.GP64(),
	}
	t.reach(rows)
	return t
}

// reach fills in the registers from which rows rows of src are reached.
func (t *transposer) reach(rows int) {
	build.LEAQ(operand.Mem{Base: t.rowSrc, Index: t.rowSrc, Scale: 2}, t.three)
	base := t.src
	t.bases = append(t.bases, base)
	for r := 4; r < rows; r += 4 {
		next := build.GP64()
		build.LEAQ(operand.Mem{Base: base, Index: t.rowSrc, Scale: 4}, next)
		t.bases = append(t.bases, next)
		base = next
	}
}

func (t transposer) row(i int) operand.Mem {
	m := operand.Mem{Base: t.bases[i/4]}
	switch i % 4 {
	case 1, 2:
		m.Index, m.Scale = t.rowSrc, uint8(i%4)
	case 3:
		m.Index, m.Scale = t.three, 1
	}
	return m
}

// advance moves on by bytes in every row.
func (t transposer) advance(bytes int) {
	for _, p := range t.bases {
		build.ADDQ(operand.Imm(uint64(bytes)), p)
	}
}

// pairs writes the first two steps of a transposition, within lanes of four: quads[4g+c] holds, in lane l, column 4l+c of rows
// 4g to 4g+3.
func pairs(r []reg.VecVirtual, vec func() reg.VecVirtual) (quads []reg.VecVirtual) {
	t := make([]reg.VecVirtual, len(r))
	for i := 0; i < len(r); i += 2 {
		t[i], t[i+1] = vec(), vec()
		build.VUNPCKLPS(r[i+1], r[i], t[i])
		build.VUNPCKHPS(r[i+1], r[i], t[i+1])
	}
	quads = make([]reg.VecVirtual, len(r))
	for i := 0; i < len(r); i += 4 {
		for j := range 4 {
			quads[i+j] = vec()
		}
		build.VUNPCKLPD(t[i+2], t[i], quads[i])
		build.VUNPCKHPD(t[i+2], t[i], quads[i+1])
		build.VUNPCKLPD(t[i+3], t[i+1], quads[i+2])
		build.VUNPCKHPD(t[i+3], t[i+1], quads[i+3])
	}
	return quads
}

// transpose16 writes a function that turns 16 rows of n numbers into n rows of 16.
func transpose16() {
	const name = "transpose16Z"
	t := newTransposer(name, 16)
	k := build.K()
	build.KXNORW(k, k, k)
	build.Label(name + "loop")
	build.CMPQ(t.n, operand.Imm(16))
	build.JGE(label(name + "full"))
	build.TESTQ(t.n, t.n)
	build.JZ(label(name + "end"))
	build.MOVQ(t.n, reg.RCX)
	m := build.GP64()
	build.MOVQ(operand.U32(1), m)
	build.SHLQ(reg.CL, m)
	build.DECQ(m)
	build.KMOVW(m.As32(), k)
	build.Label(name + "full")
	rows := avx512.vecsOf(16, avx512.vec)
	for i, r := range rows {
		build.VMOVUPS_Z(t.row(i), k, r)
	}
	out := lanes16(pairs(rows, avx512.vec))
	build.CMPQ(t.n, operand.Imm(16))
	build.JL(label(name + "part"))
	for _, r := range out {
		build.VMOVUPS(r, mem(t.dst, 0))
		build.ADDQ(t.rowDst, t.dst)
	}
	t.advance(64)
	build.SUBQ(operand.Imm(16), t.n)
	build.JMP(label(name + "loop"))
	build.Label(name + "part")
	for _, r := range out[:15] {
		build.VMOVUPS(r, mem(t.dst, 0))
		build.ADDQ(t.rowDst, t.dst)
		build.DECQ(t.n)
		build.JZ(label(name + "end"))
	}
	build.Label(name + "end")
	build.VZEROUPPER()
	build.RET()
}

// lanes16 gathers lane l of the quads of column c into row 4l+c.
func lanes16(quads []reg.VecVirtual) (out []reg.VecVirtual) {
	const even, odd = 0x88, 0xdd
	out = make([]reg.VecVirtual, 16)
	for c := range 4 {
		x := avx512.vecsOf(4, avx512.vec)
		build.VSHUFF32X4(operand.Imm(even), quads[4+c], quads[c], x[0])
		build.VSHUFF32X4(operand.Imm(odd), quads[4+c], quads[c], x[1])
		build.VSHUFF32X4(operand.Imm(even), quads[12+c], quads[8+c], x[2])
		build.VSHUFF32X4(operand.Imm(odd), quads[12+c], quads[8+c], x[3])
		for l := range 4 {
			out[4*l+c] = build.ZMM()
		}
		build.VSHUFF32X4(operand.Imm(even), x[2], x[0], out[c])
		build.VSHUFF32X4(operand.Imm(odd), x[2], x[0], out[8+c])
		build.VSHUFF32X4(operand.Imm(even), x[3], x[1], out[4+c])
		build.VSHUFF32X4(operand.Imm(odd), x[3], x[1], out[12+c])
	}
	return out
}

// transpose8 writes a function that turns 8 rows of n numbers, n a multiple of 8, into n rows of 8.
func transpose8() {
	const name = "transpose8Y"
	t := newTransposer(name, 8)
	build.SHRQ(operand.Imm(3), t.n)
	build.JZ(label(name + "end"))
	build.Label(name + "loop")
	rows := avx2.vecsOf(8, avx2.vec)
	for i, r := range rows {
		build.VMOVUPS(t.row(i), r)
	}
	for _, r := range lanes8(pairs(rows, avx2.vec)) {
		build.VMOVUPS(r, mem(t.dst, 0))
		build.ADDQ(t.rowDst, t.dst)
	}
	t.advance(32)
	build.DECQ(t.n)
	build.JNZ(label(name + "loop"))
	build.Label(name + "end")
	build.VZEROUPPER()
	build.RET()
}

// lanes8 gathers lane l of the quads of column c into row 4l+c.
func lanes8(quads []reg.VecVirtual) (out []reg.VecVirtual) {
	for _, imm := range []uint64{0x20, 0x31} {
		for c := range 4 {
			r := build.YMM()
			build.VPERM2F128(operand.Imm(imm), quads[4+c], quads[c], r)
			out = append(out, r)
		}
	}
	return out
}

// laneSums writes a function that sums the lanes of each vector of src; it takes n groups of as many vectors as there are lanes.
func laneSums(s isa) {
	name := "laneSums" + s.suffix
	build.TEXT(name, build.NOSPLIT, "func(dst, src *float32, n int)")
	build.Pragma("noescape")
	dst, src := build.Load(build.Param("dst"), build.GP64()), build.Load(build.Param("src"), build.GP64())
	n := build.Load(build.Param("n"), build.GP64())
	lanes := s.bytes / 4
	build.Label(name + "loop")
	rows := s.vecsOf(lanes, s.vec)
	for i, r := range rows {
		build.VMOVUPS(mem(src.(reg.Register), i*s.bytes), r)
	}
	columns := pairs(rows, s.vec)
	if s.masked {
		columns = lanes16(columns)
	} else {
		columns = lanes8(columns)
	}
	for half := lanes / 2; half > 0; half /= 2 {
		for i := range half {
			build.VADDPS(columns[i+half], columns[i], columns[i])
		}
	}
	build.VMOVUPS(columns[0], mem(dst.(reg.Register), 0))
	build.ADDQ(operand.U32(uint32(s.bytes)), dst)
	build.ADDQ(operand.U32(uint32(lanes*s.bytes)), src)
	build.DECQ(n)
	build.JNZ(label(name + "loop"))
	build.VZEROUPPER()
	build.RET()
}

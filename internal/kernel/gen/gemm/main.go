// Command gemm writes the assembly of package kernel that matrix products and convolutions are made of: tiles of sums of
// products, and the copies that prepare their operands.
package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	for _, s := range []isa{avx512, avx2} {
		for rows := 1; rows <= s.rows; rows++ {
			for vecs := 1; vecs <= s.widest(rows); vecs++ {
				sumTile(s, kind{"tile", false}, rows, vecs)
			}
		}
		for rows := 1; rows <= s.depthRows; rows++ {
			for vecs := 1; vecs <= s.vecs; vecs++ {
				sumTile(s, kind{"depth", true}, rows, vecs)
			}
		}
		copyPanel(s)
		addTo(s)
		laneSums(s)
		peak(s)
	}
	transpose16()
	transpose8()
	turnStore()
	dots()
	rowTile()
	narrow(4)
	narrow(8)
	narrowStore()
	build.Generate()
}

// isa is what differs between the instruction sets.
type isa struct {
	suffix     string
	masked     bool // loads and stores take a mask
	bytes      int  // of a vector
	rows, vecs int  // of the largest tile
	wideRows   int  // of the largest tile of wideVecs vectors, for products of few rows
	threeRows  int  // of the largest tile of three vectors
	depthRows  int  // of the largest tile whose left side is vectors
	chains     int  // independent sums that keep two multiply-add units busy
}

var (
	avx512 = isa{suffix: "Z", masked: true, bytes: 64, rows: 14, vecs: 2, wideRows: 6, threeRows: 9, depthRows: 8, chains: 16}
	avx2   = isa{suffix: "Y", bytes: 32, rows: 6, vecs: 2, wideRows: 2, threeRows: 2, depthRows: 6, chains: 12}
)

// wideVecs is the width of the tiles for products of few rows, which read the right side once: the more of a row at a time the
// better.
const wideVecs = 4

// widest is the number of vectors of the widest tile of rows rows.
func (s isa) widest(rows int) int {
	if rows <= s.wideRows {
		return wideVecs
	}
	if rows <= s.threeRows {
		return 3
	}
	return s.vecs
}

func (s isa) vec() reg.VecVirtual {
	if s.bytes == 64 {
		return build.ZMM()
	}
	return build.YMM()
}

func (s isa) zero() reg.VecVirtual {
	r := s.vec()
	if s.bytes == 64 {
		build.VPXORD(r, r, r)
	} else {
		build.VPXOR(r, r, r)
	}
	return r
}

// vecsOf returns n vectors made by alloc.
func (s isa) vecsOf(n int, alloc func() reg.VecVirtual) []reg.VecVirtual {
	r := make([]reg.VecVirtual, n)
	for i := range r {
		r[i] = alloc()
	}
	return r
}

// load reads a vector; lanes outside the mask are zero and not touched in memory.
func (s isa) load(m, k operand.Op, r reg.VecVirtual) {
	if s.masked {
		build.VMOVUPS_Z(m, k, r)
	} else {
		build.VMOVUPS(m, r)
	}
}

func (s isa) store(r reg.VecVirtual, k, m operand.Op) {
	if s.masked {
		build.VMOVUPS(r, k, m)
	} else {
		build.VMOVUPS(r, m)
	}
}

// add adds memory to a register.
func (s isa) add(m, k operand.Op, r reg.VecVirtual) {
	if s.masked {
		build.VADDPS_Z(m, r, k, r)
	} else {
		build.VADDPS(m, r, r)
	}
}

// fma adds memory times x to a register.
func (s isa) fma(m, k operand.Op, x, sum reg.VecVirtual) {
	if s.masked {
		build.VFMADD231PS(m, x, k, sum)
	} else {
		build.VFMADD231PS(m, x, sum)
	}
}

// masks loads the lane masks of vecs vectors from a word with one bit per lane.
func (s isa) masks(word operand.Op, vecs int) []operand.Op {
	ks := make([]operand.Op, vecs)
	if !s.masked {
		return ks
	}
	m := build.GP64()
	build.MOVQ(word, m)
	for v := range ks {
		k := build.K()
		build.KMOVW(m.As32(), k)
		ks[v] = k
		if v+1 < vecs {
			build.SHRQ(operand.Imm(16), m)
		}
	}
	return ks
}

func mem(base reg.Register, disp int) operand.Mem { return operand.Mem{Base: base, Disp: disp} }

func label(name string) operand.LabelRef { return operand.LabelRef(name) }

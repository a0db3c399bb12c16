package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// grid walks matrices [m, n] of rows without gaps down strips of columns: two vectors wide, one, and the tail. What belongs
// to a column (a row vector read once, a sum written at the end) stays in registers on the way down.
type grid struct {
	matrices []string // pointers to [m, n]
	rows     []string // pointers to [n], read
	sums     []string // pointers to [n], written
	preload  func(k *kernel)
	// step handles the vectors of one row: x reads matrix i, st writes it, r are the row vectors and s the sums.
	step func(k *kernel, x func(i int) VecVirtual, st func(i int, v VecVirtual), r, s []VecVirtual)
}

func (g *grid) write(wide bool, name string) {
	args := ""
	for _, group := range [][]string{g.matrices, g.rows, g.sums} {
		for _, p := range group {
			args += p + " *float32, "
		}
	}
	k := begin(wide, name, args+"m, n int", "")
	if g.preload != nil {
		g.preload(k)
	}
	n, stride := k.pointer("n"), GP64()
	MOVQ(n, stride)
	SHLQ(Imm(2), stride)
	column := GP64()
	XORQ(column, column)
	w := k.lanes()
	for _, vectors := range []int{2, 1} {
		l := fmt.Sprintf("strip%d", vectors)
		Label(k.label(l))
		CMPQ(n, I32(int32(vectors*w)))
		JL(k.ref(l + "end"))
		g.strip(k, column, stride, vectors, false)
		ADDQ(I32(int32(4*vectors*w)), column)
		SUBQ(I32(int32(vectors*w)), n)
		JMP(k.ref(l))
		Label(k.label(l + "end"))
	}
	TESTQ(n, n)
	JZ(k.ref("end"))
	k.tailMask(n)
	g.strip(k, column, stride, 1, true)
	Label(k.label("end"))
	k.end()
}

// strip walks down all rows of some vectors of columns, which begin column bytes into a row.
func (g *grid) strip(k *kernel, column, stride GPVirtual, vectors int, tail bool) {
	w := k.lanes()
	at := func(name string) GPVirtual {
		p := k.pointer(name)
		ADDQ(column, p)
		return p
	}
	r, s := make([][]VecVirtual, vectors), make([][]VecVirtual, vectors)
	for _, name := range g.rows {
		p := at(name)
		for v := range vectors {
			r[v] = append(r[v], k.load(Mem{Base: p, Disp: 4 * w * v}, tail))
		}
	}
	for v := range vectors {
		for range g.sums {
			s[v] = append(s[v], k.zero())
		}
	}
	var p []GPVirtual
	for _, name := range g.matrices {
		p = append(p, at(name))
	}
	count := k.pointer("m")
	l := fmt.Sprintf("rows%d%v", vectors, tail)
	Label(k.label(l))
	for v := range vectors {
		x := func(i int) VecVirtual { return k.load(Mem{Base: p[i], Disp: 4 * w * v}, tail) }
		st := func(i int, a VecVirtual) { k.store(a, Mem{Base: p[i], Disp: 4 * w * v}, tail) }
		g.step(k, x, st, r[v], s[v])
	}
	for _, q := range p {
		ADDQ(stride, q)
	}
	DECQ(count)
	JNZ(k.ref(l))
	for i, name := range g.sums {
		p := at(name)
		for v := range vectors {
			k.store(s[v][i], Mem{Base: p, Disp: 4 * w * v}, tail)
		}
	}
}

type (
	reader = func(i int) VecVirtual
	writer = func(i int, v VecVirtual)
)

func grids(wide bool) {
	(&grid{matrices: []string{"x"}, sums: []string{"y"}, step: func(_ *kernel, x reader, _ writer, _, s []VecVirtual) {
		VADDPS(x(0), s[0], s[0])
	}}).write(wide, "columnSum")
	for _, a := range activations {
		(&grid{matrices: []string{"dz", "y", "dy"}, sums: []string{"db"}, step: func(k *kernel, x reader, st writer, _, s []VecVirtual) {
			dy := x(2)
			if a.name != "linear" {
				dy = a.grad(k, x(1), dy)
			}
			st(0, dy)
			VADDPS(dy, s[0], s[0])
		}}).write(wide, a.name+"GradBias")
	}
	(&grid{matrices: []string{"x"}, rows: []string{"mean"}, sums: []string{"v"}, step: func(_ *kernel, x reader, _ writer, r, s []VecVirtual) {
		d := x(0)
		VSUBPS(r[0], d, d)
		VFMADD231PS(d, d, s[0])
	}}).write(wide, "normVariance")
	for _, relu := range []bool{false, true} {
		name := "normApply"
		if relu {
			name = "normApplyReLU"
		}
		(&grid{matrices: []string{"y", "x"}, rows: []string{"mean", "scale", "shift"}, step: func(k *kernel, x reader, st writer, r, _ []VecVirtual) {
			d := x(1)
			VSUBPS(r[0], d, d)
			VFMADD213PS(r[2], r[1], d)
			if relu {
				VMAXPS(d, k.zero(), d)
			}
			st(0, d)
		}}).write(wide, name)
	}
	(&grid{matrices: []string{"x", "dy"}, rows: []string{"mean"}, sums: []string{"sdy", "sdyx"}, step: func(_ *kernel, x reader, _ writer, r, s []VecVirtual) {
		d, dy := x(0), x(1)
		VSUBPS(r[0], d, d)
		VADDPS(dy, s[0], s[0])
		VFMADD231PS(d, dy, s[1])
	}}).write(wide, "normGradSums")
	(&grid{matrices: []string{"dx", "x", "dy"}, rows: []string{"mean", "a", "b", "c"}, step: func(_ *kernel, x reader, st writer, r, _ []VecVirtual) {
		d, dy := x(1), x(2)
		VSUBPS(r[0], d, d)
		VFMSUB213PS(r[2], r[1], dy)
		VFNMADD231PS(d, r[3], dy)
		st(0, dy)
	}}).write(wide, "normGrad")
}

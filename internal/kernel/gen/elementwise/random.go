package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const (
	philoxM0 = 0xD2511F53
	philoxM1 = 0xCD9E8D57
	philoxW0 = 0x9E3779B9
	philoxW1 = 0xBB67AE85
)

var laneNumbers Mem

func random(wide bool) {
	philox(wide)
	dropout(wide)
	dropoutGrad(wide)
}

// broadcast copies a 32-bit register to all lanes.
func (k *kernel) broadcast(g Register) VecVirtual {
	v := k.reg()
	if k.wide {
		VPBROADCASTD(g, v)
		return v
	}
	x := XMM()
	MOVD(g, x)
	VPBROADCASTD(x, v)
	return v
}

func (k *kernel) xor(a Op, b, r VecVirtual) {
	if k.wide {
		VPXORD(a, b, r)
	} else {
		VPXOR(a, b, r)
	}
}

// philox writes groups of 16 blocks, one block to a lane, a word's 16 lanes together; block is a multiple of 16.
func philox(wide bool) {
	if laneNumbers.Base == nil {
		laneNumbers = GLOBL("lanenumbers", RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(uint32(i)))
		}
	}
	k := begin(wide, "philox", "w *uint32, key0, key1 uint32, counter, block uint64, groups int", "")
	w, block, groups := k.pointer("w"), k.pointer("block"), k.pointer("groups")
	m0, m1 := k.frBits(philoxM0), k.frBits(philoxM1)
	odd := K()
	if wide {
		g := GP32()
		MOVL(U32(0xaaaa), g)
		KMOVW(g, odd)
	}
	multiply := func(a, m VecVirtual) (hi, lo VecVirtual) {
		even, up, hi, lo := k.reg(), k.reg(), k.reg(), k.reg()
		VPMULUDQ(m, a, even)
		VPSRLQ(Imm(32), a, up)
		VPMULUDQ(m, up, up)
		VPSRLQ(Imm(32), even, hi)
		VPSLLQ(Imm(32), up, lo)
		if wide {
			VPBLENDMD(up, hi, odd, hi)
			VPBLENDMD(lo, even, odd, lo)
		} else {
			VPBLENDD(Imm(0xaa), up, hi, hi)
			VPBLENDD(Imm(0xaa), lo, even, lo)
		}
		return hi, lo
	}
	half := func(first int) {
		c := make([]VecVirtual, 4)
		c[0] = k.broadcast(block.As32())
		VPADDD(laneNumbers.Offset(4*first), c[0], c[0])
		upper := GP64()
		MOVQ(block, upper)
		SHRQ(Imm(32), upper)
		c[1] = k.broadcast(upper.As32())
		c[2] = k.broadcast(Load(Param("counter"), GP64()).(GPVirtual).As32())
		upper2 := k.pointer("counter")
		SHRQ(Imm(32), upper2)
		c[3] = k.broadcast(upper2.As32())
		k0, k1 := k.broadcast(Load(Param("key0"), GP32())), k.broadcast(Load(Param("key1"), GP32()))
		for r := range 10 {
			h0, l0 := multiply(c[0], m0)
			h1, l1 := multiply(c[2], m1)
			k.xor(h1, c[1], h1)
			k.xor(k0, h1, h1)
			k.xor(h0, c[3], h0)
			k.xor(k1, h0, h0)
			c = []VecVirtual{h1, l1, h0, l0}
			if r < 9 {
				VPADDD(k.bits(philoxW0), k0, k0)
				VPADDD(k.bits(philoxW1), k1, k1)
			}
		}
		for i, v := range c {
			k.store(v, Mem{Base: w, Disp: 64*i + 4*first}, false)
		}
	}
	Label(k.label("group"))
	for first := 0; first < 16; first += k.lanes() {
		Comment(fmt.Sprintf("blocks from %d on", first))
		half(first)
	}
	ADDQ(I32(256), w)
	ADDQ(Imm(16), block)
	DECQ(groups)
	JNZ(k.ref("group"))
	k.end()
}

// dropout handles n elements, a multiple of the lanes and at least as many.
func dropout(wide bool) {
	k := begin(wide, "dropout", "y *float32, mask *bool, x *float32, words *uint32, threshold uint32, scale float32, n int", "")
	y, mask, x, words := k.pointer("y"), k.pointer("mask"), k.pointer("x"), k.pointer("words")
	scale := k.scalar("scale")
	limit := k.broadcast(Load(Param("threshold"), GP32()))
	n, i := k.pointer("n"), GP64()
	XORQ(i, i)
	sign := k.frBits(signBit)
	bytes := GP64()
	if !wide {
		k.xor(sign, limit, limit)
		MOVQ(U64(0x0101010101010101), bytes)
	}
	one := k.frBits(1)
	Label(k.label("loop"))
	word, v := k.load(Mem{Base: words, Index: i, Scale: 4}, false), k.load(Mem{Base: x, Index: i, Scale: 4}, false)
	VMULPS(scale, v, v)
	if wide {
		kept := K()
		VPCMPUD(Imm(1), limit, word, kept) // word < limit
		VMOVAPS_Z(v, kept, v)
		b := k.reg()
		VMOVDQA32_Z(one, kept, b)
		VPMOVDB(b, Mem{Base: mask, Index: i, Scale: 1})
	} else {
		k.xor(sign, word, word)
		VPCMPGTD(word, limit, word)
		VANDPS(word, v, v)
		bits := GP64()
		VMOVMSKPS(word, bits.As32())
		PDEPQ(bytes, bits, bits)
		MOVQ(bits, Mem{Base: mask, Index: i, Scale: 1})
	}
	k.store(v, Mem{Base: y, Index: i, Scale: 4}, false)
	ADDQ(Imm(uint64(k.lanes())), i)
	CMPQ(i, n)
	JL(k.ref("loop"))
	k.end()
}

// dropoutGrad handles n elements, a multiple of the lanes and at least as many.
func dropoutGrad(wide bool) {
	k := begin(wide, "dropoutGrad", "dx *float32, mask *bool, dy *float32, scale float32, n int", "")
	dx, mask, dy := k.pointer("dx"), k.pointer("mask"), k.pointer("dy")
	scale := k.scalar("scale")
	n, i := k.pointer("n"), GP64()
	XORQ(i, i)
	Label(k.label("loop"))
	kept, v, zero := k.reg(), k.load(Mem{Base: dy, Index: i, Scale: 4}, false), k.zero()
	VPMOVZXBD(Mem{Base: mask, Index: i, Scale: 1}, kept)
	VPSUBD(kept, zero, kept) // 1 becomes all ones
	VMULPS(scale, v, v)
	VANDPS(kept, v, v)
	k.store(v, Mem{Base: dx, Index: i, Scale: 4}, false)
	ADDQ(Imm(uint64(k.lanes())), i)
	CMPQ(i, n)
	JL(k.ref("loop"))
	k.end()
}

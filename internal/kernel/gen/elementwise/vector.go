package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// kernel is a function being written for one vector width. Its methods hide where the two instruction sets differ.
type kernel struct {
	wide   bool // 512 bits
	name   string
	consts map[uint32]VecVirtual // loaded before the loop
	mask   Op                    // of the tail: a K register, or a vector of lanes that are all ones or zero
	ones   Op                    // on 512 bits, the mask of a whole vector
}

// begin opens the function name512 or name256.
func begin(wide bool, name, args, result string) *kernel {
	k := &kernel{wide: wide, name: name + "256", consts: map[uint32]VecVirtual{}}
	if wide {
		k.name = name + "512"
	}
	TEXT(k.name, NOSPLIT, "func("+args+") "+result)
	Pragma("noescape")
	return k
}

func (k *kernel) end() {
	VZEROUPPER()
	RET()
}

func (k *kernel) label(s string) string      { return k.name + "_" + s }
func (k *kernel) ref(s string) LabelRef      { return LabelRef(k.label(s)) }
func (k *kernel) lanes() int                 { return map[bool]int{true: 16, false: 8}[k.wide] }
func (k *kernel) pointer(s string) GPVirtual { return Load(Param(s), GP64()).(GPVirtual) }

func (k *kernel) reg() VecVirtual {
	if k.wide {
		return ZMM()
	}
	return YMM()
}

// scalar broadcasts a float32 parameter.
func (k *kernel) scalar(name string) VecVirtual {
	r := k.reg()
	VBROADCASTSS(Load(Param(name), XMM()), r)
	return r
}

var constants = map[uint32]Mem{}

// memory is a constant in every lane of 64 bytes.
func memory(bits uint32) Mem {
	m, ok := constants[bits]
	if !ok {
		m = GLOBL(fmt.Sprintf("lanes%08x", bits), RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(bits))
		}
		constants[bits] = m
	}
	return m
}

// preload keeps constants in registers through the loop, where there are registers enough.
func (k *kernel) preload(values ...float64) {
	for _, v := range values {
		k.preloadBits(math.Float32bits(float32(v)))
	}
}

func (k *kernel) preloadBits(values ...uint32) {
	for _, b := range values {
		if _, ok := k.consts[b]; !ok && k.wide {
			r := k.reg()
			VMOVUPS(memory(b), r)
			k.consts[b] = r
		}
	}
}

// bits is a constant as an operand that may be memory.
func (k *kernel) bits(b uint32) Op {
	if r, ok := k.consts[b]; ok {
		return r
	}
	return memory(b)
}

func (k *kernel) f(v float64) Op { return k.bits(math.Float32bits(float32(v))) }

// fr is a constant in a register that must not be written to.
func (k *kernel) fr(v float64) VecVirtual {
	b := math.Float32bits(float32(v))
	if r, ok := k.consts[b]; ok {
		return r
	}
	r := k.reg()
	VMOVUPS(memory(b), r)
	return r
}

// copyOf is a constant in a register of its own.
func (k *kernel) copyOf(v float64) VecVirtual {
	r := k.reg()
	VMOVUPS(k.f(v), r)
	return r
}

func (k *kernel) zero() VecVirtual {
	r := k.reg()
	if k.wide {
		VPXORD(r, r, r)
	} else {
		VXORPS(r, r, r)
	}
	return r
}

// load reads a vector, or under the tail's mask what is left; the other lanes are zero.
func (k *kernel) load(m Mem, tail bool) VecVirtual {
	r := k.reg()
	switch {
	case !tail:
		VMOVUPS(m, r)
	case k.wide:
		VMOVUPS_Z(m, k.mask, r)
	default:
		VMASKMOVPS(m, k.mask, r)
	}
	return r
}

func (k *kernel) store(r Op, m Mem, tail bool) {
	switch {
	case !tail:
		VMOVUPS(r, m)
	case k.wide:
		VMOVUPS(r, k.mask, m)
	default:
		VMASKMOVPS(r, k.mask, m)
	}
}

// tailOr returns v in the tail's lanes and other beyond them.
func (k *kernel) tailOr(v, other VecVirtual) VecVirtual {
	r := k.reg()
	if k.wide {
		VBLENDMPS(v, other, k.mask, r)
	} else {
		VBLENDVPS(k.mask, v, other, r)
	}
	return r
}

var maskTable Mem

// tailMask makes the mask of the first n lanes, 0 <= n < lanes.
func (k *kernel) tailMask(n Register) {
	if k.wide {
		MOVQ(n, RCX)
		m := GP64()
		MOVQ(U32(1), m)
		SHLQ(CL, m)
		DECQ(m)
		mask := K()
		KMOVW(m.As32(), mask)
		k.mask = mask
		return
	}
	if maskTable.Base == nil {
		maskTable = GLOBL("tailmasks", RODATA|NOPTR)
		for i := range 16 {
			v := uint32(0xffffffff)
			if i >= 8 {
				v = 0
			}
			DATA(4*i, U32(v))
		}
	}
	at := GP64()
	LEAQ(maskTable, at)
	off := GP64()
	MOVQ(n, off)
	NEGQ(off)
	mask := YMM()
	VMOVUPS(Mem{Base: at, Index: off, Scale: 4, Disp: 32}, mask)
	k.mask = mask
}

// sel returns yes where the comparison pred(b, a) holds, as VCMPPS reads: a pred b; else no.
func (k *kernel) sel(pred uint8, b Op, a VecVirtual, yes, no VecVirtual) VecVirtual {
	r := k.reg()
	if k.wide {
		m := K()
		VCMPPS(Imm(uint64(pred)), b, a, m)
		VBLENDMPS(yes, no, m, r)
		return r
	}
	m := YMM()
	VCMPPS(Imm(uint64(pred)), b, a, m)
	VBLENDVPS(m, yes, no, r)
	return r
}

// keep returns v where a pred b holds, else zero.
func (k *kernel) keep(pred uint8, b Op, a, v VecVirtual) VecVirtual {
	r := k.reg()
	if k.wide {
		m := K()
		VCMPPS(Imm(uint64(pred)), b, a, m)
		VMOVAPS_Z(v, m, r)
		return r
	}
	VCMPPS(Imm(uint64(pred)), b, a, r)
	VANDPS(v, r, r)
	return r
}

// Predicates of VCMPPS.
const (
	lessThan    = 0x11 // ordered
	greaterThan = 0x1e // ordered
	unordered   = 0x03
)

func (k *kernel) round(mode uint64, a, r VecVirtual) {
	if k.wide {
		VRNDSCALEPS(Imm(mode), a, r)
	} else {
		VROUNDPS(Imm(mode), a, r)
	}
}

// Rounding modes, exceptions suppressed.
const (
	nearest = 8
	down    = 9
	up      = 10
)

// fold reduces the lanes of v by op into its lowest lane; v is lost.
func (k *kernel) fold(v VecVirtual, op func(a, b, c Op)) VecVirtual {
	y := v
	if k.wide {
		half := YMM()
		VEXTRACTF32X8(Imm(1), v, half)
		y = YMM()
		op(half, v.AsY(), y)
	}
	hi, x := XMM(), XMM()
	VEXTRACTF128(Imm(1), y.AsY(), hi)
	op(hi, y.AsX(), x)
	VPERMILPS(Imm(0x4e), x, hi)
	op(hi, x, x)
	VPERMILPS(Imm(0xb1), x, hi)
	op(hi, x, x)
	return x
}

// spread copies the lowest lane of x to all lanes of a new register.
func (k *kernel) spread(x VecVirtual) VecVirtual {
	r := k.reg()
	VBROADCASTSS(x.AsX(), r)
	return r
}

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The algorithms and coefficients are those of elementwise_math.go.

const (
	expMax = 89
	expMin = -104
	ln2Hi  = 0.693359375
	ln2Lo  = -2.12194440e-4
)

var (
	expPolynomial  = []float64{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}
	tanhPolynomial = []float64{-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1}
	logPolynomial  = []float64{7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1}
)

const signBit = 0x80000000

func (k *kernel) preloadExp() {
	k.preload(expMax, expMin, math.Log2E, ln2Hi, ln2Lo, 1)
	k.preload(expPolynomial...)
}

// exp returns exp(a); a survives.
func (k *kernel) exp(a VecVirtual) VecVirtual {
	t, n, p := k.reg(), k.reg(), k.reg()
	// The second source of VMINPS and VMAXPS, here a and t, is what they return for a NaN.
	VMINPS(a, k.fr(expMax), t)
	VMAXPS(t, k.fr(expMin), t)
	VMULPS(k.f(math.Log2E), t, n)
	k.round(nearest, n, n)
	VFNMADD231PS(k.f(ln2Hi), n, t)
	VFNMADD231PS(k.f(ln2Lo), n, t)
	VMOVUPS(k.f(expPolynomial[0]), p)
	for _, c := range expPolynomial[1:] {
		VFMADD213PS(k.f(c), t, p)
	}
	q := k.reg()
	VMULPS(t, t, q)
	VADDPS(k.f(1), t, t)
	VFMADD213PS(t, q, p)
	if k.wide {
		VSCALEFPS(n, p, p)
		return p
	}
	// Two factors 2^(n/2), so that subnormal and overflowing results are rounded once.
	half := k.reg()
	VCVTPS2DQ(n, n)
	VPSRAD(Imm(1), n, half)
	VPSUBD(half, n, n)
	bias := k.bits(127)
	VPADDD(bias, n, n)
	VPADDD(bias, half, half)
	VPSLLD(Imm(23), n, n)
	VPSLLD(Imm(23), half, half)
	VMULPS(n, p, p)
	VMULPS(half, p, p)
	return p
}

// negAbs returns -|a|.
func (k *kernel) negAbs(a VecVirtual) VecVirtual {
	r := k.reg()
	VORPS(k.bits(signBit), a, r)
	return r
}

// sigmoid returns 1/(1 + exp(-a)) = (a < 0 ? e : 1)/(1 + e), e = exp(-|a|); a survives.
func (k *kernel) sigmoid(a VecVirtual) VecVirtual {
	e := k.exp(k.negAbs(a))
	top := k.sel(lessThan, k.zero(), a, e, k.fr(1))
	VADDPS(k.f(1), e, e)
	VDIVPS(e, top, top)
	return top
}

// tanh returns tanh(a); a survives.
func (k *kernel) tanh(a VecVirtual) VecVirtual {
	x, sign, z, p := k.reg(), k.reg(), k.reg(), k.reg()
	VANDPS(k.bits(^uint32(signBit)), a, x)
	VANDPS(k.bits(signBit), a, sign)
	VADDPS(x, x, z)
	e := k.exp(z)
	VADDPS(k.f(1), e, e)
	VDIVPS(e, k.fr(2), e)
	VSUBPS(e, k.fr(1), e)
	VMULPS(x, x, z)
	VMOVUPS(k.f(tanhPolynomial[0]), p)
	for _, c := range tanhPolynomial[1:] {
		VFMADD213PS(k.f(c), z, p)
	}
	VMULPS(z, p, p)
	VFMADD213PS(x, x, p)
	r := k.sel(lessThan, k.f(0.625), x, p, e)
	VORPS(sign, r, r)
	return r
}

// geluArgument returns 2·sqrt(2/π)·(a + 0.044715·a³).
func (k *kernel) geluArgument(a VecVirtual) VecVirtual {
	r := k.reg()
	VMULPS(a, a, r)
	VMULPS(k.f(geluCubic), r, r)
	VADDPS(k.f(1), r, r)
	VMULPS(a, r, r)
	VMULPS(k.f(2*geluRoot), r, r)
	return r
}

const (
	geluRoot  = 0.79788456080286535587989211986876
	geluCubic = 0.044715
)

// erfcPolynomial approximates log(erfc(z)/t) + z² in t = 1/(1 + z/2), highest power first: Numerical Recipes, section 6.2.
var erfcPolynomial = []float64{0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223}

// normalTail returns 1 - Φ(x) = erfc(x/sqrt 2)/2 for x >= 0; x is lost.
func (k *kernel) normalTail(x VecVirtual) VecVirtual {
	t, p := k.reg(), k.reg()
	VMULPS(k.f(math.Sqrt2/4), x, t)
	VADDPS(k.f(1), t, t)
	VDIVPS(t, k.fr(1), t)
	VMOVUPS(k.f(erfcPolynomial[0]), p)
	for _, c := range erfcPolynomial[1:] {
		VFMADD213PS(k.f(c), t, p)
	}
	VMULPS(x, x, x)
	VFNMADD231PS(k.f(0.5), x, p)
	e := k.exp(p)
	VMULPS(t, e, e)
	VMULPS(k.f(0.5), e, e)
	return e
}

// normal returns Φ(a); a survives.
func (k *kernel) normal(a VecVirtual) VecVirtual {
	x, r := k.reg(), k.reg()
	VANDPS(k.bits(^uint32(signBit)), a, x)
	q := k.normalTail(x)
	VSUBPS(q, k.fr(1), r)
	return k.sel(lessThan, k.zero(), a, q, r)
}

// normalDensity returns exp(-a²/2)/sqrt(2π); a survives.
func (k *kernel) normalDensity(a VecVirtual) VecVirtual {
	x := k.reg()
	VMULPS(k.f(-0.5), a, x)
	VMULPS(a, x, x)
	e := k.exp(x)
	VMULPS(k.f(1/math.Sqrt(2*math.Pi)), e, e)
	return e
}

// log returns log(a); a survives.
func (k *kernel) log(a VecVirtual) VecVirtual {
	m, e := k.reg(), k.reg()
	if k.wide {
		VGETEXPPS(a, e)
		VGETMANTPS(Imm(0), a, m) // [1, 2), the sign ignored
	} else {
		// A subnormal argument is scaled up by 2^24 first.
		small, big, scaled := k.reg(), k.reg(), k.reg()
		VCMPPS(Imm(lessThan), k.f(0x1p-126), a, small)
		VMULPS(k.f(0x1p24), a, scaled)
		VBLENDVPS(small, scaled, a, big)
		VANDPS(k.bits(0x7f800000), big, e)
		VPSRLD(Imm(23), e, e)
		VPSUBD(k.bits(127), e, e)
		VCVTDQ2PS(e, e)
		VANDPS(k.f(24), small, small)
		VSUBPS(small, e, e)
		VANDPS(k.bits(0x007fffff), big, m)
		VORPS(k.f(1), m, m)
	}
	// Into [sqrt(1/2), sqrt(2)): halve the large ones.
	h, up := k.reg(), k.reg()
	VMULPS(k.f(0.5), m, h)
	if k.wide {
		large := K()
		VCMPPS(Imm(greaterThan), k.f(math.Sqrt2), m, large)
		VMOVAPS(h, large, m)
		VMOVAPS_Z(k.fr(1), large, up)
	} else {
		VCMPPS(Imm(greaterThan), k.f(math.Sqrt2), m, up)
		VBLENDVPS(up, h, m, m)
		VANDPS(k.f(1), up, up)
	}
	VADDPS(up, e, e)
	VSUBPS(k.f(1), m, m)
	p, z := k.reg(), k.reg()
	VMOVUPS(k.f(logPolynomial[0]), p)
	for _, c := range logPolynomial[1:] {
		VFMADD213PS(k.f(c), m, p)
	}
	VMULPS(m, m, z)
	VMULPS(m, p, p)
	VMULPS(z, p, p)
	VFMADD231PS(k.f(ln2Lo), e, p)
	VFNMADD231PS(k.f(0.5), z, p)
	VADDPS(m, p, p)
	VFMADD231PS(k.f(ln2Hi), e, p)
	// log(+Inf) is +Inf, log(NaN) NaN; of a negative number NaN, of zero -Inf.
	p = k.sel(0x1d, k.f(math.MaxFloat32*(1+0x1p-24)), a, a, p) // a >= +Inf
	p = k.sel(unordered, a, a, a, p)
	p = k.sel(lessThan, k.zero(), a, k.frBits(0x7fc00000), p)
	return k.sel(0, k.zero(), a, k.frBits(0xff800000), p)
}

func (k *kernel) frBits(b uint32) VecVirtual {
	r := k.reg()
	VMOVUPS(k.bits(b), r)
	return r
}

// maximum is NaN where a or b is.
func (k *kernel) maximum(a, b VecVirtual) VecVirtual { return k.extreme(VMAXPS, a, b) }

// minimum is NaN where a or b is.
func (k *kernel) minimum(a, b VecVirtual) VecVirtual { return k.extreme(VMINPS, a, b) }

func (k *kernel) extreme(op func(...Op), a, b VecVirtual) VecVirtual {
	r := k.reg()
	op(b, a, r) // b where either is a NaN
	return k.sel(unordered, a, a, a, r)
}

// softplus returns log(1 + exp(a)) = max(a, 0) + log(1 + e), e = exp(-|a|); a survives. With u = 1 + e rounded, log(1 + e) is
// log(u) + (e - (u - 1))/u to first order.
func (k *kernel) softplus(a VecVirtual) VecVirtual {
	e := k.exp(k.negAbs(a))
	u, d := k.reg(), k.reg()
	VADDPS(k.f(1), e, u)
	VSUBPS(k.fr(1), u, d)
	VSUBPS(d, e, d)
	VDIVPS(u, d, d)
	l := k.log(u)
	VADDPS(d, l, l)
	top := k.reg()
	VMAXPS(a, k.zero(), top)
	VADDPS(top, l, l)
	return l
}

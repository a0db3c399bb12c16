package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/reg"
)

func optimizers(wide bool) {
	loop(wide, "sgd", []string{"w", "grad"}, []string{"lr"}, func(_ *kernel, s []VecVirtual) body {
		return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
			w := ld(0)
			VFNMADD231PS(ld(1), s[0], w)
			st(0, w)
		}
	})
	for _, nesterov := range []bool{false, true} {
		name := "momentum"
		if nesterov {
			name = "nesterov"
		}
		loop(wide, name, []string{"w", "m", "grad"}, []string{"lr", "momentum"}, func(k *kernel, s []VecVirtual) body {
			return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
				w, m, step := ld(0), ld(1), k.reg()
				VMULPS(ld(2), s[0], step)
				VFMSUB213PS(step, s[1], m)
				st(1, m)
				if nesterov {
					VFMSUB213PS(step, s[1], m)
				}
				VADDPS(m, w, w)
				st(0, w)
			}
		})
	}
	loop(wide, "adam", []string{"w", "m", "v", "grad"}, []string{"alpha", "c1", "c2", "eps"}, func(k *kernel, s []VecVirtual) body {
		return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
			w, m, v, g := ld(0), ld(1), ld(2), ld(3)
			t := k.reg()
			VSUBPS(m, g, t)
			VFMADD231PS(t, s[1], m)
			st(1, m)
			VFMSUB213PS(v, g, g)
			VFMADD231PS(g, s[2], v)
			st(2, v)
			VSQRTPS(v, t)
			VADDPS(s[3], t, t)
			VMULPS(s[0], m, m)
			VDIVPS(t, m, m)
			VSUBPS(m, w, w)
			st(0, w)
		}
	})
	loop(wide, "rmsprop", []string{"w", "v", "grad"}, []string{"lr", "rho", "c", "eps"}, func(k *kernel, s []VecVirtual) body {
		return func(ld func(int) VecVirtual, st func(int, VecVirtual)) {
			w, v, g := ld(0), ld(1), ld(2)
			t := k.reg()
			VMULPS(g, g, t)
			VMULPS(s[2], t, t)
			VFMADD213PS(t, s[1], v)
			st(1, v)
			VADDPS(s[3], v, t)
			VSQRTPS(t, t)
			VMULPS(s[0], g, g)
			VDIVPS(t, g, g)
			VSUBPS(g, w, w)
			st(0, w)
		}
	})
}

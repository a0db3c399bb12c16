package kernel

// Backward computes the gradients of the last [LSTMState.Forward], whose x, kernel, recurrent, h0, c0 and mask it needs again,
// from the gradients of its outputs: dseq [batch, time, units] in the order of the steps, dhN and dcN [batch, units]; any may
// be nil (zero). It overwrites the gradients it is given room for; any may be nil.
func (s *LSTMState[T]) Backward(dx, dkernel, drecurrent, dbias, dh0, dc0, x, kernel, recurrent, h0, c0 []T, mask []bool, dseq, dhN, dcN []T) {
	if s.Batch == 0 || s.Units == 0 {
		return
	}
	s.prepareBackward(recurrent)
	s.call = lstmCall[T]{h0: h0, c0: c0, mask: mask, dseq: dseq, dhN: dhN, dcN: dcN}
	s.parallel(lstmBackward32, (*LSTMState[T]).backwardBlock)
	s.call = lstmCall[T]{}
	copy(dh0, s.dh)
	copy(dc0, s.dc)

	steps, wide := s.Batch*s.Time, 4*s.Units
	if dkernel != nil {
		Gemm(Product{M: s.In, N: wide, K: steps, TransA: true}, x, s.dgates, dkernel, Epilogue[T]{})
	}
	if drecurrent != nil {
		Gemm(Product{M: s.Units, N: wide, K: steps, TransA: true}, s.before, s.dgates, drecurrent, Epilogue[T]{})
	}
	if dbias != nil {
		Reduce(Sum, dbias, s.dgates, 1, steps, wide)
	}
	if dx != nil {
		Gemm(Product{M: steps, N: s.In, K: wide, TransB: true}, s.dgates, kernel, dx, Epilogue[T]{})
	}
}

// prepareBackward makes the gradients' memory once, and transposes recurrent so that every step's product can read it in rows.
func (s *LSTMState[T]) prepareBackward(recurrent []T) {
	u := s.Units
	if s.dgates == nil {
		s.dgates = make([]T, s.Batch*s.Time*4*u)
		s.dh, s.dc = make([]T, s.Batch*u), make([]T, s.Batch*u)
		s.recurrentT = make([]T, 4*u*u)
	}
	for i := range u {
		for j, v := range recurrent[i*4*u : (i+1)*4*u] {
			s.recurrentT[j*u+i] = v
		}
	}
}

// backwardBlock takes a block of the batch back through all steps; dh and dc end as the gradients of the initial states.
func (s *LSTMState[T]) backwardBlock(block int) {
	_, rows := s.blocks()
	lo, hi := chunk(block, rows, s.Batch)
	u, c := s.Units, &s.call
	for b := lo; b < hi; b++ {
		copy(s.dh[b*u:(b+1)*u], s.initial(c.dhN, b))
		copy(s.dc[b*u:(b+1)*u], s.initial(c.dcN, b))
	}
	for k := s.Time - 1; k >= 0; k-- {
		t := s.time(k)
		for b := lo; b < hi; b++ {
			s.backwardRow(b, k)
		}
		Gemm(Product{M: hi - lo, N: u, K: 4 * u, LDA: s.Time * 4 * u, Accumulate: c.mask != nil},
			s.dgates[(lo*s.Time+t)*4*u:], s.recurrentT, s.dh[lo*u:], Epilogue[T]{})
	}
}

// backwardRow is step k of sequence b up to the gradients of the gates' sums. With a mask it leaves in dh what the product of
// the step adds to.
func (s *LSTMState[T]) backwardRow(b, k int) {
	u, t, c := s.Units, s.time(k), &s.call
	dh, dc, dz := s.dh[b*u:(b+1)*u], s.dc[b*u:(b+1)*u], s.row(s.dgates, b, t, 4*u)
	masked := c.mask != nil && !c.mask[b*s.Time+t]
	if c.dseq != nil && !(masked && s.ZeroOutputForMask) {
		addScaled(dh, 1, s.row(c.dseq, b, k, u))
	}
	if masked {
		clear(dz)
		return
	}
	s.gateGradRow(dz, s.row(s.gates, b, t, 4*u), s.cellBefore(b, k), s.row(s.shaped, b, t, u), dh, dc)
	if c.mask != nil {
		clear(dh)
	}
}

// gateGradRow writes dz[4u] from the gates z[4u], and turns dc[u], the gradient of the cell state after the step, into that
// before it.
func (s *LSTMState[T]) gateGradRow(dz, z, cPrev, shaped, dh, dc []T) {
	u := s.Units
	if isFloat32[T]() && s.keras() {
		if f := vector().lstmBackward; f != nil {
			dz, z, p, a, dh, dc := float32s(dz), float32s(z), float32s(cPrev), float32s(shaped), float32s(dh), float32s(dc)
			f(&dz[0], &z[0], &p[0], &a[0], &dh[0], &dc[0], u)
			return
		}
	}
	i, f, g, o := z[:u], z[u:2*u], z[2*u:3*u], z[3*u:4*u]
	for j, a := range shaped[:u] {
		d := dc[j] + dh[j]*o[j]*slope(s.Activation, a)
		dz[j] = d * g[j] * slope(s.RecurrentActivation, i[j])
		dz[u+j] = d * cPrev[j] * slope(s.RecurrentActivation, f[j])
		dz[2*u+j] = d * i[j] * slope(s.Activation, g[j])
		dz[3*u+j] = dh[j] * a * slope(s.RecurrentActivation, o[j])
		dc[j] = d * f[j]
	}
}

// slope is a'(z) from y = a(z).
func slope[T Float](a Activation, y T) T {
	switch a {
	case Sigmoid:
		return y * (1 - y)
	case Tanh:
		return 1 - y*y
	case ReLU:
		if y <= 0 {
			return 0
		}
	}
	return 1
}

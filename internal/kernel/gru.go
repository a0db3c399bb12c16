package kernel

// A GRU's step has z, r, and the candidate c in its last columns: c = activation(x·kernel + r·(h·recurrent)), of which the bracket
// stands before it, or, with r applied before, activation(x·kernel + (r·h)·recurrent). The state is z·h + (1-z)·c.

// candidate is the last columns of a step.
func (s *RecurrenceState[T]) candidate(row []T) []T {
	if row == nil {
		return nil
	}
	return row[s.wide-s.Units:]
}

// gruForward activates the gates z in place and writes h.
func (s *RecurrenceState[T]) gruForward(z, sums, hPrev, h []T) {
	u := s.Units
	if f := vector().gruForward; isFloat32[T]() && s.Cell == GRU && s.usual() && f != nil {
		z, p, h := float32s(z), float32s(hPrev), float32s(h)
		f(&z[0], &p[0], &h[0], u)
		return
	}
	c := s.candidate(z)
	if s.Cell == GRU {
		copy(sums, z[:2*u])
		activateRow(s.RecurrentActivation, z[:2*u])
		zipRow(Multiply, h, part(z, 1, u), part(z, 2, u))
		zipRow(Add, c, c, h)
	}
	copy(s.candidate(sums), c)
	activateRow(s.Activation, c)
	zipRow(Subtract, h, hPrev, c)
	zipRow(Multiply, h, h, z[:u])
	zipRow(Add, h, h, c)
}

// resetRows activates z and r of a step, and adds (r·h)·recurrent to the candidates' sums.
func (s *RecurrenceState[T]) resetRows(lo, hi, k int) {
	u, t, kernels := s.Units, s.time(k), s.Cell.Gates()*s.Units
	for b := lo; b < hi; b++ {
		z := s.row(s.gates, b, t, s.wide)
		copy(s.row(s.sums, b, t, s.wide), z[:2*u])
		activateRow(s.RecurrentActivation, z[:2*u])
		zipRow(Multiply, s.row(s.reset, b, t, u), part(z, 1, u), s.candidateState(b, t))
	}
	row := lo*s.Time + t
	Gemm(Product{M: hi - lo, N: u, K: u, LDA: s.Time * u, LDB: kernels, LDC: s.Time * s.wide, Accumulate: true},
		s.reset[row*u:], s.args.Recurrent[2*u:], s.gates[row*s.wide+2*u:], Epilogue[T]{})
}

// candidateState is the state as the candidate gets it.
func (s *RecurrenceState[T]) candidateState(b, t int) []T {
	u := s.Units
	if s.args.Keep == nil {
		return s.row(s.before, b, t, u)
	}
	return part(s.row(s.fed, b, t, 3*u), 2, u)
}

// gruBackward writes the gradients d of the gates' sums from that of the state after the step, and leaves in dh what comes to the state
// before it directly. With r applied before, that of r is left to resetRowsBack.
func (s *RecurrenceState[T]) gruBackward(d []T, b, t int, dh []T) {
	u := s.Units
	z, sums, hPrev := s.row(s.gates, b, t, s.wide), s.row(s.sums, b, t, s.wide), s.row(s.before, b, t, u)
	if f := vector().gruBackward; isFloat32[T]() && s.Cell == GRU && s.usual() && f != nil {
		d, z, p, dh := float32s(d), float32s(z), float32s(hPrev), float32s(dh)
		f(&d[0], &z[0], &p[0], &dh[0], u)
		return
	}
	c, dc, dz, r, dr := s.candidate(z), s.candidate(d), part(d, 0, u), part(z, 1, u), part(d, 1, u)
	zipRow(Subtract, dz, hPrev, c)
	zipRow(Multiply, dz, dz, dh)
	activationRow(s.RecurrentActivation, dz, part(sums, 0, u), z[:u])
	zipRow(Multiply, dr, dh, z[:u])
	zipRow(Subtract, dc, dh, dr)
	copy(dh, dr)
	activationRow(s.Activation, dc, s.candidate(sums), c)
	if s.Cell == GRU {
		zipRow(Multiply, dr, dc, part(z, 2, u))
		activationRow(s.RecurrentActivation, dr, part(sums, 1, u), r)
		zipRow(Multiply, part(d, 2, u), dc, r)
	}
}

// resetRowsBack takes the candidates' gradients of step k back through (r·h)·recurrent.
func (s *RecurrenceState[T]) resetRowsBack(lo, hi, k int) {
	u, t := s.Units, s.time(k)
	Gemm(Product{M: hi - lo, N: u, K: u, LDA: s.Time * s.wide}, s.dgates[(lo*s.Time+t)*s.wide+2*u:], s.recurrentT[2*u*u:], s.dfed[lo*u:], Epilogue[T]{})
	for b := lo; b < hi; b++ {
		if s.masked(b, t) {
			continue
		}
		z, dr, dh, drh := s.row(s.gates, b, t, s.wide), part(s.row(s.dgates, b, t, s.wide), 1, u), s.dh[b*u:(b+1)*u], s.dfed[b*u:(b+1)*u]
		r := part(z, 1, u)
		zipRow(Multiply, dr, drh, s.candidateState(b, t))
		activationRow(s.RecurrentActivation, dr, part(s.row(s.sums, b, t, s.wide), 1, u), r)
		zipRow(Multiply, drh, drh, r)
		if keep := s.args.Keep; keep != nil {
			zipRow(Multiply, drh, drh, keep[(3*b+2)*u:(3*b+3)*u])
		}
		zipRow(Add, dh, dh, drh)
	}
}

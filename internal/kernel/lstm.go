package kernel

// cellBefore returns the cell state that step k of sequence b of an LSTM starts from; nil for other cells.
func (s *RecurrenceState[T]) cellBefore(b, k int) []T {
	switch {
	case s.cell == nil:
		return nil
	case k == 0:
		return s.initial(s.args.C, b)
	}
	return s.row(s.cell, b, s.time(k-1), s.Units)
}

// usual reports whether the activations are Keras's defaults, which have kernels of their own.
func (s *RecurrenceState[T]) usual() bool {
	return s.Activation == tanhCell && s.RecurrentActivation == sigmoidCell
}

// lstmForward activates the gates z[4u] in place and writes cell, shaped = activation(cell) and h, [u] each. Sums, if there are,
// get what z was.
func (s *RecurrenceState[T]) lstmForward(z, sums, cPrev, cell, shaped, h []T) {
	u := s.Units
	if isFloat32[T]() && s.usual() {
		if f := vector().lstmForward; f != nil {
			z, p, c, a, h := float32s(z), float32s(cPrev), float32s(cell), float32s(shaped), float32s(h)
			f(&z[0], &p[0], &c[0], &a[0], &h[0], u)
			return
		}
	}
	copy(sums, z)
	i, f, g, o := part(z, 0, u), part(z, 1, u), part(z, 2, u), part(z, 3, u)
	activateRow(s.RecurrentActivation, z[:2*u])
	activateRow(s.Activation, g)
	activateRow(s.RecurrentActivation, o)
	zipRow(Multiply, cell, f, cPrev)
	zipRow(Multiply, h, i, g)
	zipRow(Add, cell, cell, h)
	copy(shaped, cell)
	activateRow(s.Activation, shaped)
	zipRow(Multiply, h, o, shaped)
}

// lstmBackward writes dz[4u] from the gates z[4u], and turns dc[u], the gradient of the cell state after the step, into that before it.
func (s *RecurrenceState[T]) lstmBackward(dz []T, b, k int, dh, dc []T) {
	u, t := s.Units, s.time(k)
	z, sums := s.row(s.gates, b, t, s.wide), s.row(s.sums, b, t, s.wide)
	cPrev, cell, shaped := s.cellBefore(b, k), s.row(s.cell, b, t, u), s.row(s.shaped, b, t, u)
	if isFloat32[T]() && s.usual() {
		if f := vector().lstmBackward; f != nil {
			dz, z, p, a, dh, dc := float32s(dz), float32s(z), float32s(cPrev), float32s(shaped), float32s(dh), float32s(dc)
			f(&dz[0], &z[0], &p[0], &a[0], &dh[0], &dc[0], u)
			return
		}
	}
	i, f, g, o := part(z, 0, u), part(z, 1, u), part(z, 2, u), part(z, 3, u)
	di, df, dg, do := part(dz, 0, u), part(dz, 1, u), part(dz, 2, u), part(dz, 3, u)
	zipRow(Multiply, di, dh, o)
	activationRow(s.Activation, di, cell, shaped)
	zipRow(Add, dc, dc, di)
	zipRow(Multiply, do, dh, shaped)
	zipRow(Multiply, df, dc, cPrev)
	zipRow(Multiply, dg, dc, i)
	zipRow(Multiply, di, dc, g)
	zipRow(Multiply, dc, dc, f)
	activationRow(s.RecurrentActivation, di, part(sums, 0, u), i)
	activationRow(s.RecurrentActivation, df, part(sums, 1, u), f)
	activationRow(s.Activation, dg, part(sums, 2, u), g)
	activationRow(s.RecurrentActivation, do, part(sums, 3, u), o)
}

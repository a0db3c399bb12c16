package kernel

// RecurrentGradients is room for the gradients of a recurrence's arguments. Any may be nil.
type RecurrentGradients[T Float] struct{ X, Kernel, Recurrent, Bias, H, C []T }

// Backward computes the gradients of the last [RecurrenceState.Forward], whose arguments it needs again, from the gradients of its
// results; any of these may be nil: zero. It overwrites the gradients it is given room for.
func (s *RecurrenceState[T]) Backward(d RecurrentGradients[T], a RecurrentArgs[T], dout RecurrentResults[T]) {
	if s.Batch == 0 || s.Units == 0 {
		return
	}
	s.prepareBackward(a.Recurrent)
	s.args, s.out = a, dout
	s.parallel(recurrentBackward32, (*RecurrenceState[T]).backwardBlock)
	s.inputGradients(d)
	s.stateGradients(d.Recurrent)
	s.biasGradient(d.Bias)
	copy(d.H, s.dh)
	copy(d.C, s.dc)
	s.args, s.out = RecurrentArgs[T]{}, RecurrentResults[T]{}
}

// prepareBackward makes the gradients' memory once, and transposes recurrent so that every step's product can read it in rows.
func (s *RecurrenceState[T]) prepareBackward(recurrent []T) {
	u, n := s.Units, s.Cell.Gates()*s.Units
	if s.dgates == nil {
		s.dgates = make([]T, s.Batch*s.Time*s.wide)
		s.dh, s.dfed, s.recurrentT, s.dbias = make([]T, s.Batch*u), make([]T, s.Batch*u), make([]T, n*u), make([]T, s.wide)
		if s.Cell == LSTM {
			s.dc = make([]T, s.Batch*u)
		}
	}
	for i := range u {
		for j, v := range recurrent[i*n : (i+1)*n] {
			s.recurrentT[j*u+i] = v
		}
	}
}

// backwardBlock takes a block of the batch back through all steps; dh and dc end as the gradients of the initial states.
func (s *RecurrenceState[T]) backwardBlock(block int) {
	_, rows := s.blocks()
	lo, hi := chunk(block, rows, s.Batch)
	u := s.Units
	for b := lo; b < hi; b++ {
		copy(s.dh[b*u:(b+1)*u], s.initial(s.out.H, b))
		if s.dc != nil {
			copy(s.dc[b*u:(b+1)*u], s.initial(s.out.C, b))
		}
	}
	for k := s.Time - 1; k >= 0; k-- {
		for b := lo; b < hi; b++ {
			s.backwardRow(b, k)
		}
		if s.Cell == GRUResetBefore {
			s.resetRowsBack(lo, hi, k)
		}
		s.feedBack(lo, hi, s.time(k))
	}
}

// carries reports whether a part of a state's gradient comes to the state before it directly.
func (s *RecurrenceState[T]) carries() bool {
	return s.args.Mask != nil || s.Cell == GRU || s.Cell == GRUResetBefore
}

// backwardRow is step k of sequence b up to the gradients of the gates' sums. Where something is carried, it leaves in dh what the
// products of the step add to.
func (s *RecurrenceState[T]) backwardRow(b, k int) {
	u, t := s.Units, s.time(k)
	dh, d, masked := s.dh[b*u:(b+1)*u], s.row(s.dgates, b, t, s.wide), s.masked(b, t)
	if s.out.Seq != nil && !(masked && s.ZeroOutputForMask) {
		zipRow(Add, dh, dh, s.row(s.out.Seq, b, k, u))
	}
	if masked {
		clear(d)
		return
	}
	switch s.Cell {
	case LSTM:
		s.lstmBackward(d, b, k, dh, s.dc[b*u:(b+1)*u])
	case GRU, GRUResetBefore:
		s.gruBackward(d, b, t, dh)
		return
	default:
		copy(d, dh)
		activationRow(s.Activation, d, s.row(s.sums, b, t, u), s.row(s.gates, b, t, u))
	}
	if s.args.Mask != nil {
		clear(dh)
	}
}

// feedBack takes the gradients of a time's sums back to the states before it.
func (s *RecurrenceState[T]) feedBack(lo, hi, t int) {
	u, row := s.Units, lo*s.Time+t
	p := Product{M: hi - lo, N: u, K: s.Cell.fed() * u, LDA: s.Time * s.wide, Accumulate: s.carries()}
	if s.args.Keep == nil {
		Gemm(p, s.dgates[row*s.wide:], s.recurrentT, s.dh[lo*u:], Epilogue[T]{})
		return
	}
	if !s.carries() {
		clear(s.dh[lo*u : hi*u])
	}
	p.K, p.Accumulate = u, false
	gates := s.Cell.Gates()
	for i := range s.Cell.fed() {
		Gemm(p, s.dgates[row*s.wide+i*u:], s.recurrentT[i*u*u:], s.dfed[lo*u:], Epilogue[T]{})
		for b := lo; b < hi; b++ {
			dh, dfed := s.dh[b*u:(b+1)*u], s.dfed[b*u:(b+1)*u]
			zipRow(Multiply, dfed, dfed, s.args.Keep[(b*gates+i)*u:(b*gates+i+1)*u])
			zipRow(Add, dh, dh, dfed)
		}
	}
}

// inputGradients computes those of x and of the kernel.
func (s *RecurrenceState[T]) inputGradients(d RecurrentGradients[T]) {
	steps, kernels := s.Batch*s.Time, s.Cell.Gates()*s.Units
	for i, p := range s.spans() {
		if p.n == 0 {
			break
		}
		from := at(s.dgates, p.gates)
		if s.Projected {
			for row := 0; row < steps && d.X != nil; row++ {
				copy(d.X[row*kernels+p.kernel:][:p.n], from[row*s.wide:])
			}
			continue
		}
		if d.Kernel != nil {
			Gemm(Product{M: s.In, N: p.n, K: steps, TransA: true, LDB: s.wide, LDC: kernels}, s.args.X, from, at(d.Kernel, p.kernel), Epilogue[T]{})
		}
		if d.X != nil {
			Gemm(Product{M: steps, N: s.In, K: p.n, TransB: true, LDA: s.wide, LDB: kernels, Accumulate: i > 0}, from, at(s.args.Kernel, p.kernel), d.X, Epilogue[T]{})
		}
	}
}

// stateGradients computes that of the recurrent kernel.
func (s *RecurrenceState[T]) stateGradients(d []T) {
	if d == nil {
		return
	}
	u, kernels := s.Units, s.Cell.Gates()*s.Units
	p := Product{M: u, N: s.Cell.fed() * u, K: s.Batch * s.Time, TransA: true, LDB: s.wide, LDC: kernels}
	if s.args.Keep == nil {
		Gemm(p, s.before, s.dgates, d, Epilogue[T]{})
	}
	p.N = u
	if s.args.Keep != nil {
		p.LDA = kernels
		for i := range s.Cell.fed() {
			Gemm(p, at(s.fed, i*u), at(s.dgates, i*u), d[i*u:], Epilogue[T]{})
		}
	}
	if s.Cell == GRUResetBefore {
		p.LDA = u
		Gemm(p, s.reset, at(s.dgates, 2*u), d[2*u:], Epilogue[T]{})
	}
}

// biasGradient sums over all steps. A GRU has a bias of the input's columns and one of the state's.
func (s *RecurrenceState[T]) biasGradient(d []T) {
	if d == nil {
		return
	}
	steps, kernels := s.Batch*s.Time, s.Cell.Gates()*s.Units
	if s.Cell != GRU {
		Reduce(Sum, d, s.dgates, 1, steps, s.wide)
		return
	}
	Reduce(Sum, s.dbias, s.dgates, 1, steps, s.wide)
	for _, p := range s.spans() {
		copy(d[p.kernel:p.kernel+p.n], s.dbias[p.gates:])
	}
	copy(d[kernels:], s.dbias[:kernels])
}

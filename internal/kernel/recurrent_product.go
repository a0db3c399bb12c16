package kernel

// A gateSpan is columns of a step's memory that come from columns of the kernel.
type gateSpan struct{ gates, kernel, n int }

// spans are the columns that the kernel's are in.
func (s *RecurrenceState[T]) spans() [2]gateSpan {
	u := s.Units
	if s.Cell == GRU {
		return [2]gateSpan{{0, 0, 2 * u}, {3 * u, 2 * u, u}}
	}
	return [2]gateSpan{{0, 0, s.wide}}
}

// project writes what the sums of all steps have from x and from the biases.
func (s *RecurrenceState[T]) project() {
	a, steps, kernels := &s.args, s.Batch*s.Time, s.Cell.Gates()*s.Units
	bias := a.Bias
	if s.Cell == GRU {
		bias = s.joinBias()
		s.fillCandidate()
	}
	for _, p := range s.spans() {
		if p.n == 0 {
			break
		}
		e := Epilogue[T]{}
		if bias != nil {
			e.Bias = bias[p.gates:]
		}
		if s.Projected {
			s.takeProjected(p, e.Bias)
			continue
		}
		Gemm(Product{M: steps, N: p.n, K: s.In, LDB: kernels, LDC: s.wide}, a.X, at(a.Kernel, p.kernel), at(s.gates, p.gates), e)
	}
}

// at is x from an element on; nil of nothing.
func at[T Float](x []T, i int) []T {
	if len(x) <= i {
		return nil
	}
	return x[i:]
}

// joinBias puts a GRU's bias of the input and that of the state into the columns of a step; nil without a bias.
func (s *RecurrenceState[T]) joinBias() []T {
	u, b := s.Units, s.args.Bias
	if b == nil {
		return nil
	}
	for i, v := range b[:2*u] {
		s.bias[i] = v + b[3*u+i]
	}
	copy(s.bias[2*u:3*u], b[5*u:])
	copy(s.bias[3*u:], b[2*u:3*u])
	return s.bias
}

// fillCandidate starts the sums of h·recurrent of a GRU's candidate.
func (s *RecurrenceState[T]) fillCandidate() {
	u, start := s.Units, s.zero
	if s.args.Bias != nil {
		start = s.bias[2*s.Units:]
	}
	for i := range s.Batch * s.Time {
		copy(s.gates[i*s.wide+2*u:][:u], start)
	}
}

// takeProjected copies columns of an x that the kernel is already applied to.
func (s *RecurrenceState[T]) takeProjected(p gateSpan, bias []T) {
	kernels := s.Cell.Gates() * s.Units
	for i := range s.Batch * s.Time {
		x, z := s.args.X[i*kernels+p.kernel:][:p.n], s.gates[i*s.wide+p.gates:][:p.n]
		if bias == nil {
			copy(z, x)
			continue
		}
		zipRow(Add, z, x, bias[:p.n])
	}
}

// drop writes the state that each gate gets at a time.
func (s *RecurrenceState[T]) drop(b, t int) {
	if s.args.Keep == nil {
		return
	}
	u, n := s.Units, s.Cell.Gates()*s.Units
	h, fed, keep := s.row(s.before, b, t, u), s.row(s.fed, b, t, n), s.args.Keep[b*n:]
	for i := 0; i < n; i += u {
		zipRow(Multiply, fed[i:i+u], h, keep[i:i+u])
	}
}

// feed adds the products of the states before a time to the gates' sums.
func (s *RecurrenceState[T]) feed(lo, hi, t int) {
	u, row, kernels := s.Units, lo*s.Time+t, s.Cell.Gates()*s.Units
	p := Product{M: hi - lo, N: s.Cell.fed() * u, K: u, LDA: s.Time * u, LDB: kernels, LDC: s.Time * s.wide, Accumulate: true}
	if s.args.Keep == nil {
		Gemm(p, s.before[row*u:], s.args.Recurrent, s.gates[row*s.wide:], Epilogue[T]{})
		return
	}
	p.N, p.LDA = u, s.Time*kernels
	for i := range s.Cell.fed() {
		Gemm(p, s.fed[row*kernels+i*u:], s.args.Recurrent[i*u:], s.gates[row*s.wide+i*u:], Epilogue[T]{})
	}
}

// zipRow is op on a row, which is never worth a second thread.
func zipRow[T Float](op Binary, z, x, y []T) {
	if isFloat32[T]() {
		zipBlock(op, float32s(z), float32s(x), float32s(y))
		return
	}
	zipLoop(op, z, x[:len(z)], y[:len(z)])
}

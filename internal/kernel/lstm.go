package kernel

// LSTM describes a long short-term memory (Hochreiter and Schmidhuber, 1997) over sequences x[Batch, Time, In], with Keras's
// gates i, f, c, o: kernel [In, 4·Units], recurrent [Units, 4·Units], bias [4·Units].
type LSTM struct {
	Batch, Time, In, Units int
	Backwards              bool       // the steps go from the last time to the first
	ZeroOutputForMask      bool       // a masked step's output is 0; otherwise it is the state carried on
	Activation             Activation // of c and of the output; Keras's default is Tanh
	RecurrentActivation    Activation // of i, f and o; Keras's default is Sigmoid
}

// LSTMState holds the memory of one LSTM: what Forward keeps for Backward. It serves one goroutine at a time.
type LSTMState[T Float] struct {
	LSTM
	gates  []T // [batch, time, 4u], as activated
	before []T // [batch, time, u], h before each step
	cell   []T // [batch, time, u], c after each step
	shaped []T // [batch, time, u], activation(cell)
	zero   []T // [u]
	last   []T // [batch, u], h after the last step where the caller does not want it

	dgates     []T // [batch, time, 4u], made by the first Backward, as are the following
	dh, dc     []T // [batch, u], of the step in hand
	recurrentT []T // [4u, u]

	call lstmCall[T]
}

// lstmCall holds the arguments of the call in hand, for the blocks of the batch.
type lstmCall[T Float] struct {
	seq, hN, cN, recurrent, h0, c0 []T
	dseq, dhN, dcN                 []T
	mask                           []bool
}

// NewLSTM makes the memory for l, except what only Backward needs.
func NewLSTM[T Float](l LSTM) *LSTMState[T] {
	steps := l.Batch * l.Time
	return &LSTMState[T]{
		LSTM:   l,
		gates:  make([]T, steps*4*l.Units),
		before: make([]T, steps*l.Units),
		cell:   make([]T, steps*l.Units),
		shaped: make([]T, steps*l.Units),
		zero:   make([]T, l.Units),
		last:   make([]T, l.Batch*l.Units),
	}
}

// lstmRows is how many sequences of the batch one block takes through all steps.
const lstmRows = 16

// blocks cuts the batch by its size alone.
func (s *LSTMState[T]) blocks() (n, rows int) {
	rows = lstmRows
	if s.Batch < 2*rows {
		rows = max(4, (s.Batch+1)/2)
	}
	return (s.Batch + rows - 1) / rows, rows
}

// time is the time that step k looks at.
func (s *LSTMState[T]) time(k int) int {
	if s.Backwards {
		return s.Time - 1 - k
	}
	return k
}

// row returns row (b, t) of a buffer [batch, time, width].
func (s *LSTMState[T]) row(x []T, b, t, width int) []T {
	at := (b*s.Time + t) * width
	return x[at : at+width : at+width]
}

// Forward writes the outputs seq[batch, time, units] in the order of the steps, as Keras does, and the last states hN, cN
// [batch, units]; any of the three may be nil. Bias, the initial states h0, c0 [batch, units] and mask [batch, time] may be
// nil: zero, and all true. Where mask is false the state is carried over.
func (s *LSTMState[T]) Forward(seq, hN, cN, x, kernel, recurrent, bias, h0, c0 []T, mask []bool) {
	if s.Batch == 0 || s.Units == 0 {
		return
	}
	u := s.Units
	Gemm(Product{M: s.Batch * s.Time, N: 4 * u, K: s.In}, x, kernel, s.gates, Epilogue[T]{Bias: bias})
	s.call = lstmCall[T]{seq: seq, hN: hN, cN: cN, recurrent: recurrent, h0: h0, c0: c0, mask: mask}
	s.parallel(lstmForward32, (*LSTMState[T]).forwardBlock)
	s.call = lstmCall[T]{}
}

// parallel runs a step over the blocks of the batch: in float32 on the pool.
func (s *LSTMState[T]) parallel(body func(*Task, int), serial func(*LSTMState[T], int)) {
	n, _ := s.blocks()
	if !isFloat32[T]() {
		for b := range n {
			serial(s, b)
		}
		return
	}
	t := NewTask()
	t.Arg = s
	Parallel(n, t, body)
	t.Free()
}

func lstmForward32(t *Task, b int)  { t.Arg.(*LSTMState[float32]).forwardBlock(b) }
func lstmBackward32(t *Task, b int) { t.Arg.(*LSTMState[float32]).backwardBlock(b) }

// forwardBlock takes a block of the batch through all steps.
func (s *LSTMState[T]) forwardBlock(block int) {
	_, rows := s.blocks()
	lo, hi := chunk(block, rows, s.Batch)
	u, c := s.Units, &s.call
	for b := lo; b < hi && s.Time > 0; b++ {
		copy(s.row(s.before, b, s.time(0), u), s.initial(c.h0, b))
	}
	for k := range s.Time {
		t := s.time(k)
		if k > 0 || c.h0 != nil {
			at := lo*s.Time + t
			Gemm(Product{M: hi - lo, N: 4 * u, K: u, LDA: s.Time * u, LDC: s.Time * 4 * u, Accumulate: true},
				s.before[at*u:], c.recurrent, s.gates[at*4*u:], Epilogue[T]{})
		}
		for b := lo; b < hi; b++ {
			s.forwardRow(b, k)
		}
	}
	s.lastStates(lo, hi)
}

// initial returns row b of an initial state.
func (s *LSTMState[T]) initial(state []T, b int) []T {
	if state == nil {
		return s.zero
	}
	return state[b*s.Units : (b+1)*s.Units]
}

// cellBefore returns the cell state that step k of sequence b starts from.
func (s *LSTMState[T]) cellBefore(b, k int) []T {
	if k == 0 {
		return s.initial(s.call.c0, b)
	}
	return s.row(s.cell, b, s.time(k-1), s.Units)
}

// forwardRow is step k of sequence b, from the gates' sums on.
func (s *LSTMState[T]) forwardRow(b, k int) {
	u, t, c := s.Units, s.time(k), &s.call
	h := s.last[b*u : (b+1)*u]
	if k+1 < s.Time {
		h = s.row(s.before, b, s.time(k+1), u)
	} else if c.hN != nil {
		h = c.hN[b*u : (b+1)*u]
	}
	cPrev, cell := s.cellBefore(b, k), s.row(s.cell, b, t, u)
	if c.mask != nil && !c.mask[b*s.Time+t] {
		copy(h, s.row(s.before, b, t, u))
		copy(cell, cPrev)
		if c.seq != nil {
			copy(s.row(c.seq, b, k, u), s.maskedOutput(h))
		}
		return
	}
	s.gateRow(s.row(s.gates, b, t, 4*u), cPrev, cell, s.row(s.shaped, b, t, u), h)
	if c.seq != nil {
		copy(s.row(c.seq, b, k, u), h)
	}
}

func (s *LSTMState[T]) maskedOutput(h []T) []T {
	if s.ZeroOutputForMask {
		return s.zero
	}
	return h
}

func (s *LSTMState[T]) lastStates(lo, hi int) {
	u, c := s.Units, &s.call
	for b := lo; b < hi; b++ {
		if c.cN != nil {
			copy(c.cN[b*u:(b+1)*u], s.cellBefore(b, s.Time))
		}
		if s.Time == 0 && c.hN != nil {
			copy(c.hN[b*u:(b+1)*u], s.initial(c.h0, b))
		}
	}
}

// keras reports whether the activations are Keras's defaults, which have kernels of their own.
func (s *LSTMState[T]) keras() bool { return s.Activation == Tanh && s.RecurrentActivation == Sigmoid }

// gateRow activates the gates z[4u] in place and writes cell, shaped = activation(cell) and h, [u] each.
func (s *LSTMState[T]) gateRow(z, cPrev, cell, shaped, h []T) {
	u := s.Units
	if isFloat32[T]() && s.keras() {
		if f := vector().lstmForward; f != nil {
			z, p, c, a, h := float32s(z), float32s(cPrev), float32s(cell), float32s(shaped), float32s(h)
			f(&z[0], &p[0], &c[0], &a[0], &h[0], u)
			return
		}
	}
	i, f, g, o := z[:u], z[u:2*u], z[2*u:3*u], z[3*u:4*u]
	activateRow(s.RecurrentActivation, z[:2*u])
	activateRow(s.Activation, g)
	activateRow(s.RecurrentActivation, o)
	for j, p := range cPrev[:u] {
		cell[j] = f[j]*p + i[j]*g[j]
	}
	copy(shaped, cell)
	activateRow(s.Activation, shaped)
	for j, v := range shaped[:u] {
		h[j] = o[j] * v
	}
}

func activateRow[T Float](a Activation, y []T) {
	op := ReluOp
	switch a {
	case Linear:
		return
	case Sigmoid:
		op = SigmoidOp
	case Tanh:
		op = TanhOp
	}
	if isFloat32[T]() {
		mapBlock(op, float32s(y), float32s(y))
		return
	}
	mapLoop(op, y, y)
}

package kernel

// A Cell is what a recurrence does in a step.
type Cell uint8

// The cells, with Keras's order of gates. SimpleRNN has one gate, GRU has z, r and the candidate, LSTM has i, f, c and o.
const (
	SimpleRNN      Cell = iota // Elman, 1990
	GRU                        // Cho et al., 2014, with r applied to h·recurrent, as cuDNN has it
	GRUResetBefore             // the same, with r applied to h
	LSTM                       // Hochreiter and Schmidhuber, 1997
)

// Gates is how many products of a step's input, and of the state, a cell has.
func (c Cell) Gates() int { return [...]int{SimpleRNN: 1, GRU: 3, GRUResetBefore: 3, LSTM: 4}[c] }

// columns is how many columns of a step's memory a cell has per unit. That of a GRU holds z, r, h·recurrent and x·kernel of the
// candidate, so that all that the state is multiplied by is side by side.
func (c Cell) columns() int { return [...]int{SimpleRNN: 1, GRU: 4, GRUResetBefore: 3, LSTM: 4}[c] }

// fed is how many gates of a step the state is multiplied by at once.
func (c Cell) fed() int { return [...]int{SimpleRNN: 1, GRU: 3, GRUResetBefore: 2, LSTM: 4}[c] }

// A Recurrence describes a recurrent layer over sequences x[Batch, Time, In].
type Recurrence struct {
	Cell                   Cell
	Batch, Time, In, Units int
	Backwards              bool           // the steps go from the last time to the first
	ZeroOutputForMask      bool           // a masked step's output is 0; otherwise it is the state carried on
	Projected              bool           // x is what it would be after the kernel, [Batch, Time, gates·Units]
	Activation             CellActivation // of the candidate, and of an LSTM's output; Keras's default is tanh
	RecurrentActivation    CellActivation // of the other gates; Keras's default is sigmoid
}

// RecurrentArgs are a recurrence's arguments: x, kernel [In, gates·Units], recurrent [Units, gates·Units], bias [gates·Units], or
// [2, gates·Units] for GRU, the states before the first step [Batch, Units], and mask [Batch, Time]; where mask is false the state is
// carried over. Keep [Batch, gates·Units] is multiplied to the state, before it is multiplied by the weights of each gate. Bias, states,
// Keep and mask may be nil: zero, 1, and all true.
type RecurrentArgs[T Float] struct {
	X, Kernel, Recurrent, Bias []T
	H, C, Keep                 []T
	Mask                       []bool
}

// RecurrentResults are the outputs [Batch, Time, Units] in the order of the steps, as Keras has them, and the states after the last
// step [Batch, Units]. Any may be nil.
type RecurrentResults[T Float] struct{ Seq, H, C []T }

// RecurrenceState holds the memory of one recurrence: what Forward keeps for Backward. It serves one goroutine at a time.
type RecurrenceState[T Float] struct {
	Recurrence
	wide   int // columns of gates
	gates  []T // [batch, time, wide], as activated
	sums   []T // [batch, time, wide], before the activation, where its derivative needs that
	before []T // [batch, time, u], h before each step
	fed    []T // [batch, time, gates·u], h as each gate gets it, where Keep makes a difference
	reset  []T // [batch, time, u], r·h of a GRUResetBefore
	cell   []T // [batch, time, u], an LSTM's c after each step
	shaped []T // [batch, time, u], activation(cell)
	zero   []T // [u]
	last   []T // [batch, u], h after the last step where the caller does not want it
	bias   []T // [wide], a GRU's two biases together

	dgates     []T // [batch, time, wide], made by the first Backward, as are the following
	dh, dc     []T // [batch, u], of the step in hand
	dfed       []T // [batch, u], the gradient of what one gate got
	recurrentT []T // [gates·u, u]
	dbias      []T // [wide]

	args RecurrentArgs[T]    // of the call in hand, for the blocks of the batch
	out  RecurrentResults[T] // the same, or their gradients
}

// NewRecurrence makes the memory for r, except what only Backward needs.
func NewRecurrence[T Float](r Recurrence) *RecurrenceState[T] {
	steps, u := r.Batch*r.Time, r.Units
	s := &RecurrenceState[T]{
		Recurrence: r,
		wide:       r.Cell.columns() * u,
		before:     make([]T, steps*u),
		zero:       make([]T, u),
		last:       make([]T, r.Batch*u),
	}
	s.gates = make([]T, steps*s.wide)
	if !r.Activation.fromResult() || !r.RecurrentActivation.fromResult() {
		s.sums = make([]T, steps*s.wide)
	}
	switch r.Cell {
	case LSTM:
		s.cell, s.shaped = make([]T, steps*u), make([]T, steps*u)
	case GRUResetBefore:
		s.reset = make([]T, steps*u)
	case GRU:
		s.bias = make([]T, s.wide)
	}
	return s
}

// recurrentRows is how many sequences of the batch one block takes through all steps.
const recurrentRows = 16

// blocks cuts the batch by its size alone.
func (s *RecurrenceState[T]) blocks() (n, rows int) {
	rows = recurrentRows
	if s.Batch < 2*rows {
		rows = max(4, (s.Batch+1)/2)
	}
	return (s.Batch + rows - 1) / rows, rows
}

// time is the time that step k looks at.
func (s *RecurrenceState[T]) time(k int) int {
	if s.Backwards {
		return s.Time - 1 - k
	}
	return k
}

// row returns row (b, t) of a buffer [batch, time, width]; nil of none.
func (s *RecurrenceState[T]) row(x []T, b, t, width int) []T {
	if x == nil {
		return nil
	}
	at := (b*s.Time + t) * width
	return x[at : at+width : at+width]
}

// masked reports whether a sequence has no step at a time.
func (s *RecurrenceState[T]) masked(b, t int) bool {
	return s.args.Mask != nil && !s.args.Mask[b*s.Time+t]
}

// Forward computes out from a. Backward needs the arguments again.
func (s *RecurrenceState[T]) Forward(out RecurrentResults[T], a RecurrentArgs[T]) {
	if s.Batch == 0 || s.Units == 0 {
		return
	}
	if a.Keep != nil && s.fed == nil {
		s.fed = make([]T, s.Batch*s.Time*s.Cell.Gates()*s.Units)
	}
	s.args, s.out = a, out
	s.project()
	s.parallel(recurrentForward32, (*RecurrenceState[T]).forwardBlock)
	s.args, s.out = RecurrentArgs[T]{}, RecurrentResults[T]{}
}

// parallel runs a step over the blocks of the batch: in float32 on the pool.
func (s *RecurrenceState[T]) parallel(body func(*Task, int), serial func(*RecurrenceState[T], int)) {
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

func recurrentForward32(t *Task, b int)  { t.Arg.(*RecurrenceState[float32]).forwardBlock(b) }
func recurrentBackward32(t *Task, b int) { t.Arg.(*RecurrenceState[float32]).backwardBlock(b) }

// forwardBlock takes a block of the batch through all steps.
func (s *RecurrenceState[T]) forwardBlock(block int) {
	_, rows := s.blocks()
	lo, hi := chunk(block, rows, s.Batch)
	for b := lo; b < hi && s.Time > 0; b++ {
		copy(s.row(s.before, b, s.time(0), s.Units), s.initial(s.args.H, b))
		s.drop(b, s.time(0))
	}
	for k := range s.Time {
		t := s.time(k)
		if k > 0 || s.args.H != nil {
			s.feed(lo, hi, t)
		}
		if s.Cell == GRUResetBefore {
			s.resetRows(lo, hi, k)
		}
		for b := lo; b < hi; b++ {
			s.forwardRow(b, k)
		}
	}
	s.lastStates(lo, hi)
}

// initial returns row b of an initial state.
func (s *RecurrenceState[T]) initial(state []T, b int) []T {
	if state == nil {
		return s.zero
	}
	return state[b*s.Units : (b+1)*s.Units]
}

// after returns where the state after step k of sequence b goes: before the next step, or out.
func (s *RecurrenceState[T]) after(b, k int) []T {
	u := s.Units
	switch {
	case k+1 < s.Time:
		return s.row(s.before, b, s.time(k+1), u)
	case s.out.H != nil:
		return s.out.H[b*u : (b+1)*u]
	}
	return s.last[b*u : (b+1)*u]
}

// forwardRow is step k of sequence b, from the gates' sums on.
func (s *RecurrenceState[T]) forwardRow(b, k int) {
	u, t := s.Units, s.time(k)
	h, hPrev := s.after(b, k), s.row(s.before, b, t, u)
	y := h
	if s.masked(b, t) {
		copy(h, hPrev)
		copy(s.row(s.cell, b, t, u), s.cellBefore(b, k))
		if s.ZeroOutputForMask {
			y = s.zero
		}
	} else {
		s.step(b, k, hPrev, h)
	}
	if s.out.Seq != nil {
		copy(s.row(s.out.Seq, b, k, u), y)
	}
	if k+1 < s.Time {
		s.drop(b, s.time(k+1))
	}
}

// step computes the state h after step k of sequence b.
func (s *RecurrenceState[T]) step(b, k int, hPrev, h []T) {
	t := s.time(k)
	z, sums := s.row(s.gates, b, t, s.wide), s.row(s.sums, b, t, s.wide)
	switch s.Cell {
	case LSTM:
		s.lstmForward(z, sums, s.cellBefore(b, k), s.row(s.cell, b, t, s.Units), s.row(s.shaped, b, t, s.Units), h)
	case GRU, GRUResetBefore:
		s.gruForward(z, sums, hPrev, h)
	default:
		copy(sums, z)
		activateRow(s.Activation, z)
		copy(h, z)
	}
}

func (s *RecurrenceState[T]) lastStates(lo, hi int) {
	u := s.Units
	for b := lo; b < hi; b++ {
		if s.out.C != nil {
			copy(s.out.C[b*u:(b+1)*u], s.cellBefore(b, s.Time))
		}
		if s.Time == 0 && s.out.H != nil {
			copy(s.out.H[b*u:(b+1)*u], s.initial(s.args.H, b))
		}
	}
}

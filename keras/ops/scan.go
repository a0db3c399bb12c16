package ops

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A ScanFunction is one step of a [Scan]: from what the steps before handed on and this step's part of each sequence it makes what it hands on to the
// next and its part of each result.
type ScanFunction func(carry, x []Tensor) (next, y []Tensor)

// ScanOptions are what [Scan] needs beside its tensors.
type ScanOptions struct {
	Length  int  // number of steps; needed where there are no sequences only
	Reverse bool // begin with the last step; results stay in the order of the sequences
}

// Scan repeats a step over sequences, whose first axis is the time, as keras.ops.scan does: carry is what the last step handed on, ys are the results of all
// steps, stacked along a new first axis. init is handed to the first step, and fixes shapes and types. All sizes must be known.
//
// step is recorded once and compiled as a program of its own, which runs at each step, so that a long sequence costs no larger graph than a short one. It may
// read any tensor from outside. Its gradient keeps what was carried and computes each step again.
func Scan(step ScanFunction, init, xs []Tensor, o ScanOptions) (carry, ys []Tensor) {
	b, err := recordScan(step, init, xs, o)
	if err != nil {
		return failAll(err, len(init)), failAll(err, 1)
	}
	r := applyAll(&scan{b}, slices.Concat(init, xs, b.outer)...)
	if err := r[0].Err(); err != nil {
		return failAll(err, len(init)), failAll(err, len(b.y))
	}
	n := len(init)
	return r[:n], r[n : n+len(b.y)]
}

func failAll(err error, n int) []Tensor {
	ts := make([]Tensor, n)
	for i := range ts {
		ts[i] = Fail("", err)
	}
	return ts
}

// A scanBody is a recorded step: what its placeholders stand for and what it computes.
type scanBody struct {
	path        string
	length      int
	reverse     bool
	carry, x    []Tensor // placeholders of what is handed on and of a step's parts
	outer       []Tensor // what the step reads from outside
	captured    []Tensor // placeholders, one for each of outer
	next, y     []Tensor
	sequences   []Spec // of xs
	initialized []Spec // of init
}

// inputs are the placeholders in the order of the operation's inputs.
func (b *scanBody) inputs() []Tensor { return slices.Concat(b.carry, b.x, b.captured) }

func recordScan(step ScanFunction, init, xs []Tensor, o ScanOptions) (*scanBody, error) {
	b := &scanBody{path: deepest(slices.Concat(init, xs)), length: o.Length, reverse: o.Reverse}
	for _, t := range init {
		if err := t.Err(); err != nil {
			return nil, err
		}
		s := t.Spec()
		b.initialized = append(b.initialized, s)
		b.carry = append(b.carry, Placeholder("carry", s.DType, s.Shape...).In(t.path))
	}
	for i, t := range xs {
		if err := t.Err(); err != nil {
			return nil, err
		}
		s := t.Spec()
		if len(s.Shape) == 0 {
			return nil, b.errorf("sequence %d has no axes: expected the time as its first", i)
		}
		if i == 0 && b.length == 0 {
			b.length = s.Shape[0]
		}
		if s.Shape[0] != b.length {
			return nil, b.errorf("sequence %d of shape %v: expected %d steps", i, s.Shape, b.length)
		}
		b.sequences = append(b.sequences, s)
		b.x = append(b.x, Placeholder("x", s.DType, s.Shape[1:]...).In(t.path))
	}
	if b.length != Unknown && b.length < 1 {
		return nil, b.errorf("expected at least one sequence, or a length")
	}
	next, y := step(slices.Clone(b.carry), slices.Clone(b.x))
	return b, b.close(next, y)
}

func (b *scanBody) errorf(format string, args ...any) error {
	return located(b.path, "scan", errors.Errorf(format, args...))
}

// close checks what a step has made and cuts it off from what it reads from outside.
func (b *scanBody) close(next, y []Tensor) error {
	if len(next) != len(b.carry) {
		return b.errorf("the step hands on %d tensors, but gets %d", len(next), len(b.carry))
	}
	for _, t := range slices.Concat(next, y) {
		if err := t.Err(); err != nil {
			return err
		}
	}
	for i, t := range next {
		if got, want := t.Spec(), b.initialized[i]; got.DType != want.DType || !agree(got.Shape, want.Shape) {
			return b.errorf("the step hands on %s %v, but gets %s %v", got.DType, got.Shape, want.DType, want.Shape)
		}
	}
	roots := b.cut(slices.Concat(next, y))
	b.next, b.y = roots[:len(next)], roots[len(next):]
	return nil
}

// cut records again what depends on the step's placeholders and puts a placeholder in the place of all else, but for constants.
func (b *scanBody) cut(roots []Tensor) []Tensor {
	own := map[*node]bool{}
	for _, t := range slices.Concat(b.carry, b.x) {
		own[t.node] = true
	}
	nodes := order(roots, func(*node) bool { return false })
	for _, n := range nodes {
		if slices.ContainsFunc(n.in, func(t Tensor) bool { return own[t.node] }) {
			own[n] = true
		}
	}
	made := map[*node][]Tensor{}
	inside := func(t Tensor) Tensor {
		if _, ok := t.node.op.(*constant); ok || own[t.node] && made[t.node] == nil {
			return t
		}
		if own[t.node] {
			return made[t.node][t.index].In(t.path)
		}
		return b.capture(t)
	}
	for _, n := range nodes {
		if _, ok := n.op.(leaf); ok || !own[n] {
			continue
		}
		op := n.op
		if r, ok := op.(renewed); ok {
			op = r.renew()
		}
		in := make([]Tensor, len(n.in))
		for i, t := range n.in {
			in[i] = inside(t).In(n.path)
		}
		made[n] = applyAll(op, in...)
	}
	for i, t := range roots {
		roots[i] = inside(t)
	}
	return roots
}

// capture is the placeholder of a tensor from outside.
func (b *scanBody) capture(t Tensor) Tensor {
	for i, o := range b.outer {
		if o.Same(t) {
			return b.captured[i]
		}
	}
	s := t.Spec()
	b.outer = append(b.outer, t)
	b.captured = append(b.captured, Placeholder("captured", s.DType, s.Shape...))
	return b.captured[len(b.captured)-1]
}

// A scan has the inputs init, xs and what its step reads from outside. Its results are what the last step hands on, the results of all steps, and, for the
// gradient, what each step got, stacked.
type scan struct{ *scanBody }

func (o *scan) name() string { return "scan" }

func (o *scan) infer(in []Spec) ([]Spec, error) {
	for i, t := range o.inputs() {
		want := t.Spec()
		if k := i - len(o.carry); k >= 0 && k < len(o.x) {
			want = o.sequences[k]
		}
		if !slices.Equal(in[i].Shape, want.Shape) || in[i].DType != want.DType {
			return nil, errors.Errorf("input %d is %s %v, but the step was recorded for %s %v: use Scan within a layer, which is recorded for each shape",
				i, in[i].DType, in[i].Shape, want.DType, want.Shape)
		}
	}
	out := slices.Clone(o.initialized)
	for _, t := range o.y {
		out = append(out, o.stacked(t.Spec()))
	}
	for _, s := range o.initialized {
		out = append(out, o.stacked(s))
	}
	return out, nil
}

func (b *scanBody) stacked(s Spec) Spec {
	return Spec{Shape: slices.Concat([]int{b.length}, s.Shape), DType: s.DType}
}

func (o *scan) auxiliary() int { return len(o.carry) }

// at is the place in a sequence of the k-th step that is computed.
func (b *scanBody) at(k int) int {
	if b.reverse {
		return b.length - 1 - k
	}
	return k
}

func (o *scan) bind(c *binding) func() error {
	p, err := c.compileInner(Options{Inputs: o.inputs(), Outputs: slices.Concat(o.next, o.y)})
	if err != nil {
		return func() error { return err }
	}
	n, m := len(o.carry), len(o.carry)+len(o.x)
	carry, x, outer := p.fed[:n], p.fed[n:m], p.fed[m:]
	next, y := p.results[:n], p.results[n:]
	last, ys, history := c.out[:n], c.out[n:n+len(o.y)], c.out[n+len(o.y):]
	staged := c.own(o.initialized)
	return func() error {
		copyAll(carry, c.in[:n])
		copyAll(outer, c.in[m:])
		for k := range o.length {
			t := o.at(k)
			o.read(x, c.in[n:m], t)
			o.write(history, carry, t)
			if err := p.run(); err != nil {
				return err
			}
			o.write(ys, y, t)
			copyAll(staged, next) // What is handed on may be another of the tensors that came in.
			copyAll(carry, staged)
		}
		copyAll(last, carry)
		return nil
	}
}

// read takes parts of the t-th step out of sequences, write puts them in.
func (b *scanBody) read(parts, sequences []buffer, t int) {
	for i, p := range parts {
		p.copyFrom(sequences[i].row(t, b.length))
	}
}

func (b *scanBody) write(sequences, parts []buffer, t int) {
	for i, p := range parts {
		sequences[i].row(t, b.length).copyFrom(p)
	}
}

// An innerProgram runs within another: as buffers, what it is fed with and what it computes.
type innerProgram struct {
	steps                 []*step
	fed, results, derived []buffer
}

// run does what [Program.Run] does, by the order that the rehearsal found: the machine's own work is worth its while once in a run, not at each step.
func (p *innerProgram) run() error {
	for _, s := range p.steps {
		if err := s.do(); err != nil {
			return err
		}
	}
	return nil
}

// compileInner compiles while the program that it is for is being built, and computes in the same type.
func (c *binding) compileInner(o Options) (*innerProgram, error) {
	o.Float = c.float
	r, err := newRequest(o)
	if err != nil {
		return nil, err
	}
	p, err := r.compile()
	if err != nil {
		return nil, err
	}
	*c.bytes += p.bytes
	return &innerProgram{p.steps, buffersOf(p.inputs), buffersOf(p.outputs), buffersOf(p.gradients)}, nil
}

// own is memory that an operation takes for itself.
func (c *binding) own(specs []Spec) []buffer {
	bs := make([]buffer, len(specs))
	for i, s := range specs {
		bs[i] = newBuffer(s, c.float)
		*c.bytes += bytesOf(s, c.float)
	}
	return bs
}

// DependsOn reports whether t is computed from any of given, or is one of them: whether it can be computed outside of the step that they belong to.
func DependsOn(t Tensor, given ...Tensor) bool {
	nodes := order([]Tensor{t}, func(*node) bool { return false })
	return slices.ContainsFunc(given, func(g Tensor) bool { return slices.Contains(nodes, g.node) })
}

// buffersOf are the memory of arrays; that of a nil array is empty.
func buffersOf(arrays []*tensor.Dense) []buffer {
	bs := make([]buffer, len(arrays))
	for i, a := range arrays {
		if a == nil {
			continue
		}
		switch a.Dtype() {
		case tensor.Float32:
			bs[i].f32 = a.Float32s()
		case tensor.Float64:
			bs[i].f64 = a.Float64s()
		case tensor.Int32:
			bs[i].i32 = a.Int32s()
		case tensor.Bool:
			bs[i].bool = a.Bools()
		}
	}
	return bs
}

// row is the t-th of n equal parts of a buffer; empty where the buffer has no memory.
func (b buffer) row(t, n int) buffer {
	return buffer{f32: share(b.f32, t, n), f64: share(b.f64, t, n), i32: share(b.i32, t, n), bool: share(b.bool, t, n)}
}

func share[T any](v []T, t, n int) []T {
	size := len(v) / n
	return v[t*size : (t+1)*size]
}

func (b buffer) copyFrom(from buffer) {
	copy(b.f32, from.f32)
	copy(b.f64, from.f64)
	copy(b.i32, from.i32)
	copy(b.bool, from.bool)
}

func copyAll(to, from []buffer) {
	for i := range to {
		to[i].copyFrom(from[i])
	}
}

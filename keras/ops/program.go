package ops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Options say what a program takes and computes.
type Options struct {
	// Inputs are the placeholders, in the order of [Program.Inputs].
	Inputs []Tensor
	// Outputs are read from [Program.Outputs] after a run.
	Outputs []Tensor
	// Loss, with one element, is what gradients are computed of; needed with WithRespectTo only.
	Loss Tensor
	// WithRespectTo are variables, placeholders or inner tensors whose gradients are wanted.
	WithRespectTo []Tensor
	// Updates are the variables that change with a run.
	Updates []Update
	// Float is the type that the program computes in: Float32 (the default), or Float64, on the generic kernels, for tests.
	Float DType
}

// An Update makes a variable's next value an output of a program; [Program.Commit] stores it.
type Update struct {
	Variable *Variable
	Value    Tensor
}

// A Program computes what was recorded, any number of times. One goroutine at a time may use it.
type Program struct {
	float     DType
	steps     []*step
	machine   *machine
	inputs    []*tensor.Dense
	outputs   []*tensor.Dense
	gradients []*tensor.Dense
	updates   []pending
	variables map[*Variable]*tensor.Dense
	bytes     int
	graph     *gorgonia.ExprGraph
}

type pending struct {
	variable *Variable
	value    *tensor.Dense
}

// attempts bounds how often a program is lowered again because two of its nodes had the same hash.
const attempts = 8

// Compile turns a record into a program: it fuses, lowers to a Gorgonia graph, differentiates it once, compiles it for Gorgonia's
// tape machine and plans the memory. It fails with the first error in the record, or where a size is unknown.
func Compile(o Options) (*Program, error) {
	if o.Float == "" {
		o.Float = Float32
	}
	if o.Float != Float32 && o.Float != Float64 {
		return nil, errors.Errorf("ops: a program computes in float32 or float64, not in %s", o.Float)
	}
	r, err := newRequest(o)
	if err != nil {
		return nil, err
	}
	building.Lock()
	defer building.Unlock()
	return r.compile()
}

// compile builds a program, which must be done one at a time.
func (r *request) compile() (*Program, error) {
	for salt := range attempts {
		p, collided, err := r.build(salt)
		if err != nil {
			return nil, err
		}
		if !collided {
			return p, nil
		}
	}
	return nil, errors.Errorf("ops: Gorgonia merged different nodes in %d attempts", attempts)
}

// Inputs are the arrays to fill before a run, in the order of [Options.Inputs]. Scalars have shape (1).
func (p *Program) Inputs() []*tensor.Dense { return p.inputs }

// Outputs are the arrays that hold the results after a run, in the order of [Options.Outputs]; the next run overwrites them.
func (p *Program) Outputs() []*tensor.Dense { return p.outputs }

// Gradients are those of the loss, in the order of [Options.WithRespectTo]; nil for what the loss does not depend on.
func (p *Program) Gradients() []*tensor.Dense { return p.gradients }

// Variable is the memory of a variable as the program sees it: the variable's own, or, in a float64 program, a copy made when the
// program was compiled. It is nil for a variable that the program does not read.
func (p *Program) Variable(v *Variable) *tensor.Dense { return p.variables[v] }

// Bytes is the memory of the program's intermediate values and inputs.
func (p *Program) Bytes() int { return p.bytes }

// Run computes everything once. Nothing that outlives the program changes before [Program.Commit].
func (p *Program) Run() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.Errorf("ops: panic in a run: %v", r)
		}
	}()
	err = p.machine.run()
	var ours *stepError
	if errors.As(unwrapGorgonia(err), &ours) {
		return ours.error
	}
	return err
}

// unwrapGorgonia is the cause of an error of Gorgonia's machine, which keeps it where errors.As does not look.
func unwrapGorgonia(err error) error {
	var e interface{ Err() error }
	if errors.As(err, &e) {
		return e.Err()
	}
	return err
}

// Commit stores the updated values into their variables, in the order of [Options.Updates].
func (p *Program) Commit() {
	for _, u := range p.updates {
		switch u.variable.spec.DType {
		case Int32:
			copy(u.variable.value.Int32s(), u.value.Int32s())
		case Bool:
			copy(u.variable.value.Bools(), u.value.Bools())
		default:
			_ = CopyFloat32s(u.variable.value.Float32s(), u.value, 0)
		}
	}
}

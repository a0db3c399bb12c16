package keras

import (
	"cmp"
	"math/rand/v2"
	"reflect"
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A recording is a step that can be compiled for any shapes of its inputs.
type recording struct {
	define func(s *Step, in ...ops.Tensor) ops.Tensor
	// weights are those whose gradients are wanted.
	weights func(s *Step) []*layers.Weight
	seed    uint64
	scaled  bool // what is differentiated is the loss times a number that stands behind the random stream among the inputs
	// built says that all layers have their weights, and must not ask for others.
	built bool
}

// stepInfo is what is known about a step's program.
type stepInfo struct {
	outputs    map[string]int
	parameters []optimizers.Parameter
	weights    []*layers.Weight
	inputs     int // behind which stands the random stream
	models     []*Model
	scored     []scored        // what metrics see of each output; nil: not looked for yet
	losses     []*tensor.Dense // of the outputs that have one, where several have
}

// compile records the function for inputs of known shape.
func (f *recording) compile(specs []ops.Spec) (*prepared, error) {
	if f.define == nil {
		return nil, errors.New("keras: expected a function that records the step, got nil")
	}
	if f.seed == 0 {
		f.seed = rand.Uint64() | 1
	}
	s, loss, in := f.trace(specs, f.built)
	if err := s.err(loss); err != nil {
		return nil, errors.Wrap(err, "keras: build")
	}
	if len(s.trace.Declared()) > 0 {
		if err := s.trace.Commit(f.seed); err != nil {
			return nil, errors.Wrap(err, "keras: build")
		}
		s, loss, in = f.trace(specs, true)
	}
	info := &stepInfo{outputs: map[string]int{}, inputs: len(specs), models: modelsIn(s.called)}
	o := ops.Options{Inputs: in, Updates: s.trace.Updates}
	for _, name := range s.names {
		info.outputs[name] = len(o.Outputs)
		o.Outputs = append(o.Outputs, s.outputs[name])
	}
	if loss.Valid() {
		f.addLoss(&o, s, loss, info)
	}
	p, err := ops.Compile(o)
	if err != nil {
		return nil, errors.Wrap(err, "keras: build")
	}
	info.parameters = parametersOf(p, info.weights)
	return &prepared{Program: p, info: info}, nil
}

// addLoss asks for the whole loss, as the last output, and its gradients.
func (f *recording) addLoss(o *ops.Options, s *Step, loss ops.Tensor, info *stepInfo) {
	if extra := s.Losses(); extra.Valid() {
		loss = ops.Add(loss, extra)
	}
	o.Loss, o.Outputs = loss, append(o.Outputs, loss)
	if f.scaled {
		o.Loss = ops.Multiply(loss, o.Inputs[info.inputs+1])
	}
	if f.weights != nil {
		info.weights = f.weights(s)
	}
	for _, w := range info.weights {
		o.WithRespectTo = append(o.WithRespectTo, w.Tensor())
	}
	o.WithRespectTo = append(o.WithRespectTo, s.watched...)
}

// err is the first error of the recording.
func (s *Step) err(loss ops.Tensor) error {
	if err := s.trace.Err(); err != nil {
		return err
	}
	if err := oneNumber("the loss", loss); err != nil {
		return err
	}
	for _, l := range s.trace.Losses {
		if err := oneNumber("an added loss", l); err != nil {
			return err
		}
	}
	for _, name := range s.names {
		if err := s.outputs[name].Err(); err != nil {
			return err
		}
	}
	return nil
}

// oneNumber makes sure that a loss, where there is one, is a single number.
func oneNumber(what string, loss ops.Tensor) error {
	if !loss.Valid() {
		return nil
	}
	if err := loss.Err(); err != nil {
		return err
	}
	for _, d := range loss.Shape() {
		if d != 1 {
			return errors.Errorf("%s has shape %v: expected a single number, such as its mean", what, loss.Shape())
		}
	}
	return nil
}

func (f *recording) trace(specs []ops.Spec, sealed bool) (*Step, ops.Tensor, []ops.Tensor) {
	s := &Step{outputs: map[string]ops.Tensor{}}
	s.trace.Sealed = sealed
	var in []ops.Tensor
	for _, spec := range specs {
		in = append(in, ops.Placeholder("input", spec.DType, spec.Shape...))
	}
	s.stream = ops.Placeholder("stream", ops.Int32, 2)
	loss := f.call(s, in)
	in = append(in, s.stream)
	if f.scaled {
		in = append(in, ops.Placeholder("loss_scale", ops.Float32))
	}
	return s, loss, in
}

// call runs the function. A panic in it is an error of what it was to return.
func (f *recording) call(s *Step, in []ops.Tensor) (loss ops.Tensor) {
	defer func() {
		if p := recover(); p != nil {
			loss = ops.Fail("", errors.Errorf("panic in the step's function: %v", p))
		}
	}()
	return f.define(s, in...)
}

// modelsIn lists the models in the order in which all steps lock them, so that no two steps wait for each other.
func modelsIn(parts []layers.Part) []*Model {
	var ms []*Model
	for _, p := range parts {
		if m, ok := p.(*Model); ok {
			ms = append(ms, m)
		}
	}
	slices.SortFunc(ms, func(a, b *Model) int { return cmp.Compare(reflect.ValueOf(a).Pointer(), reflect.ValueOf(b).Pointer()) })
	return ms
}

// parametersOf pairs weights with their gradients in a program. A weight that the loss does not depend on has none.
func parametersOf(p *ops.Program, ws []*layers.Weight) []optimizers.Parameter {
	ps := make([]optimizers.Parameter, len(ws))
	for i, w := range ws {
		ps[i] = optimizers.Parameter{Path: w.Path, Shape: w.Shape(), Value: w.Float32s()}
		if ps[i].Shape == nil {
			ps[i].Shape = []int{}
		}
		if g := p.Gradients()[i]; g != nil {
			ps[i].Gradient = g.Float32s()
		}
	}
	return ps
}

package keras

import (
	"context"
	"slices"
	"sync"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A Step is the recording of one training step: what the function given to [NewStep] says with it is compiled once per shape of the
// inputs.
type Step struct {
	trace   layers.Trace
	outputs map[string]ops.Tensor
	names   []string // of the outputs, in the order in which they were given
	watched []ops.Tensor
	called  []layers.Part
	stream  ops.Tensor
	drawn   int32
}

// Call applies a layer or model in training mode. One that is not built yet gets its weights here.
func (s *Step) Call(l layers.Layer, x ops.Tensor) ops.Tensor { return s.apply(l, true, x) }

// Infer applies a layer or model in inference mode.
func (s *Step) Infer(l layers.Layer, x ops.Tensor) ops.Tensor { return s.apply(l, false, x) }

func (s *Step) apply(l layers.Layer, training bool, x ops.Tensor) ops.Tensor {
	return s.applyAll(l, training, func(b *layers.Builder) []ops.Tensor { return []ops.Tensor{b.Apply(l, x)} }, x)[0]
}

// CallAll applies a layer or model of several inputs or outputs in training mode.
func (s *Step) CallAll(l layers.MultiLayer, xs ...ops.Tensor) []ops.Tensor {
	return s.applyAll(l, true, func(b *layers.Builder) []ops.Tensor { return b.ApplyAll(l, xs...) }, xs...)
}

// InferAll applies a layer or model of several inputs or outputs in inference mode.
func (s *Step) InferAll(l layers.MultiLayer, xs ...ops.Tensor) []ops.Tensor {
	return s.applyAll(l, false, func(b *layers.Builder) []ops.Tensor { return b.ApplyAll(l, xs...) }, xs...)
}

// applyAll applies a layer. A model's layers are named from the model on, as when it is trained by itself.
func (s *Step) applyAll(p layers.Part, training bool, call func(*layers.Builder) []ops.Tensor, xs ...ops.Tensor) []ops.Tensor {
	if !slices.Contains(s.called, p) {
		s.called = append(s.called, p)
	}
	m, ok := p.(*Model)
	if !ok {
		return call(layers.NewBuilder(&s.trace, &single{part: p}, "", training))
	}
	return m.CallAll(layers.NewBuilder(&s.trace, m, "", training), xs...)
}

// AddLoss adds a tensor without axes to the loss that the function returns. Losses of layers and regularizers are added anyway.
func (s *Step) AddLoss(loss ops.Tensor) { s.trace.Losses = append(s.trace.Losses, loss) }

// Losses is the sum of what layers and regularizers have added to the loss so far; not Valid where nothing was.
func (s *Step) Losses() ops.Tensor {
	var sum ops.Tensor
	for _, l := range s.trace.Losses {
		if !sum.Valid() {
			sum = l
			continue
		}
		sum = ops.Add(sum, l)
	}
	return sum
}

// Output hands a tensor back under a name: [Result.Output].
func (s *Step) Output(name string, t ops.Tensor) {
	if _, ok := s.outputs[name]; !ok {
		s.names = append(s.names, name)
	}
	s.outputs[name] = t
}

// Watch hands back the gradient of the loss with respect to any tensor: [Result.Watched], in the order of the calls.
func (s *Step) Watch(t ops.Tensor) { s.watched = append(s.watched, t) }

// Stream is a random stream of the step's own: other numbers at each call and in each run.
func (s *Step) Stream() ops.Tensor {
	s.drawn++
	return ops.Add(s.stream, ops.Ints(0, s.drawn))
}

// Normal draws from the normal distribution with mean 0 and deviation 1.
func (s *Step) Normal(shape ...int) ops.Tensor { return ops.RandomNormal(s.Stream(), 0, 1, shape...) }

// Uniform draws from [0, 1).
func (s *Step) Uniform(shape ...int) ops.Tensor { return ops.RandomUniform(s.Stream(), 0, 1, shape...) }

// A Function is a training step of one's own, compiled: TensorFlow's tf.function and GradientTape in one.
type Function struct {
	recording
	mu       sync.Mutex
	count    int32
	programs *programs
	held     *prepared // whose memory the last result shows
}

// NewStep makes a training step from a function over symbolic tensors that returns the loss. parts are the models and layers whose
// trainable weights are differentiated; none: all that the function calls. The function is recorded once per shape of its inputs;
// it must not depend on anything that changes.
func NewStep(define func(s *Step, in ...ops.Tensor) ops.Tensor, parts ...layers.Part) *Function {
	weights := func(s *Step) []*layers.Weight {
		if len(parts) > 0 {
			return trainable(parts...)
		}
		return trainable(s.called...)
	}
	return &Function{recording: recording{define: define, weights: weights}, programs: newPrograms()}
}

// Seed sets where the step's own random numbers come from; without it, one is chosen.
func (f *Function) Seed(seed uint64) *Function {
	f.seed = seed
	return f
}

// A Result is what a step computed. Its arrays are overwritten by the next run of the same step.
type Result struct {
	// Loss is the value that the function returned, with the losses of layers and regularizers.
	Loss    float64
	program *prepared
}

// Output is a tensor that the function handed back; nil if it handed back none of this name.
func (r *Result) Output(name string) *tensor.Dense {
	if _, ok := r.program.info.(*stepInfo).outputs[name]; !ok {
		return nil
	}
	return r.program.output(name)
}

// Gradients are the trainable weights with their gradients: scale them, clip them, add them, and give them to optimizers.Apply.
func (r *Result) Gradients() []optimizers.Parameter { return r.program.info.(*stepInfo).parameters }

// Watched are the gradients of the tensors given to [Step.Watch]; nil for one that the loss does not depend on.
func (r *Result) Watched() []*tensor.Dense {
	info := r.program.info.(*stepInfo)
	return r.program.Gradients()[len(info.parameters):]
}

// Run computes the step for a batch: the loss, the outputs and the gradients, and it updates the layers' state, such as moving averages.
// The weights are left alone; that is the optimizer's work.
func (f *Function) Run(ctx context.Context, in ...*tensor.Dense) (*Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	specs := make([]ops.Spec, len(in))
	for i, a := range in {
		var err error
		if specs[i], err = specOf(a); err != nil {
			return nil, errors.Wrapf(err, "keras: input %d", i)
		}
	}
	if f.held != nil {
		f.programs.give(f.held)
		f.held = nil
	}
	p, err := f.programs.take(ctx, keyOf("step", specs), func() (*prepared, error) { return f.compile(specs) })
	if err != nil {
		return nil, err
	}
	f.held = p
	for i, a := range in {
		if err := fillInput(p.Inputs()[i], a); err != nil {
			return nil, errors.Wrapf(err, "keras: input %d", i)
		}
	}
	info := p.info.(*stepInfo)
	f.count++
	copy(p.Inputs()[info.inputs].Int32s(), []int32{int32(f.seed), f.count << 8})
	if err := runStep(p, info.models); err != nil {
		return nil, err
	}
	return &Result{Loss: p.loss(), program: p}, nil
}

// loss is the whole loss of the last run.
func (p *prepared) loss() float64 { return float64(p.Outputs()[len(p.Outputs())-1].Float32s()[0]) }

// output is a result of the last run by its name.
func (p *prepared) output(name string) *tensor.Dense {
	return p.Outputs()[p.info.(*stepInfo).outputs[name]]
}

// runStep runs a program and stores the state that it changed, under the locks of the models that it belongs to.
func runStep(p *prepared, models []*Model) error {
	for _, m := range models {
		m.weights.RLock()
	}
	err := p.Run()
	for _, m := range models {
		m.weights.RUnlock()
	}
	if err != nil {
		return errors.Wrap(err, "keras")
	}
	for _, m := range models {
		m.weights.Lock()
	}
	p.Commit()
	for _, m := range models {
		m.weights.Unlock()
	}
	return nil
}

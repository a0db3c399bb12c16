package layers

import (
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// A Builder is a layer's access to its model while its Call method runs.
type Builder struct {
	trace  *Trace
	part   Part
	names  []string
	path   string // as in errors: "encoder/dense_1 (Dense)"
	frozen bool
	train  bool
}

// NewBuilder starts a trace of a part, mostly a model, under a name, which may be empty.
func NewBuilder(t *Trace, part Part, name string, training bool) *Builder {
	b := &Builder{trace: t, part: part, frozen: isFrozen(part), train: training}
	if name != "" {
		b.names = []string{name}
	}
	return b
}

func isFrozen(p Part) bool {
	t := p.base().Trainable
	return t != nil && !*t
}

// Training reports whether the layer is to behave as in training.
func (b *Builder) Training() bool { return b.train }

// Trainable reports whether the layer's weights are trained: neither it nor a layer around it is frozen.
func (b *Builder) Trainable() bool { return !b.frozen }

// Path is where the layer is in its model, with its type, as in errors: "encoder/dense_1 (Dense)".
func (b *Builder) Path() string { return b.path }

// Errorf is the result of a Call that cannot be: the error goes to whoever builds the model.
func (b *Builder) Errorf(format string, args ...any) ops.Tensor {
	t := ops.Fail(b.path, errors.Errorf(format, args...))
	b.trace.fail(t.Err())
	return t
}

// Weight declares a weight of the layer at its first call, and is the same weight ever after. It gets its memory, and its first
// values, when the whole model has been built.
func (b *Builder) Weight(name string, shape []int, spec Spec) ops.Tensor {
	w, err := b.weight(name, shape, spec)
	if err != nil {
		return b.Errorf("%s", err)
	}
	if v, ok := b.trace.current[w.Variable]; ok {
		return v.In(b.path)
	}
	t := w.Tensor().In(b.path)
	b.penalize(w, t)
	return t
}

func (b *Builder) weight(name string, shape []int, spec Spec) (*Weight, error) {
	base := b.part.base()
	w := weight(base.weights, name)
	for _, d := range b.trace.declared {
		if d.base == base && d.weight.name == name {
			w = d.weight
		}
	}
	if w != nil {
		if !slices.Equal(w.Shape(), shape) {
			return nil, errors.Errorf("weight %s has shape %v, the input asks for %v", name, w.Shape(), shape)
		}
		return w, nil
	}
	if b.trace.Sealed || len(base.weights) > 0 {
		return nil, errors.Errorf("weight %s was not there when the layer was built; Call must ask for the same weights in training and inference", name)
	}
	return b.declare(name, shape, spec)
}

func (b *Builder) declare(name string, shape []int, spec Spec) (*Weight, error) {
	if spec.DType == "" {
		spec.DType = ops.Float32
	}
	if spec.Initializer == nil {
		spec.Initializer = initializers.GlorotUniform{}
	}
	if c, ok := spec.Constraint.(interface{ Check(shape []int) error }); ok {
		if err := c.Check(shape); err != nil {
			return nil, errors.Wrapf(err, "weight %s", name)
		}
	}
	full := strings.Join(append(slices.Clone(b.names), name), "/")
	v, err := ops.NewVariable(full, spec.DType, slices.Clone(shape)...)
	if err != nil {
		return nil, err
	}
	group := path.Dir(name)
	if group == "." {
		group = ""
	}
	w := &Weight{Spec: spec, Variable: v, Path: full, group: group, name: name}
	b.trace.declared = append(b.trace.declared, declaration{b.part.base(), w})
	return w, nil
}

// penalize adds a trained weight's regularizer to the losses, once.
func (b *Builder) penalize(w *Weight, t ops.Tensor) {
	if w.Spec.Regularizer == nil || w.Spec.NonTrainable || b.frozen || b.trace.penalized[w] {
		return
	}
	if b.trace.penalized == nil {
		b.trace.penalized = map[*Weight]bool{}
	}
	b.trace.penalized[w] = true
	b.AddLoss(w.Spec.Regularizer.Penalty(t))
}

// Update makes value the weight's value after the run. A later reading in the same trace sees it already.
func (b *Builder) Update(weight, value ops.Tensor) {
	for _, w := range b.own() {
		if w.Tensor().Same(weight) || b.trace.current[w.Variable].Same(weight) {
			if b.trace.current == nil {
				b.trace.current = map[*ops.Variable]ops.Tensor{}
			}
			b.trace.current[w.Variable] = value
			b.setUpdate(ops.Update{Variable: w.Variable, Value: value})
			return
		}
	}
	b.Errorf("update of a tensor that is no weight of the layer")
}

// setUpdate notes an update; a second one of the same weight replaces the first, which it was computed from.
func (b *Builder) setUpdate(u ops.Update) {
	for i, old := range b.trace.Updates {
		if old.Variable == u.Variable {
			b.trace.Updates[i] = u
			return
		}
	}
	b.trace.Updates = append(b.trace.Updates, u)
}

// own lists the weights that the layer has or has declared.
func (b *Builder) own() []*Weight {
	base := b.part.base()
	ws := slices.Clone(base.weights)
	for _, d := range b.trace.declared {
		if d.base == base {
			ws = append(ws, d.weight)
		}
	}
	return ws
}

// AddLoss adds a tensor without axes to the model's loss.
func (b *Builder) AddLoss(loss ops.Tensor) { b.trace.Losses = append(b.trace.Losses, loss) }

// Stream is the layer's own random stream, which advances with each training step. It is a weight, so that saved models go on
// where they were. A layer must ask for it in training and inference alike.
// group is the part of the layer that has it, mostly ""; a seed of the layer's own takes the place of the model's.
func (b *Builder) Stream(group string, seed *int) ops.Tensor {
	const name = "seed_generator/seed_generator_state"
	s := b.Weight(path.Join(group, name), []int{2}, Spec{Initializer: startOfStream{seed}, DType: ops.Int32, NonTrainable: true})
	if b.Training() && s.Err() == nil {
		b.Update(s, ops.NextStream(s))
	}
	return s
}

// startOfStream says what a stream starts from; its numbers are made by [Trace.Commit]'s caller, from the model's seed where there
// is no other.
type startOfStream struct{ seed *int }

// Init implements [initializers.Initializer] and is not called: streams are integers.
func (startOfStream) Init([]float32, []int, initializers.Stream) error {
	return errors.New("a random stream is no float weight")
}

// Apply calls an inner layer, which must be a field of the layer (see [Children]).
func (b *Builder) Apply(l Layer, x ops.Tensor) ops.Tensor {
	c := b.inner(l)
	if c == nil {
		return b.failed(x)
	}
	y := c.guard(func() []ops.Tensor { return []ops.Tensor{l.Call(c, x.In(c.path))} })[0]
	return c.masked(y, x).In(b.path)
}

// Merge calls an inner merging layer.
func (b *Builder) Merge(l Merger, xs ...ops.Tensor) ops.Tensor {
	c := b.inner(l)
	if c == nil || len(xs) == 0 {
		return b.Errorf("%T: expected at least one tensor", l)
	}
	y := c.guard(func() []ops.Tensor { return []ops.Tensor{l.Merge(c, inside(xs, c.path)...)} })[0]
	return y.In(b.path)
}

// ApplyAll calls an inner layer of several tensors.
func (b *Builder) ApplyAll(l MultiLayer, xs ...ops.Tensor) []ops.Tensor {
	c := b.inner(l)
	if c == nil {
		return []ops.Tensor{b.failed(ops.Tensor{})}
	}
	return inside(c.guard(func() []ops.Tensor { return l.CallAll(c, inside(xs, c.path)...) }), b.path)
}

// guard makes a panic in a layer's code an error, whose stack shows where it was, and notes the layer's errors before layers behind it
// stumble over what has no shape.
func (b *Builder) guard(call func() []ops.Tensor) (ys []ops.Tensor) {
	defer func() {
		if r := recover(); r != nil {
			ys = []ops.Tensor{b.Errorf("panic: %v", r)}
		}
	}()
	ys = call()
	for _, y := range ys {
		if err := y.Err(); err != nil {
			b.trace.fail(err)
		}
	}
	b.penalizeResults(ys)
	return ys
}

func (b *Builder) failed(x ops.Tensor) ops.Tensor {
	if b.trace.err != nil {
		return ops.Fail("", b.trace.err)
	}
	return x
}

func inside(xs []ops.Tensor, path string) []ops.Tensor {
	in := make([]ops.Tensor, len(xs))
	for i, x := range xs {
		in[i] = x.In(path)
	}
	return in
}

// inner is the builder of a layer within the layer; nil, with the error noted, where it is not found.
func (b *Builder) inner(p Part) *Builder {
	if isNil(p) {
		b.Errorf("a layer is nil")
		return nil
	}
	setup(b.part)
	name, err := childName(b.part, p)
	if err != nil {
		b.Errorf("%s", err)
		return nil
	}
	setup(p)
	c := &Builder{trace: b.trace, part: p, frozen: b.frozen || isFrozen(p), train: b.train}
	c.names = append(slices.Clone(b.names), name)
	c.path = strings.Join(c.names, "/") + " (" + ClassName(p) + ")"
	return c
}

func isNil(p Part) bool {
	v := reflect.ValueOf(p)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

func setup(p Part) {
	base := p.base()
	if base.ready {
		return
	}
	base.ready = true
	if s, ok := p.(Setter); ok {
		s.Setup()
	}
}

// ClassName is the layer's type name, which is Keras's class name.
func ClassName(p Part) string {
	t := reflect.TypeOf(p)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// A MaskSupporter says whether its outputs carry the mask of its input. As in Keras, those of a layer that does not say do not.
type MaskSupporter interface {
	SupportsMasking() bool
}

// masked gives a layer's output the mask of its input where the layer supports that and set none itself.
func (b *Builder) masked(y, x ops.Tensor) ops.Tensor {
	if y.Mask().Valid() && !y.Mask().Same(x.Mask()) {
		return y
	}
	if s, ok := b.part.(MaskSupporter); ok && s.SupportsMasking() {
		return y.WithMask(x.Mask())
	}
	return y.WithMask(ops.Tensor{})
}

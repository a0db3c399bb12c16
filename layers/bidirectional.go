package layers

import (
	"reflect"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// A MergeMode says how Bidirectional joins the outputs of its layers, by Keras's words.
type MergeMode string

// Keras's ways of merging.
const (
	MergeConcat   MergeMode = "concat" // side by side, forward first; also ""
	MergeSum      MergeMode = "sum"
	MergeMultiply MergeMode = "mul"
	MergeAverage  MergeMode = "ave"
	MergeNone     MergeMode = "none" // not at all: there are two outputs. Keras's None
)

// Bidirectional reads a sequence with a recurrent layer from its start, and with another like it from its end, and merges their outputs.
// With ReturnSequences in the layers, both outputs stand in the order of the input, and masked steps are 0.
//
// CallAll takes the sequence and perhaps the initial states, those of the forward layer first, and returns the merged output, or with
// [MergeNone] both, and, with ReturnState in the layers, their last states.
type Bidirectional struct {
	Base
	// Layer reads from the start; required. It belongs to the wrapper, which names it, and sets its ZeroOutputForMask.
	Layer MultiLayer
	// MergeMode is how outputs are joined; "": MergeConcat.
	MergeMode MergeMode
	// BackwardLayer reads from the end. nil: made like Layer, through its configuration, for which Layer's type must be registered with
	// package saving.
	BackwardLayer MultiLayer

	err error // of Setup
}

func init() { saving.Register[Bidirectional]("Bidirectional", "keras.layers") }

// Setup implements [Setter]: it makes and names the layers as Keras's constructor does.
func (l *Bidirectional) Setup() {
	if isNil(l.Layer) {
		l.err = errors.New("layer: expected a recurrent layer, got nil")
		return
	}
	name := ownName(l.Layer)
	if isNil(l.BackwardLayer) {
		if l.BackwardLayer, l.err = reversedCopy(l.Layer); l.err != nil {
			return
		}
		l.BackwardLayer.base().Name = "backward_" + strings.TrimPrefix(name, "backward_")
	}
	l.Layer.base().Name = "forward_" + strings.TrimPrefix(name, "forward_")
	for _, p := range l.directions() {
		if zero, sequences := flag(p, "ZeroOutputForMask"), flag(p, "ReturnSequences"); zero != nil && sequences != nil {
			*zero = *sequences
		}
	}
	l.err = l.check()
}

func (l *Bidirectional) directions() []MultiLayer { return []MultiLayer{l.Layer, l.BackwardLayer} }

// ownName is the name of a layer, as Keras would give it where it has none.
func ownName(p Part) string {
	if name := p.base().Name; name != "" {
		return name
	}
	return SnakeCase(ClassName(p))
}

// reversedCopy is a layer of the same configuration that goes backwards.
func reversedCopy(p MultiLayer) (MultiLayer, error) {
	config, err := saving.ToConfig(p)
	if err != nil {
		return nil, errors.WithMessage(err, "a backward layer like the layer")
	}
	made, err := saving.FromConfig(config)
	if err != nil {
		return nil, errors.WithMessage(err, "a backward layer like the layer")
	}
	c, ok := made.(MultiLayer)
	if !ok {
		return nil, errors.Errorf("a backward layer like the layer: %T is not one", made)
	}
	if backwards := flag(c, "GoBackwards"); backwards != nil {
		*backwards = true
	}
	return c, nil
}

// flag is a field of a recurrent layer by its name; nil where there is none.
func flag(p Part, name string) *bool {
	v := reflect.ValueOf(p)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	f := v.Elem().FieldByName(name)
	if !f.IsValid() || f.Kind() != reflect.Bool {
		return nil
	}
	return f.Addr().Interface().(*bool)
}

func (l *Bidirectional) check() error {
	for _, name := range []string{"GoBackwards", "ReturnSequences", "ReturnState", "Stateful"} {
		forward, backward := flag(l.Layer, name), flag(l.BackwardLayer, name)
		switch {
		case forward == nil || backward == nil:
			return errors.Errorf("layers %T and %T: expected recurrent layers, with a field %s", l.Layer, l.BackwardLayer, name)
		case name == "GoBackwards" && *forward == *backward:
			return errors.Errorf("go_backwards is %v in both layers: expected one that reads the other way", *forward)
		case name != "GoBackwards" && *forward != *backward:
			return errors.Errorf("%s is %v in the forward and %v in the backward layer: expected the same", SnakeCase(name), *forward, *backward)
		}
	}
	switch l.MergeMode {
	case "", MergeConcat, MergeSum, MergeMultiply, MergeAverage, MergeNone:
		return nil
	}
	return errors.Errorf("merge_mode %q: expected one of %q", l.MergeMode, []MergeMode{MergeConcat, MergeSum, MergeMultiply, MergeAverage, MergeNone})
}

// Children implements [Container]: in files the layers lie under the names of Keras's attributes.
func (l *Bidirectional) Children() []Child {
	var cs []Child
	for i, p := range l.directions() {
		if !isNil(p) {
			cs = append(cs, Child{Name: ownName(p), Attr: []string{"forward_layer", "backward_layer"}[i], Part: p})
		}
	}
	return cs
}

// Call implements [Layer]. [MergeNone] and ReturnState need CallAll.
func (l *Bidirectional) Call(b *Builder, x ops.Tensor) ops.Tensor {
	ys := l.CallAll(b, x)
	if len(ys) != 1 {
		return b.Errorf("the layer has %d results: use ApplyAll", len(ys))
	}
	return ys[0]
}

// CallAll implements [MultiLayer].
func (l *Bidirectional) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor {
	if l.err != nil {
		return []ops.Tensor{b.Errorf("%s", l.err)}
	}
	if n := len(xs) - 1; n < 0 || n%2 != 0 {
		return []ops.Tensor{b.Errorf("expected a sequence, or a sequence and as many initial states for both layers, got %d tensors", len(xs))}
	}
	x, states := xs[0], xs[1:]
	half := len(states) / 2
	forward := b.ApplyAll(l.Layer, slices.Concat(xs[:1], states[:half])...)
	backward := b.ApplyAll(l.BackwardLayer, slices.Concat(xs[:1], states[half:])...)
	for _, y := range slices.Concat(forward, backward) {
		if y.Err() != nil {
			return []ops.Tensor{y}
		}
	}
	y, z, mask := forward[0], backward[0], ops.Tensor{}
	if *flag(l.Layer, "ReturnSequences") {
		z, mask = ops.Flip(z, 1), x.Mask()
	}
	results := l.merge(y.WithMask(ops.Tensor{}), z)
	for i := range results {
		results[i] = results[i].WithMask(mask)
	}
	return slices.Concat(results, forward[1:], backward[1:])
}

func (l *Bidirectional) merge(y, z ops.Tensor) []ops.Tensor {
	switch l.MergeMode {
	case MergeSum:
		y = ops.Add(y, z)
	case MergeMultiply:
		y = ops.Multiply(y, z)
	case MergeAverage:
		y = ops.Multiply(ops.Add(y, z), ops.Scalar(0.5))
	case MergeNone:
		return []ops.Tensor{y, z}
	default:
		y = ops.Concatenate(-1, y, z)
	}
	return []ops.Tensor{y}
}

// SupportsMasking implements [MaskSupporter]: sequences of outputs carry the mask of the inputs.
func (l *Bidirectional) SupportsMasking() bool {
	sequences := flag(l.Layer, "ReturnSequences")
	return sequences != nil && *sequences
}

// ResetStates makes stateful layers start anew. It is not for use while the layer's model runs.
func (l *Bidirectional) ResetStates() {
	for _, p := range l.directions() {
		if r, ok := p.(interface{ ResetStates() }); ok && !isNil(p) {
			r.ResetStates()
		}
	}
}

// SaveConfig implements [saving.ConfigSaver].
func (l *Bidirectional) SaveConfig(config map[string]any) error {
	if l.MergeMode == MergeNone {
		config["merge_mode"] = nil
	}
	return nil
}

// LoadConfig implements [saving.ConfigLoader].
func (l *Bidirectional) LoadConfig(config map[string]any) error {
	if mode, ok := config["merge_mode"]; ok && mode == nil {
		config["merge_mode"] = string(MergeNone)
	}
	return nil
}

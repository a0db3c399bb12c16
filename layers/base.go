package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
)

// A Layer turns one tensor into another.
type Layer interface {
	Part
	Call(b *Builder, x ops.Tensor) ops.Tensor
}

// A Merger turns several tensors into one.
type Merger interface {
	Part
	Merge(b *Builder, xs ...ops.Tensor) ops.Tensor
}

// A MultiLayer takes and returns several tensors, such as a recurrent layer with its states.
type MultiLayer interface {
	Part
	CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor
}

// A Part is what all shapes of layer share; only a type that embeds [Base] is one.
type Part interface {
	base() *Base
}

// A Setter makes its inner layers in Setup, which is called once, before the first Call and after loading, when the fields with
// Keras's arguments are set: what a Keras layer does in its constructor.
type Setter interface {
	Setup()
}

// Base is what every layer embeds: its name, whether it is trained, and its weights.
type Base struct {
	// Name is the layer's name in its model; empty: numbered after its type, as Keras does ("dense", "dense_1").
	Name string
	// Trainable says whether training changes the layer's weights. A change counts from the next Compile on. nil: true.
	Trainable *bool
	// ActivityRegularizer penalizes the layer's results: what it says of each of them, by the number of samples, is added to the loss. Layers for
	// which Keras names it among their arguments have a field of their own, which is to be set instead of this one. nil: none.
	ActivityRegularizer regularizers.Regularizer

	weights []*Weight
	ready   bool
}

func (b *Base) base() *Base { return b }

// SetTrainable freezes a layer, or thaws it. It counts from the model's next Compile on.
func (b *Base) SetTrainable(trainable bool) { b.Trainable = &trainable }

// Weights are the layer's own weights, in the order of their declaration; none before the layer is built.
func (b *Base) Weights() []*Weight { return b.weights }

// Named names a layer in place: Named("head", &Dense{Units: 10}).
func Named[P Part](name string, part P) P {
	part.base().Name = name
	return part
}

// BaseOf is the [Base] that a layer embeds.
func BaseOf(p Part) *Base { return p.base() }

// A Spec says how a weight starts and what is done to it.
type Spec struct {
	Initializer  initializers.Initializer // nil: GlorotUniform
	Regularizer  regularizers.Regularizer
	Constraint   constraints.Constraint
	DType        ops.DType // "": float32
	NonTrainable bool      // never changed by an optimizer, only by Builder.Update
}

// A Weight is a variable of a layer.
type Weight struct {
	*ops.Variable
	// Spec is how the layer declared it.
	Spec Spec
	// Path names the weight in its model: the names of the layers it lies in, and its own.
	Path string
	// Part of a layer that is no layer itself, such as a recurrent layer's cell, under which Keras's files keep the weight.
	group string
	name  string
}

// Group is the name of the part of the layer, such as "cell", under which Keras's files keep the weight; mostly empty.
func (w *Weight) Group() string { return w.group }

// A WeightSharer is a layer that counts weights of layers within it as its own too. Keras lists them before its own, and its files have them twice.
type WeightSharer interface {
	Part
	// SharedWeights are those, where of gives the weights that a layer has of its own.
	SharedWeights(of func(Part) []*Weight) []*Weight
}

// WithShared are the weights that a layer has of its own, as of gives them, behind those that it shares with layers within it.
func WithShared(p Part, of func(Part) []*Weight) []*Weight {
	if s, ok := p.(WeightSharer); ok {
		return slices.Concat(s.SharedWeights(of), of(p))
	}
	return of(p)
}

// weight finds a weight by its name within the layer.
func weight(ws []*Weight, name string) *Weight {
	for _, w := range ws {
		if w.name == name {
			return w
		}
	}
	return nil
}

// Package layers holds what models are made of. A layer is a struct whose fields are Keras's arguments; a nil or zero field means
// Keras's default.
//
//	&layers.Conv2D{Filters: 32, KernelSize: []int{3}, Activation: activations.ReLU}
//
// A layer of one's own embeds [Base] and has one method:
//
//	// Scale multiplies its input by one trainable number.
//	type Scale struct{ layers.Base }
//
//	func (*Scale) Call(b *layers.Builder, x ops.Tensor) ops.Tensor {
//		return ops.Multiply(x, b.Weight("scale", nil, layers.Spec{Initializer: initializers.Ones{}}))
//	}
//
// Call records operations; it is called again for each shape and mode in which a model runs, and must not depend on anything but its
// fields and arguments. There are three shapes of layer: Call (one tensor in, one out), Merge (several in, one out) and CallAll
// (several in and out). Layers inside a layer are fields; [Builder.Apply] calls them.
//
// The same layer used twice, by its pointer, is one layer and shares its weights.
package layers

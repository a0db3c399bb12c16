package layers

import (
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// SpectralNormalization divides the kernel of a layer, or an Embedding's table, by its largest singular value (Miyato et al. 2018) before the
// layer is called in training. That value is estimated by power iteration from a vector that is kept from step to step. Shapes are
// those of the layer, and so is the mask.
//
// Keras differs from itself here, and this is Keras on JAX: a step is computed with the divided kernel, gradients pass through the division,
// though not through the estimate, and the kernel itself is left to the optimizer. On TensorFlow and PyTorch the divided kernel replaces it. An
// Embedding's vectors stay floats, where Keras casts them to the type of the ids.
type SpectralNormalization struct {
	Base
	Layer           Layer // with a weight named kernel or embeddings; required
	PowerIterations int   // in each step of training; 0: 1
}

func init() {
	saving.Register[SpectralNormalization]("SpectralNormalization", "keras.layers")
}

// SharedWeights implements [WeightSharer].
func (n *SpectralNormalization) SharedWeights(of func(Part) []*Weight) []*Weight {
	if isNil(n.Layer) {
		return nil
	}
	if w := kernelAmong(of(n.Layer)); w != nil {
		return []*Weight{w}
	}
	return nil
}

func kernelAmong(ws []*Weight) *Weight {
	if w := weight(ws, "kernel"); w != nil {
		return w
	}
	return weight(ws, "embeddings")
}

// Call implements [Layer].
func (n *SpectralNormalization) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if n.PowerIterations < 0 {
		return b.Errorf("power_iterations: expected a positive number, got %d", n.PowerIterations)
	}
	inner := b.inner(n.Layer)
	if inner == nil {
		return b.failed(x)
	}
	kernel := kernelAmong(inner.own())
	if kernel != nil {
		vector := n.vector(b, kernel)
		if b.Training() && vector.Err() == nil {
			n.divide(b, inner, kernel, vector)
		}
		return b.Apply(n.Layer, x)
	}
	// The layer asks for its weights when it is called. What declares weights is recorded once more before anything runs.
	y := b.Apply(n.Layer, x)
	if y.Err() != nil {
		return y
	}
	if kernel = kernelAmong(inner.own()); kernel == nil {
		return b.Errorf("layer: expected one with a weight named kernel or embeddings, got a %s without", ClassName(n.Layer))
	}
	n.vector(b, kernel)
	return y
}

// vector is what the power iteration starts from: one number for each column of the kernel.
func (n *SpectralNormalization) vector(b *Builder, kernel *Weight) ops.Tensor {
	shape := kernel.Shape()
	return b.Weight("vector_u", []int{1, shape[len(shape)-1]}, Spec{Initializer: initializers.TruncatedNormal{Stddev: new(0.02)}, NonTrainable: true})
}

// divide gives the layer's kernel its value for this step, which a regularizer sees too. A kernel of zeros stays.
func (n *SpectralNormalization) divide(b, inner *Builder, kernel *Weight, vector ops.Tensor) {
	const epsilon = 1e-7 // as keras.config.epsilon
	old, ok := b.trace.current[kernel.Variable]
	if !ok {
		old = kernel.Tensor()
	}
	old = old.In(b.path)
	columns := vector.Dim(1)
	matrix := ops.Reshape(old, ops.Unknown, columns)
	turned := ops.Transpose(matrix, 1, 0)
	u, v := vector, ops.Tensor{}
	for range max(n.PowerIterations, 1) {
		v = ops.Normalize(ops.MatMul(u, turned), -1, 2, epsilon)
		u = ops.Normalize(ops.MatMul(v, matrix), -1, 2, epsilon)
	}
	u, v = ops.StopGradient(u), ops.StopGradient(v)
	zeros := ops.All(ops.Equal(old, ops.Scalar(0)))
	largest := ops.Sum(ops.Multiply(ops.MatMul(v, matrix), u))
	divided := ops.Divide(old, ops.Where(zeros, ops.Scalar(1), largest))
	b.Update(vector, ops.Where(zeros, vector, u))
	inner.penalize(kernel, divided)
	if b.trace.current == nil {
		b.trace.current = map[*ops.Variable]ops.Tensor{}
	}
	b.trace.current[kernel.Variable] = divided
}

// SupportsMasking implements [MaskSupporter]: the result has the mask that the layer gives it.
func (n *SpectralNormalization) SupportsMasking() bool {
	s, ok := n.Layer.(MaskSupporter)
	return ok && s.SupportsMasking()
}

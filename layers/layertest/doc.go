// Package layertest is the conformance suite for layers, this module's and anybody's:
//
//	func TestScale(t *testing.T) {
//		layertest.Run(t, func() layers.Layer { return &Scale{} }, layertest.Case{
//			Specs:     []ops.Spec{{Shape: []int{4, 3}, DType: ops.Float32}},
//			Trainable: new(1),
//		})
//	}
//
// It finds out, in a subtest each,
//
//   - Config: that the layer can be saved and loaded: config to JSON and back is an equal layer;
//   - Shapes: that the shapes of a trace with an unknown batch size are those of a run;
//   - Weights: that training and inference ask for the same weights, and for how many;
//   - Values: outputs, masks, penalties, gradients and the weights after a step, against numbers from elsewhere, where given;
//   - FiniteDifferences: that gradients are those of finite differences, in float64, in training and inference;
//   - BatchSizes: that batches of 1 and 3 work, and that in inference a sample's output does not depend on the others;
//   - Determinism: that the same seed gives the same bits, on one processor and on four;
//   - Masks: that a mask is passed on where the layer says so, with a shape that fits, and else is not;
//   - Copies: that a copy of the layer in its place is an error.
//
// [RunMerge] and [RunAll] do the same for layers of several inputs or results.
//
// Numbers to compare with come from real Keras, from a naive loop or from paper; never from the layer itself.
package layertest

package ops

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestErrorsSayWhatWasExpected(t *testing.T) {
	x := Placeholder("x", Float32, 2, 3)
	u := Placeholder("u", Float32, Unknown, 3)
	id := Placeholder("id", Int32, 2)
	top, _ := TopK(x, 4)
	for _, c := range []struct {
		name string
		got  Tensor
		want string
	}{
		{"split", Split(x, 2, 1)[1], "split: axis 1 of shape [2 3] cannot be cut into 2 equal sections"},
		{"split unknown", Split(u, 2, 0)[0], "split: axis 0 of shape [-1 3] cannot be cut into 2 equal sections"},
		{"split none", Split(x, 0, 0)[0], "split: 0 sections: expected at least one"},
		{"split at", SplitAt(x, []int{2, 1}, 1)[2], "split: places [2 1] of axis 1 of shape [2 3]: expected growing numbers between 1 and 2"},
		{"unstack", Unstack(u, 0)[0], "unstack: axis 0 of shape [-1 3] has an unknown size"},
		{"stack", Stack(0, x, id), "stack: shapes [2 3] and [2] differ"},
		{"stack nothing", Stack(0), "stack: expected at least one tensor"},
		{"tile", Tile(x, 0, 2), "tile: repeats [0 2]: expected positive numbers"},
		{"repeat", Repeat(x, -1, 0), "repeat: -1 times: expected at least 1"},
		{"flip", Flip(x, 2), "flip: axis 2 does not exist: the tensor has 2 axes"},
		{"roll", Roll(x, 1, 0, -2), "roll: axes [0 -2] name one axis twice"},
		{"pad widths", Pad(x, [][2]int{{1, 1}, {0, 0}, {0, 0}}, "", 0), "pad: 3 widths for shape [2 3]: expected one, or one for each axis"},
		{"pad reflect", Pad(x, [][2]int{{2, 0}}, PadReflect, 0), "pad: axis 0 of shape [2 3]: 2 elements cannot be mirrored: expected at most 1"},
		{"pad mode", Pad(x, [][2]int{{1, 1}}, "wrap", 0), `pad: mode "wrap": expected "constant", "reflect" or "symmetric"`},
		{"move axis", MoveAxis(x, 0, 5), "moveaxis: axis 5 does not exist: the tensor has 2 axes"},
		{"einsum operands", Einsum("ij,jk", x), `einsum "ij,jk": 1 operands: expected 2`},
		{"einsum axes", Einsum("ijk->i", x), `einsum "ijk->i": operand 0 of shape [2 3]: labels "ijk" do not fit 2 axes`},
		{"einsum sizes", Einsum("ij,jk", x, x), `einsum "ij,jk": axis 'j' has sizes 3 and 2`},
		{"einsum result", Einsum("ij->ik", x), `einsum "ij->ik": label 'k' of the result: expected one that is in an operand, once`},
		{"einsum label", Einsum("i1", x), `einsum "i1": operand 0 of shape [2 3]: label '1': expected a letter or "..."`},
		{"tensordot", Tensordot(x, x, []int{1}, []int{0}), "tensordot: shapes [2 3] and [2 3]: axis 1 of 3 elements and axis 0 of 2"},
		{"tensordot twice", Tensordot(x, x, []int{1, -1}, []int{1, 0}), "tensordot: axes [1 -1] and [1 0] name one axis twice"},
		{"vdot", VDot(x, id), "vdot: shapes [6] and [2]: axis 0 of 6 elements and axis 0 of 2"},
		{"diagonal", Diagonal(x, 3, 0, 1), "diagonal: offset 3: axes 0 and 1 of shape [2 3] have no such diagonal"},
		{"trace", Trace(x, 0, 1, -1), "diagonal: axes 1 and -1 are one axis"},
		{"tril", Tril(id, 0), "tril: shape [2]: expected at least two axes"},
		{"top k", top, "top_k: k is 4: expected a number from 1 to the size of the last axis of shape [2 3]"},
		{"in top k", InTopK(x, x, 1), "in_top_k: targets of shape [2 3] and predictions of shape [2 3]: expected [batch] and [batch, classes]"},
		{"take along", TakeAlongAxis(x, id, 0), "take_along_axis: indices of shape [2] and shape [2 3]: expected as many axes"},
		{"logical", LogicalAnd(x, id), "logical_and: shapes [2 3] and [2] cannot be broadcast: 3 != 2"},
		{"full", Full(2.5, Int32, 2), "full: 2.5: expected a whole number that int32 holds"},
		{"full unknown", Zeros("", Unknown), "full: shape [-1]: every axis must have a known, positive size"},
		{"full like", FullLike(id, 0.5), "full_like: 0.5: expected a whole number that int32 holds"},
		{"arange", Arange(0, 5, 0, ""), "arange: from 0 to 5 by steps of 0: expected between 1 and 268435456 elements"},
		{"arange empty", Arange(3, 3, 1, ""), "arange: from 3 to 3 by steps of 1: expected between 1 and 268435456 elements"},
		{"linspace", Linspace(0, 1, 0), "linspace: 0 numbers: expected between 1 and 268435456"},
		{"eye", Eye(-1, 0, 0), "eye: shape [-1 -1]: expected positive sizes, at most 268435456 elements"},
		{"norm", Norm(x, new(2.), 0, 1), "norm: order 2 of a matrix: expected 1, -1 or an infinity"},
		{"norm axes", Norm(ExpandDims(x, 0), new(math.Inf(1))), "norm: order +Inf of shape [1 2 3] along axes []: expected one or two axes"},
		{"normalize", Normalize(x, 0, 0, 0), "normalize: order 0: expected at least 1"},
		{"segments", SegmentSum(x, id, 0), "segment_sum: 0 segments: expected at least one"},
		{"segment ids", SegmentSum(id, x, 1), "segment_sum: expected [n, ...] and int32 [n], got [2] and int32 [2 3]"},
		{"multi hot", MultiHot(Int(1), 3), "multi_hot: expected at least one axis, got a scalar"},
		{"glu", GLU(x, 1), "split: axis 1 of shape [2 3] cannot be cut into 2 equal sections"},
		{"celu", CELU(x, 0), "celu: alpha is 0"},
		{
			"targets", CategoricalCrossentropy(Placeholder("t", Float32, 1, 3), x, true),
			"categorical_crossentropy: targets float32 [1 3] do not fit predictions float32 [2 3]: expected shape [2 3]",
		},
		{
			"statistics", BatchNormalization(x, Placeholder("m", Int32, 3), Zeros("", 3), Tensor{}, Tensor{}, 1),
			"batch_normalization: int32 [3]: expected float32 [3], one element for each channel",
		},
	} {
		t.Run(c.name, func(t *testing.T) { require.EqualError(t, c.got.Err(), c.want) })
	}
}

func TestErrorsOfARun(t *testing.T) {
	x, id := Placeholder("x", Float32, 3, 2), Placeholder("id", Int32, 3)
	for _, c := range []struct {
		y    Tensor
		want string
	}{
		{SegmentSum(x, id, 2), "segment_sum: segment 2 at position 1 is outside [0, 2)"},
		{TakeAlongAxis(x, ExpandDims(id, 1), 1), "take_along_axis: index 2 at position 1 is outside [-2, 2)"},
		{OneHotStrict(id, 2), "one_hot: label 2 at position 1 is outside [0, 2)"},
		{InTopK(id, x, 1), "take_along_axis: index 2 at position 1 is outside [-2, 2)"},
	} {
		p, err := Compile(Options{Inputs: []Tensor{x, id}, Outputs: []Tensor{c.y}})
		require.NoError(t, err)
		copy(p.Inputs()[1].Int32s(), []int32{0, 2, 1})
		require.EqualError(t, p.Run(), c.want)
		p.Inputs()[1].Int32s()[1] = 1
		require.NoError(t, p.Run())
	}
}

// TestNaNIsNoProbability is what Keras says of predictions that hold NaN: no such class is among the largest.
func TestNaNIsNoProbability(t *testing.T) {
	nan := float32(math.NaN())
	x := Array(dense([]float32{nan, 0.1, 0.2, 0.3, nan, 0.1}, 2, 3))
	y, err := Evaluate(InTopK(Ints(0, 0), x, 1))
	require.NoError(t, err)
	require.Equal(t, []bool{false, true}, y.Bools())
}

package ops

import "github.com/pkg/errors"

// FoldTime makes of the first two axes of x [batch, time, ...] one: [batch·time, ...]. Unlike [Reshape] it takes any number of unknown sizes.
func FoldTime(x Tensor) Tensor {
	if x.Err() == nil && x.Rank() < 2 {
		return Fail(x.path, errors.Errorf("fold_time: shape %v: expected [batch, time, ...]", x.Spec().Shape))
	}
	return merged(x, 0, 2)
}

// UnfoldTime undoes [FoldTime].
func UnfoldTime(x Tensor, batch, time int) Tensor {
	if x.Err() == nil && x.Rank() < 1 {
		return Fail(x.path, errors.Errorf("unfold_time: shape %v: expected [batch·time, ...]", x.Spec().Shape))
	}
	return unmerged(x, 0, []int{batch, time})
}

package regularizers

import (
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// A Mode says which vectors of a matrix are to be orthogonal, by Keras's words.
type Mode string

// Keras's modes.
const (
	Rows    Mode = "rows"
	Columns Mode = "columns"
)

// OrthogonalRegularizer is factor times half the average of |cos|, in both orders, over all pairs of rows or columns of a matrix of
// two or more: sum over i≠j of |cos(w_i, w_j)| / (n(n-1)/2) · factor/2.
type OrthogonalRegularizer struct {
	Factor *float64 // at least 0; nil: 0.01
	Mode   Mode     // "": Rows
}

// Penalty implements [Regularizer].
func (r OrthogonalRegularizer) Penalty(w ops.Tensor) ops.Tensor {
	if w.Err() != nil {
		return w
	}
	if err := r.check(w); err != nil {
		return ops.Fail(w.Path(), err)
	}
	if r.Mode == Columns {
		w = ops.Transpose(w)
	}
	w = ops.Normalize(w, 1, 2, 0)
	cosines := ops.Tril(ops.Absolute(ops.MatMul(w, ops.Transpose(w))), -1) // of each pair once
	return ops.Multiply(ops.Scalar(factor(r.Factor)), ops.Divide(ops.Sum(cosines), pairs(cosines)))
}

func (r OrthogonalRegularizer) check(w ops.Tensor) error {
	if err := check("factor", factor(r.Factor)); err != nil {
		return err
	}
	if r.Mode != "" && r.Mode != Rows && r.Mode != Columns {
		return errors.Errorf("orthogonal regularizer: mode %q: expected rows or columns", string(r.Mode))
	}
	if w.Rank() != 2 {
		return errors.Errorf("orthogonal regularizer: shape %v: expected a matrix", w.Shape())
	}
	n, what := w.Dim(0), "rows"
	if r.Mode == Columns {
		n, what = w.Dim(1), "columns"
	}
	if n == 1 {
		return errors.Errorf("orthogonal regularizer: shape %v: expected at least two %s", w.Shape(), what)
	}
	return nil
}

// pairs is how many pairs n vectors make, of a matrix [n, n], whose size may be unknown while a model is built.
func pairs(x ops.Tensor) ops.Tensor {
	n := float64(x.Dim(0))
	if n == ops.Unknown {
		return ops.Sum(ops.Tril(ops.OnesLike(x), -1))
	}
	return ops.Scalar(n * (n - 1) / 2)
}

package ops

// Sparsemax is max(x-τ, 0) along an axis, where τ is (Σ s - 1)/k: of the elements in falling order, the first k are those for which
// x_k > (c_k-1)/k, where c are their running sums, and s are the c of these. This is what Keras computes; it differs from the
// projection on the simplex (Martins and Astudillo 2016), where τ is (c_k-1)/k, unless k is 1.
func Sparsemax(x Tensor, axis int) Tensor {
	x = asFloat(x)
	one := Scalar(1)
	sorted := Negative(Sort(Negative(x), axis))
	sums := CumSum(sorted, axis)
	place := CumSum(OnesLike(sorted), axis)
	support := Greater(Subtract(sorted, Divide(Subtract(sums, one), place)), Scalar(0))
	k := KeepDims(Sum, Cast(support, Float32), axis)
	total := KeepDims(Sum, Where(support, sums, Scalar(0)), axis)
	return Maximum(Subtract(x, Divide(Subtract(total, one), k)), Scalar(0))
}

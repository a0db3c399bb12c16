package kernel

// A CellActivation is what a gate of a recurrence applies to its sums: nothing, or an elementwise function.
type CellActivation uint8

// LinearCell is the activation that does nothing.
const LinearCell CellActivation = 0

// CellFunction is an elementwise function as an activation of a gate.
func CellFunction(op Unary) CellActivation { return CellActivation(op) + 1 }

func (a CellActivation) op() Unary { return Unary(a - 1) }

// fromResult reports whether the derivative is known from what the activation returned.
func (a CellActivation) fromResult() bool {
	if a == LinearCell {
		return true
	}
	switch a.op() {
	case ReluOp, SigmoidOp, TanhOp, Exp:
		return true
	}
	return false
}

var tanhCell, sigmoidCell = CellFunction(TanhOp), CellFunction(SigmoidOp)

// activateRow applies an activation of a gate in place.
func activateRow[T Float](a CellActivation, y []T) {
	switch {
	case a == LinearCell:
	case isFloat32[T]():
		mapBlock(a.op(), float32s(y), float32s(y))
	default:
		mapLoop(a.op(), y, y)
	}
}

// activationRow turns d, the gradient of y = a(x), into that of x. x is only needed where the derivative does not follow from y.
func activationRow[T Float](a CellActivation, d, x, y []T) {
	if a == LinearCell {
		return
	}
	if x == nil {
		x = y
	}
	if isFloat32[T]() {
		mapGradBlock(a.op(), float32s(d), float32s(x), float32s(y), float32s(d))
		return
	}
	mapGradLoop(a.op(), d, x, y, d)
}

// part is one unit's worth of columns of a row; nil of none.
func part[T Float](row []T, i, u int) []T {
	if row == nil {
		return nil
	}
	return row[i*u : (i+1)*u : (i+1)*u]
}

package ops

import (
	"encoding/json"
	"maps"
	"math"
)

// goldenOps says how each operation of the fixture is called.
var goldenOps = func() map[string]func(k *goldenCase, x []Tensor) []Tensor {
	table := map[string]func(k *goldenCase, x []Tensor) []Tensor{}
	for name, f := range map[string]func(Tensor) Tensor{
		"Negative": Negative, "Absolute": Absolute, "Sign": Sign, "Square": Square, "Sqrt": Sqrt, "Rsqrt": Rsqrt, "Reciprocal": Reciprocal,
		"Exp": Exp, "Expm1": Expm1, "Log": Log, "Log1p": Log1p, "Sin": Sin, "Cos": Cos, "Tan": Tan, "Sinh": Sinh, "Cosh": Cosh, "Tanh": Tanh,
		"Arctan": Arctan, "Erf": Erf, "Floor": Floor, "Ceil": Ceil, "Round": Round, "Sigmoid": Sigmoid, "ReLU": ReLU, "ReLU6": ReLU6,
		"Softplus": Softplus, "Softsign": Softsign, "SiLU": SiLU, "LogSigmoid": LogSigmoid, "HardSigmoid": HardSigmoid, "SELU": SELU,
		"Mish": Mish, "HardTanh": HardTanh, "HardSiLU": HardSiLU, "HardSwish": HardSwish, "TanhShrink": TanhShrink, "SparsePlus": SparsePlus,
		"SparseSigmoid": SparseSigmoid, "IsNaN": IsNaN, "IsInf": IsInf, "IsFinite": IsFinite, "ZerosLike": ZerosLike, "OnesLike": OnesLike,
		"LogicalNot": LogicalNot, "Flatten": Flatten,
		"StopGradient": func(x Tensor) Tensor { return Multiply(StopGradient(x), x) },
	} {
		table[name] = func(_ *goldenCase, x []Tensor) []Tensor { return []Tensor{f(x[0])} }
	}
	for name, f := range map[string]func(x, y Tensor) Tensor{
		"Add": Add, "Subtract": Subtract, "Multiply": Multiply, "Divide": Divide, "Maximum": Maximum, "Minimum": Minimum, "Arctan2": Arctan2,
		"SquaredDifference": SquaredDifference, "Power": Power, "Mod": Mod, "FloorDivide": FloorDivide, "Equal": Equal, "NotEqual": NotEqual,
		"Less": Less, "LessEqual": LessEqual, "Greater": Greater, "GreaterEqual": GreaterEqual, "LogicalAnd": LogicalAnd, "LogicalOr": LogicalOr,
		"LogicalXor": LogicalXor, "MatMul": MatMul, "Dot": Dot, "VDot": VDot, "Outer": Outer,
	} {
		table[name] = func(_ *goldenCase, x []Tensor) []Tensor { return []Tensor{f(x[0], x[1])} }
	}
	for name, f := range map[string]func(x Tensor, axes ...int) Tensor{
		"Sum": Sum, "Mean": Mean, "Max": Max, "Min": Min, "Prod": Prod, "Var": Var, "Std": Std, "LogSumExp": LogSumExp, "Any": Any, "All": All,
		"CountNonzero": CountNonzero, "Flip": Flip, "Transpose": Transpose,
		"KeepDims": func(x Tensor, axes ...int) Tensor { return KeepDims(Mean, x, axes...) },
	} {
		table[name] = func(k *goldenCase, x []Tensor) []Tensor { return []Tensor{f(x[0], k.arguments().Axes...)} }
	}
	for name, f := range map[string]func(x Tensor, axis int) Tensor{
		"ArgMax": ArgMax, "ArgMin": ArgMin, "CumSum": CumSum, "CumProd": CumProd, "Softmax": Softmax, "LogSoftmax": LogSoftmax, "Sort": Sort,
		"ArgSort": ArgSort, "GLU": GLU, "ExpandDims": ExpandDims, "Squeeze": Squeeze,
	} {
		table[name] = func(k *goldenCase, x []Tensor) []Tensor { return []Tensor{f(x[0], k.arguments().Axis)} }
	}
	for name, f := range map[string]func(x Tensor, v float64) Tensor{
		"ELU": ELU, "CELU": CELU, "LeakyReLU": LeakyReLU, "SoftShrink": SoftShrink, "HardShrink": HardShrink, "SquarePlus": SquarePlus, "FullLike": FullLike,
	} {
		table[name] = func(k *goldenCase, x []Tensor) []Tensor { return []Tensor{f(x[0], k.arguments().Value)} }
	}
	for name, f := range map[string]func(a *attributes, x []Tensor) Tensor{
		"GELU":          func(a *attributes, x []Tensor) Tensor { return GELU(x[0], a.Approximate) },
		"Threshold":     func(a *attributes, x []Tensor) Tensor { return Threshold(x[0], a.Value, a.Default) },
		"Clip":          func(a *attributes, x []Tensor) Tensor { return Clip(x[0], a.Lo, a.Hi) },
		"NaNToNum":      func(a *attributes, x []Tensor) Tensor { return NaNToNum(x[0], a.NaN, a.PosInf, a.NegInf) },
		"Cast":          func(a *attributes, x []Tensor) Tensor { return Cast(x[0], DType(a.DType)) },
		"Where":         func(_ *attributes, x []Tensor) Tensor { return Where(x[0], x[1], x[2]) },
		"Norm":          func(a *attributes, x []Tensor) Tensor { return Norm(x[0], a.order(), a.Axes...) },
		"Normalize":     func(a *attributes, x []Tensor) Tensor { return Normalize(x[0], a.Axis, into[int](a.Order), 0) },
		"InTopK":        func(a *attributes, x []Tensor) Tensor { return InTopK(x[0], x[1], a.K) },
		"TakeAlongAxis": func(a *attributes, x []Tensor) Tensor { return TakeAlongAxis(x[0], x[1], a.Axis) },
		"Take":          func(a *attributes, x []Tensor) Tensor { return Take(x[0], x[1], a.Axis) },
		"Reshape":       func(a *attributes, x []Tensor) Tensor { return Reshape(x[0], into[[]int](a.Shape)...) },
		"BroadcastTo":   func(a *attributes, x []Tensor) Tensor { return BroadcastTo(x[0], into[[]int](a.Shape)...) },
		"Slice":         func(a *attributes, x []Tensor) Tensor { return Slice(x[0], into[[]int](a.Start), into[[]int](a.Shape)) },
		"Roll":          func(a *attributes, x []Tensor) Tensor { return Roll(x[0], a.Shift, a.Axes...) },
		"Repeat":        func(a *attributes, x []Tensor) Tensor { return Repeat(x[0], a.N, a.Axis) },
		"Tile":          func(a *attributes, x []Tensor) Tensor { return Tile(x[0], a.Repeats...) },
		"SwapAxes":      func(a *attributes, x []Tensor) Tensor { return SwapAxes(x[0], a.Axis1, a.Axis2) },
		"MoveAxis":      func(a *attributes, x []Tensor) Tensor { return MoveAxis(x[0], a.Source, a.Destination) },
		"Pad":           func(a *attributes, x []Tensor) Tensor { return Pad(x[0], a.Widths, PadMode(a.Mode), a.Value) },
		"Stack":         func(a *attributes, x []Tensor) Tensor { return Stack(a.Axis, x...) },
		"Concatenate":   func(a *attributes, x []Tensor) Tensor { return Concatenate(a.Axis, x...) },
		"Tril":          func(a *attributes, x []Tensor) Tensor { return Tril(x[0], into[int](a.Offset)) },
		"Triu":          func(a *attributes, x []Tensor) Tensor { return Triu(x[0], into[int](a.Offset)) },
		"Diagonal":      func(a *attributes, x []Tensor) Tensor { return Diagonal(x[0], into[int](a.Offset), a.Axis1, a.Axis2) },
		"Trace":         func(a *attributes, x []Tensor) Tensor { return Trace(x[0], into[int](a.Offset), a.Axis1, a.Axis2) },
		"OneHot":        func(a *attributes, x []Tensor) Tensor { return OneHot(x[0], a.Classes) },
		"OneHotStrict":  func(a *attributes, x []Tensor) Tensor { return OneHotStrict(x[0], a.Classes) },
		"OneHotAxis":    func(a *attributes, x []Tensor) Tensor { return OneHotAxis(x[0], a.Classes, a.Axis) },
		"MultiHot":      func(a *attributes, x []Tensor) Tensor { return MultiHot(x[0], a.Classes) },
		"SegmentSum":    func(a *attributes, x []Tensor) Tensor { return SegmentSum(x[0], x[1], a.Segments) },
		"Zeros":         func(a *attributes, _ []Tensor) Tensor { return Zeros(DType(a.DType), into[[]int](a.Shape)...) },
		"Ones":          func(a *attributes, _ []Tensor) Tensor { return Ones(DType(a.DType), into[[]int](a.Shape)...) },
		"Full":          func(a *attributes, _ []Tensor) Tensor { return Full(a.Value, DType(a.DType), into[[]int](a.Shape)...) },
		"Arange": func(a *attributes, _ []Tensor) Tensor {
			return Arange(into[float64](a.Start), into[float64](a.Stop), into[float64](a.Step), DType(a.DType))
		},
		"Linspace": func(a *attributes, _ []Tensor) Tensor {
			return Linspace(into[float64](a.Start), into[float64](a.Stop), a.N)
		},
		"Eye":           func(a *attributes, _ []Tensor) Tensor { return Eye(a.N, a.M, into[int](a.Offset)) },
		"Einsum":        func(a *attributes, x []Tensor) Tensor { return Einsum(a.Subscripts, x...) },
		"Tensordot":     func(a *attributes, x []Tensor) Tensor { return Tensordot(x[0], x[1], a.AxesX, a.AxesY) },
		"Conv":          func(a *attributes, x []Tensor) Tensor { return Conv(x[0], x[1], a.window()) },
		"DepthwiseConv": func(a *attributes, x []Tensor) Tensor { return DepthwiseConv(x[0], x[1], a.window()) },
		"SeparableConv": func(a *attributes, x []Tensor) Tensor { return SeparableConv(x[0], x[1], x[2], a.window()) },
		"ConvTranspose": func(a *attributes, x []Tensor) Tensor {
			w := a.window()
			return ConvTranspose(x[0], x[1], TransposeWindow{w.Strides, w.Padding, a.OutputPadding, w.Dilation})
		},
		"MaxPool":             func(a *attributes, x []Tensor) Tensor { return MaxPool(x[0], a.window()) },
		"AveragePool":         func(a *attributes, x []Tensor) Tensor { return AveragePool(x[0], a.window()) },
		"AdaptiveMaxPool":     func(a *attributes, x []Tensor) Tensor { return AdaptiveMaxPool(x[0], into[[]int](a.Size)...) },
		"AdaptiveAveragePool": func(a *attributes, x []Tensor) Tensor { return AdaptiveAveragePool(x[0], into[[]int](a.Size)...) },
		"BatchNormalization": func(a *attributes, x []Tensor) Tensor {
			offset, scale := a.affine(x[3:])
			return BatchNormalization(x[0], x[1], x[2], offset, scale, a.Epsilon)
		},
		"CategoricalCrossentropy":       func(a *attributes, x []Tensor) Tensor { return CategoricalCrossentropy(x[0], x[1], a.Logits) },
		"SparseCategoricalCrossentropy": func(a *attributes, x []Tensor) Tensor { return SparseCategoricalCrossentropy(x[0], x[1], a.Logits) },
		"BinaryCrossentropy":            func(a *attributes, x []Tensor) Tensor { return BinaryCrossentropy(x[0], x[1], a.Logits) },
	} {
		table[name] = func(k *goldenCase, x []Tensor) []Tensor { return []Tensor{f(k.arguments(), x)} }
	}
	table["Moments"] = func(k *goldenCase, x []Tensor) []Tensor {
		m, v := Moments(x[0], k.arguments().Axes...)
		return []Tensor{m, v}
	}
	table["TopK"] = func(k *goldenCase, x []Tensor) []Tensor {
		v, i := TopK(x[0], k.arguments().K)
		return []Tensor{v, i}
	}
	table["Split"] = func(k *goldenCase, x []Tensor) []Tensor {
		return Split(x[0], k.arguments().Sections, k.arguments().Axis)
	}
	table["SplitAt"] = func(k *goldenCase, x []Tensor) []Tensor {
		return SplitAt(x[0], k.arguments().Places, k.arguments().Axis)
	}
	table["Unstack"] = func(k *goldenCase, x []Tensor) []Tensor { return Unstack(x[0], k.arguments().Axis) }
	table["NormalizeBatch"] = func(k *goldenCase, x []Tensor) []Tensor {
		offset, scale := k.arguments().affine(x[1:])
		y, m, v := NormalizeBatch(x[0], offset, scale, k.arguments().Epsilon)
		return []Tensor{y, m, v}
	}
	maps.Copy(table, imageOps)
	table["LSTM"] = callLSTM
	return table
}()

func (k *goldenCase) arguments() *attributes {
	if err := json.Unmarshal(k.Attributes, &k.attributes); err != nil {
		panic(err)
	}
	return &k.attributes
}

// order is that of a norm, which is no number in JSON where it is infinite.
func (a *attributes) order() *float64 {
	if a.Order == nil {
		return nil
	}
	switch s := into[string](a.Order); s {
	case "inf":
		return new(math.Inf(1))
	case "-inf":
		return new(math.Inf(-1))
	default:
		return new(into[float64](json.RawMessage(s)))
	}
}

func (a *attributes) window() Window {
	return Window{Size: into[[]int](a.Size), Strides: into[[]int](a.Strides), Padding: Padding(a.Padding), Dilation: into[[]int](a.Dilation)}
}

// affine picks the offset and the scale where there are any.
func (a *attributes) affine(more []Tensor) (offset, scale Tensor) {
	if into[bool](a.Offset) {
		offset = more[0]
	}
	if a.Scale {
		scale = more[len(more)-1]
	}
	return offset, scale
}

func callLSTM(k *goldenCase, x []Tensor) []Tensor {
	a := k.arguments()
	next := 3
	take := func(there bool) Tensor {
		if !there {
			return Tensor{}
		}
		next++
		return x[next-1]
	}
	bias, h, c, mask := take(a.Bias), take(a.State), take(a.State), take(a.Mask)
	in := RecurrentInputs{X: x[0], Kernel: x[1], Recurrent: x[2], Bias: bias, H: h, C: c, Mask: mask}
	s, h, c := Recurrent(in, RecurrentOptions{Cell: LSTMCell, Backwards: a.Backwards, ZeroOutputForMask: a.Zero})
	return []Tensor{s, h, c}
}

package layers

import (
	"regexp"
	"slices"
	"strings"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// An equation is that of an EinsumDense: letters of the input's, the kernel's and the output's axes.
type equation struct {
	input, kernel, output string
	left, right           bool // "..." stands before or behind the letters of input and output
}

var (
	plainEquation = regexp.MustCompile(`^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$`)
	leftEquation  = regexp.MustCompile(`^\.\.\.([a-zA-Z]+),([a-zA-Z]+)->\.\.\.([a-zA-Z]+)$`)
	rightEquation = regexp.MustCompile(`^([a-zA-Z]{2,})\.\.\.,([a-zA-Z]+)->([a-zA-Z]+)\.\.\.$`)
)

func parseEquation(s string) (e equation, err error) {
	for i, form := range []*regexp.Regexp{plainEquation, leftEquation, rightEquation} {
		if m := form.FindStringSubmatch(s); m != nil {
			return equation{m[1], m[2], m[3], i == 1, i == 2}, nil
		}
	}
	return e, errors.Errorf(`equation %q: expected one of the forms "X,Y->Z", "...X,Y->...Z" and "X...,Y->Z...", with letters`, s)
}

func (e *equation) String() string {
	before, behind := "", ""
	if e.left {
		before = "..."
	}
	if e.right {
		behind = "..."
	}
	return before + e.input + behind + "," + e.kernel + "->" + before + e.output + behind
}

// equationShapes are the shapes of an EinsumDense's weights, and which of the kernel's axes are summed over and which make the output.
type equationShapes struct{ kernel, bias, summed, made []int }

// shapes works out the weights' shapes from the input's and, without the batch and what "..." stands for, the output's.
func (e *equation) shapes(input, output []int, biasAxes string) (s equationShapes, err error) {
	elided := len(input) - len(e.input)
	if elided < 0 || elided > 0 && !e.left && !e.right {
		return s, errors.Errorf("expected an input of %d axes, got %d", len(e.input), len(input))
	}
	sizesIn, sizesOut, err := e.sizes(input, output, elided)
	if err != nil {
		return s, err
	}
	for i, l := range e.input {
		j := strings.IndexRune(e.output, l)
		if j >= 0 && sizesOut[j] != ops.Unknown && sizesOut[j] != sizesIn[i] {
			return s, errors.Errorf("axis %q: expected the same size in input and output, got %d and %d", l, sizesIn[i], sizesOut[j])
		}
	}
	for _, l := range e.output {
		if !strings.ContainsRune(e.input, l) && !strings.ContainsRune(e.kernel, l) {
			return s, errors.Errorf("axis %q of the output: expected one of the input %q or the kernel %q", l, e.input, e.kernel)
		}
	}
	for k, l := range e.kernel {
		if j := strings.IndexRune(e.output, l); j >= 0 {
			s.kernel, s.made = append(s.kernel, sizesOut[j]), append(s.made, k)
		} else if i := strings.IndexRune(e.input, l); i >= 0 {
			s.kernel, s.summed = append(s.kernel, sizesIn[i]), append(s.summed, k)
		} else {
			return s, errors.Errorf("axis %q of the kernel: expected one of the input %q or the output %q", l, e.input, e.output)
		}
		if s.kernel[k] < 1 {
			return s, errors.Errorf("axis %q of the kernel: its size must be known and positive, got %d", l, s.kernel[k])
		}
	}
	s.bias, err = e.biasShape(sizesOut, elided, biasAxes)
	return s, err
}

// sizes are those of the axes that have letters.
func (e *equation) sizes(input, output []int, elided int) (in, out []int, err error) {
	out = output
	switch {
	case !e.left || elided == 0:
		// The batch has the first letter.
		in, out = input[:len(e.input)], append([]int{input[0]}, output...)
	default:
		in = input[elided:]
	}
	if len(out) != len(e.output) {
		return nil, nil, errors.Errorf("output_shape: expected %d sizes for the output %q, got %d", len(e.output)-len(out)+len(output), e.output, len(output))
	}
	return in, out, nil
}

// biasShape has sizes of 1 between the axes that the bias has, and behind them.
func (e *equation) biasShape(sizes []int, elided int, axes string) (shape []int, err error) {
	if axes == "" {
		return nil, nil
	}
	first := len(e.output)
	for _, l := range axes {
		j := strings.IndexRune(e.output, l)
		if j < 0 {
			return nil, errors.Errorf("bias_axes %q: axis %q: expected one of the output %q", axes, l, e.output)
		}
		if sizes[j] < 1 {
			return nil, errors.Errorf("bias_axes %q: axis %q: its size must be known and positive, got %d", axes, l, sizes[j])
		}
		first = min(first, j)
	}
	for j, l := range e.output[first:] {
		n := 1
		if strings.ContainsRune(axes, l) {
			n = sizes[first+j]
		}
		shape = append(shape, n)
	}
	if e.right {
		shape = append(shape, slices.Repeat([]int{1}, elided)...)
	}
	return shape, nil
}

// apply is the sum of products plus the bias, if there is one.
func (e *equation) apply(x, kernel, bias ops.Tensor, s equationShapes, biasAxes string) ops.Tensor {
	if y, ok := e.applyMatrix(x, kernel, bias, s, biasAxes); ok {
		return y
	}
	y := ops.Einsum(e.String(), x, kernel)
	if bias.Valid() {
		y = ops.Add(y, bias)
	}
	return y
}

// applyMatrix makes several last axes of the output as one, so that the bias becomes part of the matrix product. It is for equations whose kernel
// has the input's last axes, then the output's; others, and shapes with several sizes that are not known, are left to the general way.
func (e *equation) applyMatrix(x, kernel, bias ops.Tensor, s equationShapes, biasAxes string) (y ops.Tensor, ok bool) {
	summed, made := e.kernel[:len(s.summed)], e.kernel[len(s.summed):]
	free, ends := strings.CutSuffix(e.input, summed)
	if e.right || !ends || len(made) < 2 || e.output != free+made || biasAxes != "" && biasAxes != made {
		return y, false
	}
	shape := x.Shape()
	shape = shape[:len(shape)-len(summed)]
	open, n := 0, 1
	for _, d := range shape {
		if d == ops.Unknown {
			open++
		}
	}
	if open > 1 {
		return y, false
	}
	for _, k := range s.made {
		n *= s.kernel[k]
	}
	one := equation{e.input, summed + made[:1], free + made[:1], e.left, false}
	y = ops.Einsum(one.String(), x, ops.Reshape(kernel, append(slices.Clone(s.kernel[:len(summed)]), n)...))
	if bias.Valid() {
		y = ops.Add(y, ops.Reshape(bias, n))
	}
	return ops.Reshape(y, append(slices.Clone(shape), s.kernel[len(summed):]...)...), true
}

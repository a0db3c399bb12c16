package ops

import "github.com/pkg/errors"

// A TransposeWindow is how a transposed convolution moves.
type TransposeWindow struct {
	Strides       []int   // nil: 1; one number stands for all axes
	Padding       Padding // Valid or Same; "": Valid
	OutputPadding []int   // what is added to the size of the result behind; nil: as much as [ConvTranspose] says
	Dilation      []int   // nil: 1; one number stands for all axes
}

// ConvTranspose is the gradient of [Conv] with respect to its images: it makes images of what such a convolution would make of them. The
// kernel is [..., filters, channels], for x of so many channels.
//
// An axis of size n becomes (n-1)·stride + span with padding Valid, where span is (size-1)·dilation + 1, or n·stride if that is more, and
// n·stride with Same. With OutputPadding p it becomes (n-1)·stride + span + p, or (n-1)·stride + p and 1 more if the span is odd.
func ConvTranspose(x, kernel Tensor, w TransposeWindow) Tensor {
	return slides("conv_transpose", x, kernel, Window{Strides: w.Strides, Padding: w.Padding, Dilation: w.Dilation}, func(o *convolution, axes int) (err error) {
		o.backwards, o.transposed = true, true
		if w.Padding == Causal {
			return errors.Errorf("padding %q: expected %q or %q", w.Padding, Valid, Same)
		}
		if w.OutputPadding == nil {
			o.more = [maxSpatial]int{-1, -1, -1}
			return nil
		}
		o.more, err = volumeAxes("output_padding", w.OutputPadding, axes, 0, 0)
		for i := range maxSpatial - axes {
			o.more[i] = -1
		}
		return err
	})
}

// transposedSize is the size that axis i of three becomes.
func (s slide) transposedSize(i, in, window int) (int, error) {
	span, stride, more := (window-1)*s.dilation[i]+1, s.strides[i], s.more[i]
	switch {
	case s.padding != Same && s.padding != Valid && s.padding != "":
		return 0, errors.Errorf("padding %q: expected %q or %q", s.padding, Valid, Same)
	case in == Unknown:
		return Unknown, nil
	case s.padding == Same && more < 0:
		return in * stride, nil
	case s.padding == Same:
		out := (in-1)*stride + span%2 + more
		if out < 1 {
			return 0, errors.Errorf("output padding %d leaves nothing of %d elements at strides of %d", more, in, stride)
		}
		return out, nil
	case more < 0:
		return (in-1)*stride + max(span, stride), nil
	}
	return (in-1)*stride + span + more, nil
}

// transposedBefore is how much of the first window along axis i of three lies before the result.
func (s slide) transposedBefore(i, window int) int {
	span, stride, more := (window-1)*s.dilation[i]+1, s.strides[i], s.more[i]
	if s.padding != Same {
		return 0
	}
	around := span + stride - 2
	if more >= 0 {
		around = span + span%2 - 2 + more
	}
	return span - 1 - min((around+1)/2, span-1)
}

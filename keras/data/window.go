package data

import "github.com/pkg/errors"

// WindowOptions are Window's.
type WindowOptions struct {
	// Shift is how far a window begins after the one before. Default: the size, so that they do not overlap.
	Shift int
	// Stride is how far the elements of a window are apart. Default: 1.
	Stride int
	// DropRemainder leaves out windows at the end that are shorter than the others. Default: they are kept.
	DropRemainder bool
}

// Window joins the elements of each window: the arrays get a new first axis of the window's size, as by tf.data's
// window(size).flat_map(lambda w: w.batch(size)).
func (p Pipeline) Window(size int, o ...WindowOptions) Pipeline {
	options := last(o)
	if options.Shift == 0 {
		options.Shift = size
	}
	if options.Stride == 0 {
		options.Stride = 1
	}
	if size <= 0 || options.Shift < 0 || options.Stride < 0 {
		return p.failf("Window: expected a size, shift and stride above 0, got %d, %d and %d", size, options.Shift, options.Stride)
	}
	span := (size-1)*options.Stride + 1
	length := mapped(p.length, func(n int) int {
		if !options.DropRemainder {
			return (n + options.Shift - 1) / options.Shift
		}
		if n < span {
			return 0
		}
		return (n-span)/options.Shift + 1
	})
	return p.then(length, func(in elements, _ pass) elements {
		return func(yield func(Batch, error) bool) {
			v := view{size: size, span: span, WindowOptions: options, stacker: stacker{size: size}}
			v.run(in, yield)
		}
	})
}

// A view is the elements that the next windows are made of.
type view struct {
	WindowOptions
	size, span int
	kept       []*keeper
	free       []*keeper
	skip       int // elements between two windows that are further apart than they are long
	stacker    stacker
	parts      parts
}

func (v *view) run(in elements, yield func(Batch, error) bool) {
	number := 0
	for b, err := range in {
		if err == nil && v.skip > 0 {
			v.skip--
			number++
			continue
		}
		if err == nil {
			err = located(v.keep(b), "Window", number)
		}
		if err != nil {
			yield(Batch{}, err)
			return
		}
		number++
		if len(v.kept) == v.span && !v.yield(yield) {
			return
		}
	}
	for !v.DropRemainder && len(v.kept) > 0 && v.yield(yield) {
	}
}

func (v *view) keep(b Batch) error {
	var k *keeper
	if n := len(v.free); n > 0 {
		k, v.free = v.free[n-1], v.free[:n-1]
	} else {
		k = &keeper{}
	}
	v.kept = append(v.kept, k)
	_, err := k.keep(b)
	return err
}

// yield yields the window that begins with the first element and moves on.
func (v *view) yield(yield func(Batch, error) bool) bool {
	n := 0
	for i := 0; i < len(v.kept) && n < v.size; i += v.Stride {
		err := v.parts.set(v.kept[i].kept)
		if err == nil {
			err = v.stacker.add(n, &v.parts)
		}
		if err != nil {
			yield(Batch{}, errors.WithMessage(err, "data: Window"))
			return false
		}
		n++
	}
	if out, err := v.stacker.join(n); !yield(out, err) || err != nil {
		return false
	}
	gone := min(v.Shift, len(v.kept))
	v.skip = v.Shift - gone
	v.free = append(v.free, v.kept[:gone]...)
	v.kept = append(v.kept[:0], v.kept[gone:]...)
	return true
}

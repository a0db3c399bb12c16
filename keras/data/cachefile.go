package data

import (
	"bufio"
	"encoding/gob"
	"io"
	"os"
	"path/filepath"
	"reflect"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A file keeps elements on disk. It is written beside its name and renamed when it is complete, so that there never is half a file.
type file struct{ name string }

const fileKind = "gokeras elements 1"

// A fileHeader begins the file.
type fileHeader struct {
	Kind string
	Seed uint64
}

// A record is an element; one without arrays ends the file.
type record struct {
	X, Y, Weights int
	Arrays        []recorded
}

type recorded struct {
	Shape []int
	Data  any // a slice of one of move's types, all of which gob knows
}

func (f *file) open(seed uint64, in elements) elements {
	return func(yield func(Batch, error) bool) {
		r, err := f.reader(seed)
		switch {
		case err != nil:
			yield(Batch{}, errors.WithMessagef(err, "data: Cache: %s", f.name))
		case r != nil:
			f.read(r, yield)
		default:
			f.write(seed, in, yield)
		}
	}
}

// A fileReader is an open file behind its header.
type fileReader struct {
	*os.File
	*gob.Decoder
}

// reader opens the file; nil: there is none for the seed.
func (f *file) reader(seed uint64) (*fileReader, error) {
	opened, err := os.Open(f.name)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, errors.WithStack(err)
	}
	r := &fileReader{opened, gob.NewDecoder(bufio.NewReader(opened))}
	var h fileHeader
	err = r.Decode(&h)
	if err == nil && h.Kind != fileKind {
		err = errors.Errorf("expected a file of kind %q, got %q", fileKind, h.Kind)
	}
	if err == nil && h.Seed == seed {
		return r, nil
	}
	if closing := opened.Close(); err == nil {
		err = closing
	}
	return nil, errors.WithStack(err)
}

func (f *file) read(r *fileReader, yield func(Batch, error) bool) {
	defer func() { _ = r.Close() }() // It was only read.
	for number := 0; ; number++ {
		var e record
		err := r.Decode(&e)
		if err == nil && len(e.Arrays) == 0 {
			return
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		var b Batch
		if err == nil {
			b, err = e.batch()
		}
		if err != nil {
			yield(Batch{}, errors.Wrapf(err, "data: Cache: %s: element %d", f.name, number))
			return
		}
		if !yield(b, nil) {
			return
		}
	}
}

func (f *file) write(seed uint64, in elements, yield func(Batch, error) bool) {
	w, err := os.CreateTemp(filepath.Dir(f.name), filepath.Base(f.name)+".*")
	if err != nil {
		yield(Batch{}, errors.Wrap(err, "data: Cache"))
		return
	}
	complete := false
	defer func() {
		if !complete {
			_ = w.Close() // The file is thrown away.
			_ = os.Remove(w.Name())
		}
	}()
	buffered := bufio.NewWriter(w)
	out := gob.NewEncoder(buffered)
	err = out.Encode(fileHeader{fileKind, seed})
	var e parts
	for b, failed := range in {
		if failed != nil {
			yield(Batch{}, failed)
			return
		}
		if err == nil {
			err = e.set(b)
		}
		if err == nil {
			err = out.Encode(e.record())
		}
		if err != nil {
			break
		}
		if !yield(b, nil) {
			return
		}
	}
	if err == nil {
		err = out.Encode(record{})
	}
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = w.Close()
	}
	if err == nil {
		err = os.Rename(w.Name(), f.name)
	}
	complete = err == nil
	if err != nil {
		yield(Batch{}, errors.Wrapf(err, "data: Cache: %s", f.name))
	}
}

func (e *parts) record() record {
	r := record{X: e.groups.x, Y: e.groups.y, Weights: e.groups.weights}
	for _, a := range e.arrays {
		data := a.Data()
		if len(a.Shape()) == 0 { // A scalar's data is no slice.
			one := newArray(a.Dtype(), tensor.Shape{1})
			move(one, 0, a, 0, 1)
			data = one.Data()
		}
		r.Arrays = append(r.Arrays, recorded{a.Shape().Clone(), data})
	}
	return r
}

func (r record) batch() (Batch, error) {
	if r.X < 0 || r.Y < 0 || r.Weights < 0 || r.X+r.Y+r.Weights != len(r.Arrays) {
		return Batch{}, errors.Errorf("expected %d X, %d Y and %d SampleWeight, got %d arrays", r.X, r.Y, r.Weights, len(r.Arrays))
	}
	arrays := make([]*tensor.Dense, len(r.Arrays))
	for i, a := range r.Arrays {
		v := reflect.ValueOf(a.Data)
		if v.Kind() != reflect.Slice || !movable(tensor.Dtype{Type: v.Type().Elem()}) {
			return Batch{}, errors.Errorf("expected arrays of numbers, bools or strings, got %T", a.Data)
		}
		n := 1
		for _, s := range a.Shape {
			if s < 0 || s > 0 && n > v.Len()/s {
				n = -1
				break
			}
			n *= s
		}
		if n != v.Len() {
			return Batch{}, errors.Errorf("expected the values of shape %v, got %d", a.Shape, v.Len())
		}
		arrays[i] = tensor.New(tensor.WithShape(a.Shape...), tensor.WithBacking(a.Data))
	}
	return groups{r.X, r.Y, r.Weights}.batch(arrays), nil
}

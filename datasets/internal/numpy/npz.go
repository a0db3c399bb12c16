package numpy

import (
	"archive/zip"
	"context"
	"io"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// An Archive is an open .npz file.
type Archive struct {
	z *zip.ReadCloser
}

// Open opens an archive, which has to be closed.
func Open(path string) (*Archive, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, errors.Wrapf(err, "npz: %s", path)
	}
	return &Archive{z}, nil
}

// Close closes the file.
func (a *Archive) Close() error { return errors.Wrap(a.z.Close(), "npz") }

// Dense returns an array of numbers by its name.
func (a *Archive) Dense(ctx context.Context, name string) (*tensor.Dense, error) {
	l, data, err := a.member(ctx, name)
	if err != nil {
		return nil, err
	}
	d, err := l.dense(data)
	return d, errors.WithMessagef(err, "npz: array %q", name)
}

// Sequences returns an array of lists of integers by its name: what NumPy makes of lists of different lengths, and of equal ones.
func (a *Archive) Sequences(ctx context.Context, name string) ([][]int32, error) {
	l, data, err := a.member(ctx, name)
	if err != nil {
		return nil, err
	}
	if l.kind != objects {
		return nil, errors.Errorf("npz: array %q: expected an array of objects, got elements of type %q", name, l.kind)
	}
	v, err := Unpickle(ctx, data)
	if err != nil {
		return nil, errors.WithMessagef(err, "npz: array %q", name)
	}
	rows, err := v.Sequences()
	return rows, errors.WithMessagef(err, "npz: array %q", name)
}

// member reads an array's file.
func (a *Archive) member(ctx context.Context, name string) (layout, []byte, error) {
	for _, f := range a.z.File {
		if f.Name != name+".npy" {
			continue
		}
		data, err := readAll(ctx, f)
		if err != nil {
			return layout{}, nil, errors.Wrapf(err, "npz: array %q", name)
		}
		l, rest, err := splitNPY(data)
		return l, rest, errors.WithMessagef(err, "npz: array %q", name)
	}
	names := make([]string, len(a.z.File))
	for i, f := range a.z.File {
		names[i] = f.Name
	}
	return layout{}, nil, errors.Errorf("npz: array %q: expected it in the archive, which holds %.200q", name, names)
}

func readAll(ctx context.Context, f *zip.File) (data []byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.UncompressedSize64 > maxBytes {
		return nil, errors.Errorf("expected at most %d bytes, got %d", maxBytes, f.UncompressedSize64)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := r.Close(); err == nil {
			err = cerr
		}
	}()
	// What a file says of its own size is not taken at its word: memory grows with what is read, and archive/zip gives no more than was said.
	return io.ReadAll(r)
}

package datasets

import (
	"bytes"
	"context"
	"os"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/datasets/internal/numpy"
)

// MNIST returns all 60,000 training and 10,000 test images of handwritten digits, as keras.datasets.mnist.load_data. X is [n, 28, 28] uint8, 0 is
// background; Y is [n] uint8, the digit. The download has 11 MB. A part of it is in [MNIST].
func (c Cache) MNIST(ctx context.Context) (train, test Split, err error) {
	path, err := c.file(ctx, pinned{
		name: "mnist.npz", base: kerasFiles,
		hash: "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
	})
	if err != nil {
		return train, test, errors.WithMessage(err, "datasets: Cache: MNIST")
	}
	parts, err := readSplits(ctx, path, [2]string{"x_train", "y_train"}, [2]string{"x_test", "y_test"})
	if err != nil {
		return train, test, errors.WithMessage(err, "datasets: Cache: MNIST")
	}
	return parts[0], parts[1], nil
}

// readSplits reads pairs of arrays.
func readSplits(ctx context.Context, path string, names ...[2]string) ([]Split, error) {
	return readPairs(path, names, func(a *numpy.Archive, n [2]string) (s Split, err error) {
		if s.X, err = a.Dense(ctx, n[0]); err != nil {
			return s, err
		}
		if s.Y, err = a.Dense(ctx, n[1]); err != nil {
			return s, err
		}
		if s.X.Shape()[0] != s.Y.Shape()[0] {
			return s, errors.Errorf("%s: expected as many rows in %s as in %s, got %v and %v", path, n[1], n[0], s.Y.Shape(), s.X.Shape())
		}
		return s, nil
	})
}

// readPairs reads pairs of arrays of an npz file, whose names are given.
func readPairs[T any](path string, names [][2]string, read func(a *numpy.Archive, n [2]string) (T, error)) (parts []T, err error) {
	a, err := numpy.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := a.Close(); err == nil {
			err = cerr
		}
	}()
	for _, n := range names {
		part, err := read(a, n)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// FashionMNIST returns all 60,000 training and 10,000 test pictures of clothes, as keras.datasets.fashion_mnist.load_data, in the form of [FashionMNIST],
// which holds a part of it. The download has 31 MB, in four files in datasets/fashion-mnist.
func (c Cache) FashionMNIST(ctx context.Context) (train, test Split, err error) {
	if train, err = c.fashion(ctx, pinned{
		name: "train-images-idx3-ubyte.gz", hash: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
	}, pinned{
		name: "train-labels-idx1-ubyte.gz", hash: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
	}); err != nil {
		return Split{}, Split{}, errors.WithMessage(err, "datasets: Cache: FashionMNIST: train")
	}
	if test, err = c.fashion(ctx, pinned{
		name: "t10k-images-idx3-ubyte.gz", hash: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
	}, pinned{
		name: "t10k-labels-idx1-ubyte.gz", hash: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
	}); err != nil {
		return Split{}, Split{}, errors.WithMessage(err, "datasets: Cache: FashionMNIST: test")
	}
	return train, test, nil
}

// fashion reads images and their labels.
func (c Cache) fashion(ctx context.Context, images, labels pinned) (Split, error) {
	var files [2]*bytes.Reader
	for i, p := range []pinned{images, labels} {
		p.base, p.subdir = kerasFiles, "datasets/fashion-mnist"
		path, err := c.file(ctx, p)
		if err != nil {
			return Split{}, err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return Split{}, errors.WithStack(err)
		}
		files[i] = bytes.NewReader(raw)
	}
	s, err := idxSplit(files[0], files[1])
	s.TargetNames = fashionNames()
	return s, err
}

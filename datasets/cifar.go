package datasets

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/datasets/internal/numpy"
)

// The size of CIFAR's images. In its files the three colours come one after the other.
const (
	cifarSide   = 32
	cifarPixels = cifarSide * cifarSide
	cifarImage  = 3 * cifarPixels
)

// CIFAR10 returns 50,000 training and 10,000 test photographs of ten classes, as keras.datasets.cifar10.load_data with channels last: X is
// [n, 32, 32, 3] uint8, Y is [n, 1] uint8, TargetNames are the classes. The download has 170 MB: the same images in CIFAR's own format.
func (c Cache) CIFAR10(ctx context.Context) (train, test Split, err error) {
	train, test, err = c.cifar10(ctx)
	return train, test, errors.WithMessage(err, "datasets: CIFAR10")
}

func (c Cache) cifar10(ctx context.Context) (train, test Split, err error) {
	path, err := c.file(ctx, pinned{
		name: "cifar-10-binary.tar.gz", base: cifarFiles,
		hash: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
	})
	if err != nil {
		return train, test, err
	}
	const batches, dir = 5, "cifar-10-batches-bin/"
	names := []string{dir + "test_batch.bin"}
	for i := range batches {
		names = append(names, fmt.Sprintf("%sdata_batch_%d.bin", dir, i+1))
	}
	files, err := members(ctx, path, names...)
	if err != nil {
		return train, test, err
	}
	var samples []byte
	for _, f := range files[1:] {
		samples = append(samples, f...)
	}
	if train, err = cifarRecords(samples); err != nil {
		return train, test, errors.WithMessage(err, "data_batch")
	}
	test, err = cifarRecords(files[0])
	return train, test, errors.WithMessage(err, "test_batch")
}

// cifarRecords reads samples of CIFAR's own format: a byte for the class, then the image.
func cifarRecords(b []byte) (Split, error) {
	const record = 1 + cifarImage
	n := len(b) / record
	if n == 0 || len(b)%record != 0 {
		return Split{}, errors.Errorf("expected records of %d bytes, got %d bytes", record, len(b))
	}
	names := []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
	x, y := make([]byte, n*cifarImage), make([]byte, n)
	for i := range n {
		y[i] = b[i*record]
		if int(y[i]) >= len(names) {
			return Split{}, errors.Errorf("image %d: expected a class below %d, got %d", i, len(names), y[i])
		}
		channelsLast(x[i*cifarImage:], b[i*record+1:])
	}
	return cifarSplit(x, y, names), nil
}

// channelsLast brings the colours of each of an image's pixels together.
func channelsLast(to, from []byte) {
	for p := range cifarPixels {
		for channel := range 3 {
			to[3*p+channel] = from[channel*cifarPixels+p]
		}
	}
}

func cifarSplit(x, y []byte, names []string) Split {
	return Split{
		X:           tensor.New(tensor.WithShape(len(y), cifarSide, cifarSide, 3), tensor.WithBacking(x)),
		Y:           tensor.New(tensor.WithShape(len(y), 1), tensor.WithBacking(y)),
		TargetNames: names,
	}
}

// CIFAR100 returns 50,000 training and 10,000 test photographs, as keras.datasets.cifar100.load_data with channels last: X is [n, 32, 32, 3] uint8,
// Y is [n, 1] uint8, TargetNames are the classes: 100 for the labelMode "fine", which is also that of "", and 20 for "coarse". The download has 169 MB.
func (c Cache) CIFAR100(ctx context.Context, labelMode string) (train, test Split, err error) {
	train, test, err = c.cifar100(ctx, labelMode)
	return train, test, errors.WithMessage(err, "datasets: CIFAR100")
}

func (c Cache) cifar100(ctx context.Context, labelMode string) (train, test Split, err error) {
	switch labelMode {
	case "":
		labelMode = "fine"
	case "fine", "coarse":
	default:
		return train, test, errors.Errorf("labelMode: expected \"fine\" or \"coarse\", got %q", labelMode)
	}
	path, err := c.file(ctx, pinned{
		name: "cifar-100-python.tar.gz", base: cifarFiles,
		hash: "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
	})
	if err != nil {
		return train, test, err
	}
	const dir = "cifar-100-python/"
	files, err := members(ctx, path, dir+"meta", dir+"train", dir+"test")
	if err != nil {
		return train, test, err
	}
	names, err := cifarNames(ctx, files[0], labelMode)
	if err != nil {
		return train, test, errors.WithMessage(err, "meta")
	}
	if train, err = cifarPickle(ctx, files[1], labelMode, names); err != nil {
		return train, test, errors.WithMessage(err, "train")
	}
	test, err = cifarPickle(ctx, files[2], labelMode, names)
	return train, test, errors.WithMessage(err, "test")
}

func cifarNames(ctx context.Context, file []byte, labelMode string) ([]string, error) {
	v, err := numpy.Unpickle(ctx, file)
	if err != nil {
		return nil, err
	}
	if v, err = v.Entry(labelMode + "_label_names"); err != nil {
		return nil, err
	}
	return v.Strings()
}

// cifarPickle reads a dictionary of images and their classes.
func cifarPickle(ctx context.Context, file []byte, labelMode string, names []string) (Split, error) {
	v, err := numpy.Unpickle(ctx, file)
	if err != nil {
		return Split{}, err
	}
	data, err := v.Entry("data")
	if err != nil {
		return Split{}, err
	}
	labels, err := v.Entry(labelMode + "_labels")
	if err != nil {
		return Split{}, err
	}
	images, err := data.Dense()
	if err != nil {
		return Split{}, err
	}
	classes, err := labels.Int32s()
	if err != nil {
		return Split{}, err
	}
	planes, ok := images.Data().([]uint8)
	if !ok || !images.Shape().Eq(tensor.Shape{len(classes), cifarImage}) {
		return Split{}, errors.Errorf("expected uint8 data of shape [%d %d], got %v of %v", len(classes), cifarImage, images.Dtype(), images.Shape())
	}
	x, y := make([]byte, len(planes)), make([]byte, len(classes))
	for i, class := range classes {
		if class < 0 || int(class) >= len(names) {
			return Split{}, errors.Errorf("image %d: expected a class below %d, got %d", i, len(names), class)
		}
		y[i] = byte(class)
		channelsLast(x[i*cifarImage:], planes[i*cifarImage:])
	}
	return cifarSplit(x, y, names), nil
}

// members returns files of an archive of tar and gzip, in the order of the names.
func members(ctx context.Context, path string, names ...string) (files [][]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = errors.WithStack(cerr)
		}
	}()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, errors.Wrap(err, path)
	}
	// All members but those wanted are read over, within the same bound.
	t := tar.NewReader(io.LimitReader(z, 4*maxPinned))
	found := map[string][]byte{}
	for len(found) < len(names) {
		if err := ctx.Err(); err != nil {
			return nil, errors.WithStack(err)
		}
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errors.Wrap(err, path)
		}
		if h.Typeflag != tar.TypeReg || h.Size > maxPinned {
			continue
		}
		for _, name := range names {
			if name != h.Name {
				continue
			}
			found[name] = make([]byte, h.Size)
			if _, err := io.ReadFull(t, found[name]); err != nil {
				return nil, errors.Wrapf(err, "%s: %s", path, name)
			}
		}
	}
	for _, name := range names {
		file, ok := found[name]
		if !ok {
			return nil, errors.Errorf("%s: expected a file %s, it is not there", path, name)
		}
		files = append(files, file)
	}
	return files, nil
}

package data

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/images"
)

// pictures writes red and blue pictures of 2 x 4 pixels, two of each.
func pictures(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"blue/1.png", "blue/2.png", "red/1.png", "red/2.bmp"} {
		x := newArray(tensor.Float32, tensor.Shape{2, 4, 3})
		for i := range 8 {
			if name[0] == 'r' {
				x.Float32s()[3*i] = 200
			} else {
				x.Float32s()[3*i+2] = 100
			}
		}
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, images.Save(path, x))
	}
	return dir
}

func TestImagesAndTheirLabelsStayTogether(t *testing.T) {
	t.Parallel()
	dir := pictures(t)
	d, err := ImageDatasetFromDirectory(dir, ImageDirectoryOptions{ImageSize: [2]int{1, 2}, DataFormat: "channels_first"})
	require.NoError(t, err)
	assert.Equal(t, []string{"blue", "red"}, d.ClassNames)
	assert.Equal(t, 1, d.Len())
	orders := map[string]bool{}
	for e := range 12 {
		for b, err := range d.Batches(1, e) {
			require.NoError(t, err)
			require.Equal(t, tensor.Shape{4, 3, 1, 2}, b.X[0].Shape())
			name := ""
			for i, y := range b.Y[0].Int32s() {
				want := [][]float32{{0, 0, 0, 0, 100, 100}, {200, 200, 0, 0, 0, 0}}[y]
				assert.Equal(t, want, b.X[0].Float32s()[6*i:6*i+6])
				name += d.ClassNames[y] + " "
			}
			orders[name] = true
		}
	}
	assert.Greater(t, len(orders), 1, "each epoch shuffles again")

	single, err := ImageDatasetFromDirectory(dir, ImageDirectoryOptions{
		DirectoryOptions: DirectoryOptions{BatchSize: -1, Labels: []int32{7, 5, 7, 3}, Shuffle: new(false)}, ColorMode: "grayscale",
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"3", "5", "7"}, single.ClassNames)
	require.ErrorContains(t, single.Err(), "expected Batch(n)")
	var labels []int32
	for b, err := range single.Elements(0, 0) {
		require.NoError(t, err)
		require.Equal(t, tensor.Shape{256, 256, 1}, b.X[0].Shape(), "Keras's size")
		labels = append(labels, b.Y[0].Int32s()...)
	}
	assert.Equal(t, []int32{7, 5, 7, 3}, labels)
}

func TestLinks(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string][]byte{"a/1.txt": []byte("one"), "b/2.txt": []byte("two")})
	if err := os.Symlink(filepath.Join(dir, "b"), filepath.Join(dir, "a", "link")); err != nil {
		require.ErrorIs(t, err, os.ErrPermission, "a system without links")
		return
	}
	require.NoError(t, os.Symlink(filepath.Join(dir, "a"), filepath.Join(dir, "a", "circle")))
	count := func(follow bool) int {
		d, err := TextDatasetFromDirectory(dir, TextDirectoryOptions{DirectoryOptions: DirectoryOptions{FollowLinks: follow}})
		require.NoError(t, err)
		return len(d.FilePaths)
	}
	assert.Equal(t, 2, count(false))
	assert.Equal(t, 3, count(true))
}

func TestDirectoryErrors(t *testing.T) {
	t.Parallel()
	dir := pictures(t)
	bad := writeFiles(t, map[string][]byte{"x/broken.png": []byte("no picture")})
	text := writeFiles(t, map[string][]byte{"x/a.txt": []byte("text")})
	image := func(o ImageDirectoryOptions) func() error {
		return func() error { _, err := ImageDatasetFromDirectory(dir, o); return err }
	}
	common := func(o DirectoryOptions) func() error { return image(ImageDirectoryOptions{DirectoryOptions: o}) }
	for _, c := range []struct {
		call func() error
		says string
	}{
		{image(ImageDirectoryOptions{ColorMode: "cmyk"}), `got "cmyk"`},
		{image(ImageDirectoryOptions{Interpolation: "linear"}), `got "linear"`},
		{image(ImageDirectoryOptions{ImageSize: [2]int{3, 0}}), "got 3 x 0"},
		{image(ImageDirectoryOptions{CropToAspectRatio: true, PadToAspectRatio: true}), "got both"},
		{image(ImageDirectoryOptions{DataFormat: "channels"}), `got "channels"`},
		{common(DirectoryOptions{LabelMode: "sparse"}), `got "sparse"`},
		{common(DirectoryOptions{BatchSize: -2}), "got -2"},
		{common(DirectoryOptions{ClassNames: []string{"red", "green"}}), `got "green"`},
		{common(DirectoryOptions{ClassNames: []string{"red"}, LabelMode: "binary"}), `expected 2 classes, got ["red"]`},
		{common(DirectoryOptions{ClassNames: []string{"red"}, LabelMode: "none"}), "class names: expected none"},
		{common(DirectoryOptions{Labels: []int32{1}}), "expected one for each of 4 files"},
		{common(DirectoryOptions{Labels: []int32{1, 2, 3, 4}, LabelMode: "categorical"}), "got 4"},
		{common(DirectoryOptions{ValidationSplit: 1, Subset: "training"}), "got 1"},
		{common(DirectoryOptions{ValidationSplit: 0.5}), "expected both or neither"},
		{common(DirectoryOptions{Subset: "training"}), "expected both or neither"},
		{common(DirectoryOptions{ValidationSplit: 0.5, Subset: "test"}), `got "test"`},
		{common(DirectoryOptions{ValidationSplit: 0.5, Subset: "training"}), "seed: expected one"},
		{common(DirectoryOptions{ValidationSplit: 0.1, Subset: "training", Seed: new(uint32(1))}), "at least one of 4 files, got 0.1"},
		{func() error {
			_, err := ImageDatasetFromDirectory(filepath.Join(dir, "none"), ImageDirectoryOptions{})
			return err
		}, "none"},
		{func() error { _, err := ImageDatasetFromDirectory(text, ImageDirectoryOptions{}); return err }, "found none"},
		{func() error {
			_, err := TextDatasetFromDirectory(text, TextDirectoryOptions{MaxLength: -1})
			return err
		}, "got -1"},
		{func() error {
			d, err := ImageDatasetFromDirectory(bad, ImageDirectoryOptions{})
			require.NoError(t, err, "files are read while iterating")
			for _, e := range d.Batches(0, 0) {
				err = e
			}
			return err
		}, filepath.Join(bad, "x", "broken.png")},
		{func() error {
			d, err := TextDatasetFromDirectory(text, TextDirectoryOptions{})
			require.NoError(t, err)
			require.NoError(t, os.Remove(filepath.Join(text, "x", "a.txt")))
			for _, e := range d.Batches(0, 0) {
				err = e
			}
			return err
		}, filepath.Join(text, "x", "a.txt")},
	} {
		require.ErrorContains(t, c.call(), c.says)
	}
}

func TestTimeseriesErrors(t *testing.T) {
	t.Parallel()
	x := ints(10)
	for _, c := range []struct {
		o    TimeseriesOptions
		y    *tensor.Dense
		says string
	}{
		{TimeseriesOptions{}, nil, "sequence length: expected a number above 0, got 0"},
		{TimeseriesOptions{SequenceLength: 2, BatchSize: -2}, nil, "batch size"},
		{TimeseriesOptions{SequenceLength: 2, StartIndex: 10}, nil, "start index: expected one of 10 rows, got 10"},
		{TimeseriesOptions{SequenceLength: 2, EndIndex: 10}, nil, "end index"},
		{TimeseriesOptions{SequenceLength: 2, StartIndex: 5, EndIndex: 5}, nil, "above the start index 5"},
		{TimeseriesOptions{SequenceLength: 2, SamplingRate: 10}, nil, "sampling rate"},
		{TimeseriesOptions{SequenceLength: 2, SequenceStride: -1}, nil, "sequence stride"},
		{TimeseriesOptions{SequenceLength: 2, StartIndex: 6}, ints(7), "expected a target for each sequence from row 6 on, got 7"},
		{TimeseriesOptions{SequenceLength: 2}, tensor.New(tensor.FromScalar(1)), "targets: X[0]: expected an array with a first axis"},
	} {
		p := TimeseriesDatasetFromArray(x, c.y, c.o)
		require.ErrorContains(t, p.Err(), c.says)
		require.ErrorContains(t, p.Err(), "data: TimeseriesDatasetFromArray")
	}
	require.Error(t, TimeseriesDatasetFromArray(nil, nil, TimeseriesOptions{SequenceLength: 2}).Err())
	assert.Zero(t, TimeseriesDatasetFromArray(x, nil, TimeseriesOptions{SequenceLength: 11}).Len(), "as in Keras, no sequence fits")
}

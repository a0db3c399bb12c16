package data

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/array"
)

// An answer is an array that TensorFlow gave.
type answer struct {
	Shape []int
	Data  []float64
	Texts []string
}

func (a answer) dense(t *testing.T, typ tensor.Dtype) *tensor.Dense {
	t.Helper()
	d := newArray(typ, a.Shape)
	for i, v := range a.Data {
		switch typ {
		case tensor.Float32:
			d.Float32s()[i] = float32(v)
		case tensor.Int32:
			d.Int32s()[i] = int32(v)
		}
	}
	return d
}

func (a answer) requireEqual(t *testing.T, d *tensor.Dense, tolerance float64, what string) {
	t.Helper()
	require.Equal(t, fmt.Sprint(a.Shape), strings.ReplaceAll(fmt.Sprint([]int(d.Shape())), "()", "[]"), what)
	if d.Dtype() == tensor.String {
		require.Equal(t, fmt.Sprintf("%q", a.Texts), fmt.Sprintf("%q", d.Strings()), what)
		return
	}
	got, err := array.Float64s(d)
	require.NoError(t, err)
	for i, v := range a.Data {
		require.InDelta(t, v, got[i], tolerance, "%s: place %d of %v", what, i, a.Shape)
	}
}

// requireElements compares all elements of a pipeline.
func requireElements(t *testing.T, want [][]answer, p Pipeline, tolerance float64, what string) {
	t.Helper()
	n := 0
	for b, err := range p.Elements(1, 0) {
		require.NoError(t, err, what)
		require.Less(t, n, len(want), "%s: more elements than expected", what)
		arrays := b.all(nil)
		require.Len(t, arrays, len(want[n]), what)
		for i, a := range arrays {
			want[n][i].requireEqual(t, a, tolerance, fmt.Sprintf("%s: element %d, array %d", what, n, i))
		}
		n++
	}
	require.Equal(t, len(want), n, "%s: number of elements", what)
}

type goldenStep struct {
	Step                   string
	N, Index, Cycle, Block int
	Shift, Stride          int
	Drop                   bool
}

type goldenData struct {
	Pipelines []struct {
		N, Length int
		Steps     []goldenStep
		Elements  [][]answer
	}
	Ragged []struct {
		N, Size, Padding int
		Shapes           []int
		Elements         [][]answer
	}
	Timeseries []struct {
		X              answer
		Y              *answer
		SequenceLength int `json:"sequence_length"`
		SequenceStride int `json:"sequence_stride"`
		SamplingRate   int `json:"sampling_rate"`
		BatchSize      int `json:"batch_size"`
		StartIndex     int `json:"start_index"`
		EndIndex       int `json:"end_index"`
		Refused        bool
		Elements       [][]answer
	}
	Directories []goldenDirectory
}

func readGolden(t *testing.T) (g goldenData) {
	t.Helper()
	f, err := os.Open("testdata/data.json.gz")
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(z).Decode(&g))
	require.NotEmpty(t, g.Pipelines)
	require.NotEmpty(t, g.Directories)
	return g
}

// stream is a pipeline of examples which are not rows of arrays.
func (p Pipeline) asStream() Pipeline {
	return p.then(p.length, func(in elements, _ pass) elements { return in })
}

// scalar is an int64 scalar.
func scalar(v int64) *tensor.Dense {
	return tensor.New(tensor.WithShape(), tensor.WithBacking([]int64{v}))
}

// numbers are x = 0, 1, ... with labels 10 x.
func numbers(n int) Pipeline {
	if n == 0 {
		return Pipeline{examples: true}
	}
	x, y := make([]int64, n), make([]int64, n)
	for i := range x {
		x[i], y[i] = int64(i), 10*int64(i)
	}
	return FromTensorSlices(tensor.New(tensor.WithShape(n), tensor.WithBacking(x)), tensor.New(tensor.WithShape(n), tensor.WithBacking(y)))
}

// many are as many elements as x % n + 1.
func many(n int) func(Batch) (Pipeline, error) {
	return func(b Batch) (Pipeline, error) {
		x, y := b.X[0].Int64s()[0], b.Y[0].Int64s()[0]
		return Range(0, x%int64(n)+1, 1).Map(func(i Batch) (Batch, error) {
			return Batch{X: []*tensor.Dense{scalar(100*x + i.X[0].Int64s()[0])}, Y: []*tensor.Dense{scalar(y)}}, nil
		}), nil
	}
}

func (s goldenStep) apply(p Pipeline) Pipeline {
	switch s.Step {
	case "take":
		return p.Take(s.N)
	case "skip":
		return p.Skip(s.N)
	case "shard":
		return p.Shard(s.N, s.Index)
	case "repeat":
		return p.Repeat(s.N)
	case "filter":
		return p.Filter(func(b Batch) (bool, error) { return b.X[0].Int64s()[0]%int64(s.N) != 0, nil })
	case "map":
		return p.Map(func(b Batch) (Batch, error) {
			b.X[0].Int64s()[0] += int64(s.N) // Functions may write to what they get.
			b.Y[0].Int64s()[0] *= int64(s.N)
			return b, nil
		}, MapOptions{NumParallelCalls: s.N})
	case "concatenate":
		return p.Concatenate(numbers(s.N))
	case "zip":
		return Zip(p, numbers(s.N)).Map(func(b Batch) (Batch, error) {
			b.X[0].Int64s()[0] += b.X[1].Int64s()[0]
			return Batch{X: b.X[:1], Y: b.Y[:1]}, nil
		})
	case "interleave":
		return p.Interleave(many(s.N), InterleaveOptions{CycleLength: s.Cycle, BlockLength: s.Block})
	case "flat_map":
		return p.FlatMap(many(s.N))
	case "cache":
		return p.Cache()
	case "prefetch":
		return p.Prefetch(s.N)
	case "batch":
		return p.Batch(s.N, BatchOptions{DropRemainder: s.Drop})
	case "unbatch":
		return p.Batch(s.N, BatchOptions{DropRemainder: s.Drop}).Unbatch()
	case "padded_batch":
		return p.PaddedBatch(s.N, PaddedBatchOptions{DropRemainder: s.Drop})
	case "window":
		return p.Window(s.N, WindowOptions{Shift: s.Shift, Stride: s.Stride, DropRemainder: s.Drop})
	}
	return p.failf("no step %q", s.Step)
}

func TestAsTensorFlow(t *testing.T) {
	t.Parallel()
	for i, c := range readGolden(t).Pipelines {
		what := fmt.Sprintf("pipeline %d, %d numbers, %+v", i, c.N, c.Steps)
		fromArrays, fromStream := numbers(c.N), numbers(c.N).asStream()
		for _, s := range c.Steps {
			fromArrays, fromStream = s.apply(fromArrays), s.apply(fromStream)
		}
		for _, p := range []Pipeline{fromArrays, fromStream} {
			requireElements(t, c.Elements, p, 0, what)
			if c.Length >= 0 && !unbatches(c.Steps) { // TensorFlow may know what is in a batch.
				assert.Equal(t, c.Length, p.length, what)
			}
			assert.Contains(t, []int{unknown, len(c.Elements)}, p.length, what)
		}
	}
}

func unbatches(steps []goldenStep) bool {
	return slices.ContainsFunc(steps, func(s goldenStep) bool { return s.Step == "unbatch" })
}

func TestPaddedBatchAsTensorFlow(t *testing.T) {
	t.Parallel()
	for i, c := range readGolden(t).Ragged {
		p := Range(0, int64(c.N), 1).Map(func(b Batch) (Batch, error) {
			v := b.X[0].Int64s()[0]
			x := newArray(tensor.Int64, tensor.Shape{int(v)%4 + 1, int(v)%3 + 2})
			fillWith(x.Int64s(), v)
			return Batch{X: []*tensor.Dense{x}}, nil
		}).PaddedBatch(c.Size, PaddedBatchOptions{PaddedShapes: [][]int{c.Shapes}, PaddingValues: []float64{float64(c.Padding)}})
		requireElements(t, c.Elements, p, 0, fmt.Sprintf("case %d", i))
	}
}

func TestTimeseriesAsKeras(t *testing.T) {
	t.Parallel()
	refused := 0
	for i, c := range readGolden(t).Timeseries {
		what := fmt.Sprintf("case %d: %+v", i, c)
		o := TimeseriesOptions{
			SequenceLength: c.SequenceLength, SequenceStride: c.SequenceStride, SamplingRate: c.SamplingRate, BatchSize: c.BatchSize,
			StartIndex: c.StartIndex, EndIndex: c.EndIndex,
		}
		var y *tensor.Dense
		if c.Y != nil {
			y = c.Y.dense(t, tensor.Int32)
		}
		x := c.X.dense(t, tensor.Float32)
		p := TimeseriesDatasetFromArray(x, y, o)
		if c.Refused {
			refused++
			require.Error(t, p.Err(), what)
			continue
		}
		requireElements(t, c.Elements, p, 0, what)
		assert.Equal(t, len(c.Elements), p.Len(), what)

		// One by one, and in another order, they are the same.
		var whole [][]float32
		for b, err := range p.Unbatch().Elements(0, 0) {
			require.NoError(t, err)
			whole = append(whole, append([]float32(nil), b.X[0].Float32s()...))
		}
		o.BatchSize = -1
		o.Shuffle = true
		var single [][]float32
		q := TimeseriesDatasetFromArray(x, y, o)
		for b, err := range q.Elements(3, 1) {
			require.NoError(t, err)
			require.Equal(t, c.SequenceLength, b.X[0].Shape()[0], what)
			single = append(single, append([]float32(nil), b.X[0].Float32s()...))
		}
		assert.ElementsMatch(t, whole, single, what)
	}
	assert.Positive(t, refused)
}

type goldenDirectory struct {
	What              string
	Files             map[string][]byte
	LabelMode         string `json:"label_mode"`
	BatchSize         int    `json:"batch_size"`
	Shuffle           bool
	ClassNames        []string `json:"class_names"`
	ValidationSplit   float64  `json:"validation_split"`
	Subset            string
	Seed              uint32
	ImageSize         [2]int `json:"image_size"`
	ColorMode         string `json:"color_mode"`
	Interpolation     string
	CropToAspectRatio bool `json:"crop_to_aspect_ratio"`
	PadToAspectRatio  bool `json:"pad_to_aspect_ratio"`
	MaxLength         int  `json:"max_length"`
	Refused           bool
	Paths, Classes    []string
	Elements          [][]answer
}

func (c goldenDirectory) open(dir string) (Directory, error) {
	o := DirectoryOptions{
		LabelMode: c.LabelMode, ClassNames: c.ClassNames, BatchSize: c.BatchSize, Shuffle: &c.Shuffle, Seed: &c.Seed,
		ValidationSplit: c.ValidationSplit, Subset: c.Subset,
	}
	if c.What == "text" {
		return TextDatasetFromDirectory(dir, TextDirectoryOptions{DirectoryOptions: o, MaxLength: c.MaxLength})
	}
	return ImageDatasetFromDirectory(dir, ImageDirectoryOptions{
		DirectoryOptions: o, ColorMode: c.ColorMode, ImageSize: c.ImageSize, Interpolation: c.Interpolation,
		CropToAspectRatio: c.CropToAspectRatio, PadToAspectRatio: c.PadToAspectRatio,
	})
}

func writeFiles(t *testing.T, files map[string][]byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, content, 0o600))
	}
	return dir
}

func TestDirectoriesAsKeras(t *testing.T) {
	t.Parallel()
	for i, c := range readGolden(t).Directories {
		what := fmt.Sprintf("case %d: %s %+v", i, c.What, c.ClassNames)
		dir := writeFiles(t, c.Files)
		d, err := c.open(dir)
		if c.Refused {
			require.Error(t, err, what)
			continue
		}
		require.NoError(t, err, what)
		assert.Equal(t, c.Classes, d.ClassNames, what)
		if len(c.Paths) > 0 {
			var relative []string
			for _, p := range d.FilePaths {
				r, err := filepath.Rel(dir, p)
				require.NoError(t, err)
				relative = append(relative, filepath.ToSlash(r))
			}
			assert.Equal(t, c.Paths, relative, what)
		}
		assert.Equal(t, len(c.Elements), d.Len(), what)
		tolerance := 5e-3
		if slices.ContainsFunc(d.FilePaths, func(p string) bool { return strings.HasSuffix(p, ".jpg") }) {
			tolerance += 2 // Decoders of JPEG round otherwise.
		}
		unshuffled := d.Pipeline
		if c.Shuffle { // The fixture is without the shuffle of each epoch.
			unshuffled = inOrder(t, c, d)
		}
		requireElements(t, c.Elements, unshuffled, tolerance, what)
	}
}

// inOrder puts the elements of a shuffled directory in the order of its FilePaths.
func inOrder(t *testing.T, c goldenDirectory, d Directory) Pipeline {
	t.Helper()
	require.Greater(t, 8*c.BatchSize, 0)
	var order []int
	paths := tensor.New(tensor.WithShape(len(d.FilePaths)), tensor.WithBacking(d.FilePaths))
	place := map[string]int{}
	for i, p := range d.FilePaths {
		place[p] = i
	}
	for b, err := range FromTensorSlices(paths, nil).Shuffle(8*c.BatchSize).Elements(1, 0) {
		require.NoError(t, err)
		order = append(order, place[b.X[0].Strings()[0]])
	}
	all := make([]Batch, len(order))
	n := 0
	for b, err := range d.Unbatch().Elements(1, 0) {
		require.NoError(t, err)
		var err error
		all[order[n]], err = clone(b)
		require.NoError(t, err)
		n++
	}
	return Range(0, int64(n), 1).Map(func(b Batch) (Batch, error) { return all[b.X[0].Int64s()[0]], nil }).Batch(c.BatchSize)
}

func TestRangeEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		start, stop, step int64
		want              []int64
	}{
		{0, 3, 1, []int64{0, 1, 2}},
		{1, 8, 3, []int64{1, 4, 7}},
		{1, 7, 3, []int64{1, 4}},
		{5, 0, -2, []int64{5, 3, 1}},
		{5, 1, -2, []int64{5, 3}},
		{0, 3, -1, nil},
		{3, 0, 1, nil},
		{2, 2, 1, nil},
	} {
		var got []int64
		p := Range(c.start, c.stop, c.step)
		for b, err := range p.Elements(0, 0) {
			require.NoError(t, err)
			got = append(got, b.X[0].Int64s()...)
		}
		assert.Equal(t, c.want, got)
		assert.Equal(t, len(c.want), p.length)
	}
}

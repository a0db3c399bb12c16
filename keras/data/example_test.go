package data_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/keras/data"
)

func ExampleFromTensorSlices() {
	x := tensor.New(tensor.WithShape(5, 2), tensor.WithBacking([]float32{0, 0, 1, 1, 2, 2, 3, 3, 4, 4}))
	y := tensor.New(tensor.WithShape(5), tensor.WithBacking([]int32{0, 1, 2, 3, 4}))
	train := data.FromTensorSlices(x, y).Batch(2)
	for batch, err := range train.Batches(0, 0) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(batch.X[0].Shape(), batch.Y[0].Data())
	}
	// Output:
	// (2, 2) [0 1]
	// (2, 2) [2 3]
	// (1, 2) [4]
}

func show(p data.Pipeline) {
	for e, err := range p.Elements(0, 0) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(e.X[0].Data())
	}
}

func ExamplePipeline_Window() {
	show(data.Range(0, 7, 1).Window(3, data.WindowOptions{Shift: 2, DropRemainder: true}))
	// Output:
	// [0 1 2]
	// [2 3 4]
	// [4 5 6]
}

func ExamplePipeline_Interleave() {
	counted := func(e data.Batch) (data.Pipeline, error) {
		first := 10 * e.X[0].Int64s()[0]
		return data.Range(first, first+3, 1), nil
	}
	show(data.Range(1, 4, 1).Interleave(counted, data.InterleaveOptions{CycleLength: 2}).Batch(9))
	// Output:
	// [10 20 11 21 12 22 30 31 32]
}

func ExamplePipeline_MapRandom() {
	images := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6}))
	noisy := data.FromTensorSlices(images, nil).MapRandom(func(e data.Batch, r *rand.Rand) (data.Batch, error) {
		for i := range e.X[0].Float32s() {
			e.X[0].Float32s()[i] += float32(r.NormFloat64())
		}
		return e, nil
	}, data.MapOptions{NumParallelCalls: data.Autotune}).Batch(2).Prefetch(data.Autotune)
	sum := func() (s float32) {
		for b := range noisy.Batches(1, 0) {
			for _, v := range b.X[0].Float32s() {
				s += v
			}
		}
		return s
	}
	fmt.Println(sum() == sum())
	// Output: true
}

func ExamplePipeline_PaddedBatch() {
	texts := data.Range(1, 4, 1).Map(func(e data.Batch) (data.Batch, error) {
		n := int(e.X[0].Int64s()[0])
		x := tensor.New(tensor.WithShape(n), tensor.WithBacking(tensor.Range(tensor.Int32, 1, n+1)))
		return data.Batch{X: []*tensor.Dense{x}}, nil
	})
	show(texts.PaddedBatch(3))
	// Output: [1 0 0 1 2 0 1 2 3]
}

func ExampleCSV() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "iris.csv")
	if err := os.WriteFile(path, []byte("length,width,species\n5.1,3.5,0\n,3,2\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	table := data.CSV(data.CSVOptions{
		LabelName: "species",
		Types:     map[string]tensor.Dtype{"species": tensor.Int32},
		Defaults:  map[string]string{"length": "5"},
	}, path)
	for b, err := range table.Batch(32).Batches(0, 0) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(b.X[0].Data(), b.Y[0].Data())
	}
	// Output: [5.1 3.5 5 3] [0 2]
}

func ExampleFromGenerator() {
	words := func(seed uint64, epoch int) iter.Seq2[data.Batch, error] {
		return func(yield func(data.Batch, error) bool) {
			for word := range strings.FieldsSeq("to be or not to be") {
				length := tensor.New(tensor.WithShape(), tensor.WithBacking([]int32{int32(len(word))}))
				if !yield(data.Batch{X: []*tensor.Dense{length}}, nil) {
					return
				}
			}
		}
	}
	show(data.FromGenerator(6, words).Batch(4))
	// Output:
	// [2 2 2 3]
	// [2 2]
}

func ExampleTimeseriesDatasetFromArray() {
	series := tensor.New(tensor.WithShape(6), tensor.WithBacking([]float32{0, 1, 2, 3, 4, 5}))
	next := tensor.New(tensor.WithShape(3), tensor.WithBacking([]float32{3, 4, 5}))
	windows := data.TimeseriesDatasetFromArray(series, next, data.TimeseriesOptions{SequenceLength: 3})
	for b, err := range windows.Batches(0, 0) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(b.X[0].Shape(), b.X[0].Data(), b.Y[0].Data())
	}
	// Output: (3, 3) [0 1 2 1 2 3 2 3 4] [3 4 5]
}

package datasets

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// golden is what NumPy, scikit-learn and Keras say: testdata/answers.json, written by internal/golden/datasets.py.
type golden struct {
	MNIST, Fashion []goldenImages
	Boston         []struct {
		TestSplit   float64 `json:"test_split"`
		Seed        uint32
		Train, Test int
		First       []float64
		Sum         float64
	}
	Shuffles []struct {
		N     int
		Seed  uint32
		Order []int
	}
	Scikit map[string]goldenSet
	Tables map[string]goldenTable
	Texts  struct {
		Sentences, Positive, Bytes, Whales int
		Lengths                            []int
		First, Last, Ending                string
	}
	Figures struct{ Moons, Circles []goldenFigure }
	Loaders goldenLoaders
	GetFile []struct {
		Fname, Subdir, Path string
		Extract             bool
		Files               []string
	} `json:"get_file"`
}

type goldenImages struct {
	Shape  []int
	Labels []uint8
	Counts []int
	Sum    float64
}

type goldenSet struct {
	Shape                []int
	Features, Classes    []string
	First, Last, Columns []float64
	Sum, Target          float64
}

type goldenTable struct {
	Rows    int
	Columns []struct {
		Name                      string
		Missing, Length, Distinct int
		First, Last               string
		Sum                       float64
	}
}

type goldenFigure struct {
	NSamples any `json:"n_samples"`
	Factor   *float64
	X        []float64
	Y        []int32
}

type goldenLoaders struct {
	IMDB, Reuters           []goldenTexts
	Labels                  []string
	MNIST, Fashion, CIFAR10 goldenSplits
	CIFAR100                []goldenSplits
	Boston, California      []goldenSplits
	IMDBWords               map[string]int `json:"imdb_words"`
	ReutersWords            map[string]int `json:"reuters_words"`
	Hashes                  map[string]string
}

type goldenTexts struct {
	Options map[string]*float64
	Refused bool
	X, Xt   [][]int32
	Y, Yt   []int32
}

type goldenSplits struct {
	Options struct {
		TestSplit *float64 `json:"test_split"`
		Seed      *uint32
		Version   string
		LabelMode string `json:"label_mode"`
	}
	Shape     []int
	YShape    []int `json:"y_shape"`
	TestShape []int `json:"test_shape"`
	X, Sum    float64
	Xt        float64
	Y, Yt     []float64
}

func load(t *testing.T) golden {
	t.Helper()
	raw, err := os.ReadFile("testdata/answers.json")
	require.NoError(t, err)
	var g golden
	require.NoError(t, json.Unmarshal(raw, &g))
	return g
}

// numbers are an array's elements.
func numbers(t *testing.T, d *tensor.Dense) []float64 {
	t.Helper()
	switch data := d.Data().(type) {
	case []uint8:
		return converted(data)
	case []int32:
		return converted(data)
	case []float32:
		return converted(data)
	case []float64:
		return data
	}
	require.Fail(t, "type", "%v", d.Dtype())
	return nil
}

func converted[T uint8 | int32 | float32](data []T) []float64 {
	numbers := make([]float64, len(data))
	for i, v := range data {
		numbers[i] = float64(v)
	}
	return numbers
}

// weighted is a sum that notices numbers that change places.
func weighted(values []float64) float64 {
	sum := 0.0
	for i, v := range values {
		sum += v * float64(i%1009+1)
	}
	return sum
}

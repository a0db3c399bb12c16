package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// readJSON reads what keras_models.py wrote.
func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, v))
}

// some picks numbers as keras_models.py does.
func some(a []float32) (picked []float64) {
	for i := 0; i < len(a); i += max(1, len(a)/7) {
		picked = append(picked, float64(a[i]))
	}
	return picked
}

func TestGeneratorIsPythons(t *testing.T) {
	t.Parallel()
	var want struct {
		Labels                []int32
		Pixels, Points, Sides []float64
		Weights               [][]float64
		Shapes                [][]int
		Checksums             []uint32
	}
	readJSON(t, "generator.json", &want) // by: python keras_models.py numbers
	require.Len(t, want.Labels, 50)
	x, labels := images(50, pixels)
	p, sides := points(50)
	assert.Equal(t, want.Labels, labels)
	assert.Equal(t, want.Pixels, some(x))
	assert.Equal(t, want.Points, some(p))
	all := make([]float64, len(sides))
	for i, v := range sides {
		all[i] = float64(v)
	}
	assert.Equal(t, want.Sides, all)
	sums := []uint32{checksum(x), checksum(labels), checksum(p), checksum(sides)}
	for k, shape := range want.Shapes {
		w := make([]float32, tensor.Shape(shape).TotalSize())
		fillKernel(w, shape, k)
		assert.Equal(t, want.Weights[k], some(w), "weight %d", k)
		sums = append(sums, checksum(w))
	}
	assert.Equal(t, want.Checksums, sums)
}

func TestImagesOfMoreRowsStartTheSame(t *testing.T) {
	t.Parallel()
	few, fewLabels := images(3, pixels)
	many, manyLabels := images(7, pixels)
	assert.Equal(t, few, many[:3*pixels])
	assert.Equal(t, fewLabels, manyLabels[:3])
}

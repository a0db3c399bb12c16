package keras

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

type operationCase struct {
	Config map[string]any
	Inputs []struct {
		Shape []int
		Data  []float32
	}
	Output struct {
		Shape []int
		Data  []float64
	}
}

// readOperations reads what internal/golden/models.py wrote: graphs of one operation, and what Keras computes with them.
func readOperations(t *testing.T) map[string]operationCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "operations.json"))
	require.NoError(t, err)
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var cases map[string]operationCase
	require.NoError(t, d.Decode(&cases))
	return cases
}

// Each operation of a file computes what it does in Keras, and is the same operation when it is written again.
func TestOperationsComputeWhatKerasComputes(t *testing.T) {
	found := map[string]bool{}
	for name, c := range readOperations(t) {
		t.Run(name, func(t *testing.T) {
			m, err := decodeModel(c.Config, 0)
			require.NoError(t, err)
			c.assertOutput(t, m)
			m.assignNames(map[string]int{})
			o, err := encodeModel(m, "again", nil)
			require.NoError(t, err)
			again, err := decodeModel(throughJSON(t, o), 0)
			require.NoError(t, err)
			c.assertOutput(t, again)
			for _, v := range m.order {
				found[v.name] = true
			}
		})
	}
	for name := range operationClasses {
		assert.True(t, found[name] || name == "true_divide", "operation %s has no case", name)
	}
}

func throughJSON(t *testing.T, o map[string]any) map[string]any {
	t.Helper()
	text, err := json.Marshal(o)
	require.NoError(t, err)
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out map[string]any
	require.NoError(t, d.Decode(&out))
	return out
}

func (c operationCase) assertOutput(t *testing.T, m *Model) {
	t.Helper()
	var in []*tensor.Dense
	for _, a := range c.Inputs {
		in = append(in, tensor.New(tensor.WithShape(a.Shape...), tensor.WithBacking(a.Data)))
	}
	out, err := m.PredictArrays(context.Background(), in)
	require.NoError(t, err)
	require.Len(t, out, 1)
	for i, want := range c.Output.Data {
		assert.InDelta(t, want, number(out[0], i), 1e-5*max(1, math.Abs(want)))
	}
}

func number(a *tensor.Dense, i int) float64 {
	switch v := a.Data().(type) {
	case []float32:
		return float64(v[i])
	case []int32:
		return float64(v[i])
	case []bool:
		if v[i] {
			return 1
		}
	}
	return 0
}

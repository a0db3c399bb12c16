package regularizers_test

import (
	"fmt"
	"testing"

	"github.com/gokeras/gokeras/internal/golden/fixture"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type golden struct {
	Class              string
	Options            struct{ L1, L2 *float64 } // nil: not given
	W, Value, Gradient *fixture.Array
}

func (g golden) regularizer() regularizers.Regularizer {
	o := g.Options
	switch g.Class {
	case "L1":
		return regularizers.L1{L1: o.L1}
	case "L2":
		return regularizers.L2{L2: o.L2}
	}
	var r regularizers.L1L2
	if o.L1 != nil {
		r.L1 = *o.L1
	}
	if o.L2 != nil {
		r.L2 = *o.L2
	}
	return r
}

func TestPenaltiesAreKeras(t *testing.T) {
	t.Parallel()
	classes := map[string]int{}
	for i, g := range fixture.Read[golden](t, "testdata/regularizers.json") {
		classes[g.Class]++
		t.Run(fmt.Sprintf("%s/%d", g.Class, i), func(t *testing.T) {
			record := func(in []ops.Tensor) (ops.Tensor, ops.Tensor) {
				p := g.regularizer().Penalty(in[0])
				return p, p
			}
			value, gradient, err := fixture.Call{Inputs: []*fixture.Array{g.W}, Record: record}.Run(g.Value.Shape)
			require.NoError(t, err)
			g.Value.RequireClose(t, value, 1e-5, "value")
			g.Gradient.RequireClose(t, gradient, 1e-4, "gradient")
		})
	}
	assert.Equal(t, map[string]int{"L1": 4, "L2": 4, "L1L2": 5}, classes)
}

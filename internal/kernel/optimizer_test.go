package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// naiveStep is one step of each optimizer in float64: the formulas of Keras 3 (optimizers/sgd.py, adam.py, rmsprop.py).
var naiveStep = map[string]func(w, m, v, g *float64){
	"SGD":     func(w, _, _, g *float64) { *w -= 0.1 * *g },
	"SGD m":   func(w, m, _, g *float64) { *m = 0.9**m - 0.1**g; *w += *m },
	"SGD m n": func(w, m, _, g *float64) { *m = 0.9**m - 0.1**g; *w += 0.9**m - 0.1**g },
	"Adam": func(w, m, v, g *float64) {
		*m += (*g - *m) * 0.1
		*v += (*g**g - *v) * 0.001
		*w -= *m * 0.02 / (math.Sqrt(*v) + 1e-7)
	},
	"RMSprop": func(w, _, v, g *float64) {
		*v = 0.9**v + 0.1**g**g
		*w -= 0.1 * *g / math.Sqrt(*v+1e-7)
	},
}

func runStep(name string, w, m, v, g []float32) {
	switch name {
	case "SGD":
		SGD(w, g, 0.1)
	case "SGD m":
		SGDMomentum(w, m, g, 0.1, 0.9, false)
	case "SGD m n":
		SGDMomentum(w, m, g, 0.1, 0.9, true)
	case "Adam":
		Adam(w, m, v, g, 0.02, 0.1, 0.001, 1e-7)
	case "RMSprop":
		RMSprop(w, v, g, 0.1, 0.9, 0.1, 1e-7)
	}
}

func TestSGD(t *testing.T)         { testOptimizer(t, "SGD") }
func TestSGDMomentum(t *testing.T) { testOptimizer(t, "SGD m"); testOptimizer(t, "SGD m n") }
func TestAdam(t *testing.T)        { testOptimizer(t, "Adam") }
func TestRMSprop(t *testing.T)     { testOptimizer(t, "RMSprop") }

func testOptimizer(t *testing.T, name string) {
	everyPath(t, func(t *testing.T) {
		for _, n := range append([]int{120_001}, sizes...) {
			w, m, v := normalSlice[float32](n, 1), make([]float32, n), make([]float32, n)
			ws, ms, vs := as64(w), as64(m), as64(v)
			for step := range 4 {
				g := normalSlice[float32](n, uint64(10+step))
				if n > 0 {
					g[0] = 0
				}
				runStep(name, w, m, v, g)
				for i := range ws {
					x := float64(g[i])
					naiveStep[name](&ws[i], &ms[i], &vs[i], &x)
				}
			}
			at := fmt.Sprint(name, n)
			near(t, ws, w, 4e-6, at+" w")
			near(t, ms, m, 1e-6, at+" m")
			near(t, vs, v, 1e-6, at+" v")
		}
	}, func(t *testing.T) {})
}

func TestOptimizerParallel(t *testing.T) {
	const n = 200_003
	for name := range naiveStep {
		g := normalSlice[float32](n, 5)
		w, m, v := make([]float32, n), make([]float32, n), make([]float32, n)
		sameBits(t, func() [][]float32 {
			w, m, v := normalSlice[float32](n, 1), make([]float32, n), make([]float32, n)
			runStep(name, w, m, v, g)
			return [][]float32{w, m, v}
		})
		noAllocations(t, func() { runStep(name, w, m, v, g) })
	}
	require.Panics(t, func() { SGD(make([]float32, 5), make([]float32, 4), 1) }, "assembly must not run past a slice")
}

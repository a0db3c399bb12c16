package ops

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUnknownSizes records every case with one axis of one input unknown: the shapes must be those of the case, or unknown.
func TestUnknownSizes(t *testing.T) {
	cases, err := readGolden()
	require.NoError(t, err)
	recorded, refused := 0, 0
	for n, k := range cases {
		for i, a := range k.In {
			for axis := range a.Shape {
				var inputs []Tensor
				for j, b := range k.In {
					shape := append([]int{}, b.Shape...)
					if i == j {
						shape[axis] = Unknown
					}
					inputs = append(inputs, Placeholder(fmt.Sprint("x", j), b.dtype(), shape...))
				}
				outputs := goldenOps[k.Op](k, inputs)
				if outputs[0].Err() != nil {
					refused++
					continue
				}
				recorded++
				require.Len(t, outputs, len(k.Out))
				for j, y := range outputs {
					require.True(t, agree(y.Shape(), k.Out[j].Shape), "%s/%d with axis %d of input %d unknown: expected %v, got %v",
						k.Op, n, axis, i, k.Out[j].Shape, y.Shape())
					require.Equal(t, k.Out[j].dtype(), y.DType())
				}
			}
		}
	}
	require.Greater(t, recorded, 5*refused, "%d recorded, %d refused", recorded, refused)
}

// TestNoOperationAllocates runs every case as it is and with empty kernels: what is left are Gorgonia's own allocations.
func TestNoOperationAllocates(t *testing.T) {
	cases, err := readGolden()
	require.NoError(t, err)
	done := map[string]bool{}
	for n, k := range cases {
		if done[k.Op] && n%5 != 0 {
			continue
		}
		done[k.Op] = true
		inputs, outputs, loss := k.record(t, func(int) bool { return true })
		o := Options{Inputs: inputs, Outputs: outputs}
		var all []int
		for i, x := range inputs {
			all = append(all, i)
			if k.isDifferentiated(i) {
				o.Loss, o.WithRespectTo = loss, append(o.WithRespectTo, x)
			}
		}
		p, err := Compile(o)
		require.NoError(t, err)
		k.fill(t, p, all)
		require.NoError(t, p.Run())
		run := func() { _ = p.Run() }
		full := testing.AllocsPerRun(3, run)
		for _, s := range p.steps {
			s.run = func() error { return nil }
		}
		require.LessOrEqual(t, full, testing.AllocsPerRun(3, run), "%s/%d", k.Op, n)
	}
}

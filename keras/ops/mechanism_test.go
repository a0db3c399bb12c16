package ops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// swap sets a variable of the package for the time of a test.
func swap[T any](t *testing.T, p *T, v T) {
	old := *p
	*p = v
	t.Cleanup(func() { *p = old })
}

// randomProgram compiles randomGraph with its gradients.
func randomProgram(t testing.TB, seed uint64) *Program {
	leaves := []Tensor{Placeholder("a", Float32, 4, 4), Placeholder("b", Float32, 4, 4)}
	loss := randomGraph(seed, leaves)
	p, err := Compile(Options{Inputs: leaves, Outputs: []Tensor{loss}, Loss: loss, WithRespectTo: leaves})
	require.NoError(t, err)
	fillRandom(p, rand.New(rand.NewPCG(seed, 3)))
	return p
}

// resultsOf are copies of everything that a program computes.
func resultsOf(p *Program) [][]float32 {
	var all [][]float32
	for _, a := range append(append([]*tensor.Dense{}, p.Outputs()...), p.Gradients()...) {
		if a != nil {
			all = append(all, append([]float32{}, a.Float32s()...))
		}
	}
	return all
}

func TestNodesOfOneHashAreLoweredAgain(t *testing.T) {
	plain := uniqueID
	last := 0
	collide := func(until int, names ...string) func(salt, serial int, name string) string {
		return func(salt, serial int, name string) string {
			last = salt
			if salt < until && slices.Contains(names, name) {
				return "same"
			}
			return plain(salt, serial, name)
		}
	}
	x, w := Placeholder("x", Float32, 2), Placeholder("w", Float32, 2)
	y := Add(Tanh(x), Multiply(w, Sigmoid(x)))
	o := Options{Inputs: []Tensor{x, w}, Outputs: []Tensor{y}, Loss: Sum(y), WithRespectTo: []Tensor{x, w}}
	for _, names := range [][]string{{"x[0]", "tanh", "sigmoid"}, {"x", "w"}} {
		t.Run(fmt.Sprint(names), func(t *testing.T) {
			swap(t, &uniqueID, collide(1, names...))
			p, err := Compile(o)
			require.NoError(t, err)
			copy(p.Inputs()[0].Float32s(), []float32{0.5, -1})
			copy(p.Inputs()[1].Float32s(), []float32{2, 3})
			require.NoError(t, p.Run())
			for i, v := range []float64{0.5, -1} {
				th, s, w := math.Tanh(v), 1/(1+math.Exp(-v)), float64(i+2)
				require.InDelta(t, th+w*s, p.Outputs()[0].Float32s()[i], 1e-6)
				require.InDelta(t, 1-th*th+w*s*(1-s), p.Gradients()[0].Float32s()[i], 1e-6)
				require.InDelta(t, s, p.Gradients()[1].Float32s()[i], 1e-6)
			}
			require.Equal(t, 1, last, "the first lowering was not refused")
		})
	}
	swap(t, &uniqueID, collide(attempts, "x", "w"))
	_, err := Compile(o)
	require.ErrorContains(t, err, "merged different nodes")
}

func TestGorgoniasOwnWayGivesTheSame(t *testing.T) {
	require.True(t, runsDirectly(), "the machine's own Run is not used")
	for seed := range uint64(20) {
		swap(t, &runsDirectly, func() bool { return true })
		direct := randomProgram(t, seed)
		runsDirectly = func() bool { return false }
		slow := randomProgram(t, seed)
		for range 2 {
			require.NoError(t, direct.Run())
			require.NoError(t, slow.Run())
			require.Equal(t, resultsOf(direct), resultsOf(slow), "seed %d", seed)
		}
	}
}

func TestErrorsAreTheSameInGorgoniasOwnWay(t *testing.T) {
	swap(t, &runsDirectly, func() bool { return false })
	TestRunErrorsNameLayerAndOperation(t)
	TestPanicInAKernelIsAnError(t)
}

func TestStepsRunInThePlannedOrder(t *testing.T) {
	for seed := range uint64(200) {
		p := randomProgram(t, seed)
		made := map[*slot]bool{}
		for _, s := range p.steps {
			for _, o := range s.out {
				made[o.owner] = true
			}
		}
		written := map[*slot]bool{}
		var order []*step
		for _, s := range p.steps {
			run := s.run
			s.run = func() error {
				order = append(order, s)
				for _, in := range s.in {
					require.True(t, written[in.owner] || !made[in.owner], "seed %d: %s reads a value before it is written", seed, s.op.name())
				}
				for _, o := range s.out {
					written[o.owner] = true
				}
				return run()
			}
		}
		require.NoError(t, p.Run())
		require.Equal(t, len(p.steps), len(order), "seed %d", seed)
		for i, s := range p.steps {
			require.Same(t, s, order[i], "seed %d, step %d", seed, i)
		}
	}
}

// poison fills everything that steps write.
func poison(p *Program) {
	for _, s := range p.steps {
		for _, o := range s.out {
			b := o.owner.buf
			setAll(b.f32, float32(math.NaN()))
			setAll(b.f64, math.NaN())
			setAll(b.i32, math.MinInt32)
			setAll(b.bool, true)
		}
	}
}

func TestNothingIsReadFromTheRunBefore(t *testing.T) {
	for seed := range uint64(100) {
		p := randomProgram(t, seed)
		require.NoError(t, p.Run())
		first := resultsOf(p)
		poison(p)
		require.NoError(t, p.Run())
		require.Equal(t, first, resultsOf(p), "seed %d", seed)
	}
}

// fusingGraph is a random graph of what the table of patterns is made for; a, b are [4, 6], the image [4, 3, 2, 1] is made of them.
func fusingGraph(seed uint64, w, k Tensor, leaves []Tensor) Tensor {
	r := rand.New(rand.NewPCG(seed, 11))
	activations := []func(Tensor) Tensor{ReLU, Tanh, Sigmoid, SiLU, func(x Tensor) Tensor { return x }}
	ts := append([]Tensor{}, leaves...)
	pick := func() Tensor { return ts[r.IntN(len(ts))] }
	row := func(n int) Tensor { return Reshape(Slice(pick(), []int{r.IntN(4), 0}, []int{1, n}), n) }
	for range 8 {
		f := activations[r.IntN(len(activations))]
		switch r.IntN(5) {
		case 0:
			ts = append(ts, f(Add(MatMul(pick(), w), row(6))))
		case 1:
			ts = append(ts, f(Add(pick(), Add(row(6), MatMul(pick(), w)))))
		case 2:
			y := f(Add(Conv(Reshape(pick(), 4, 3, 2, 1), k, Window{Padding: Same}), row(2)))
			ts = append(ts, Reshape(Mean(y, -1), 4, 6))
		case 3:
			ts = append(ts, f(BatchNormalization(pick(), row(6), Square(row(6)), row(6), Tensor{}, 0.1)))
		default:
			z := Add(MatMul(pick(), w), row(6))
			ts = append(ts, Multiply(f(z), z))
		}
	}
	return Mean(Square(Concatenate(0, ts...)))
}

func TestFusedAndUnfusedAgree(t *testing.T) {
	fusedSteps, plainSteps := 0, 0
	for seed := range uint64(60) {
		compile := func() *Program {
			w, k := Placeholder("w", Float32, 6, 6), Placeholder("k", Float32, 2, 2, 1, 2)
			a, b := Placeholder("a", Float32, 4, 6), Placeholder("b", Float32, 4, 6)
			loss := fusingGraph(seed, w, k, []Tensor{a, b})
			p, err := Compile(Options{Inputs: []Tensor{w, k, a, b}, Outputs: []Tensor{loss}, Loss: loss, WithRespectTo: []Tensor{w, k, a, b}})
			require.NoError(t, err)
			fillRandom(p, rand.New(rand.NewPCG(seed, 3)))
			require.NoError(t, p.Run())
			return p
		}
		p := compile()
		table := patterns
		patterns = nil
		q := compile()
		patterns = table
		fusedSteps, plainSteps = fusedSteps+len(p.steps), plainSteps+len(q.steps)
		want, got := resultsOf(q), resultsOf(p)
		require.Len(t, got, len(want), "seed %d", seed)
		for i := range want {
			top := 1e-3
			for _, v := range want[i] {
				top = max(top, math.Abs(float64(v)))
			}
			for j := range want[i] {
				require.InDelta(t, want[i][j], got[i][j], 1e-5*top, "seed %d, result %d, element %d", seed, i, j)
			}
		}
	}
	require.Less(t, fusedSteps, plainSteps*9/10)
}

func TestProgramsRunWhileOthersAreCompiled(t *testing.T) {
	const n = 8
	want := make([][][]float32, n)
	for i := range want {
		p := randomProgram(t, uint64(i))
		require.NoError(t, p.Run())
		want[i] = resultsOf(p)
	}
	var all sync.WaitGroup
	failures := make(chan string, 4*n)
	for worker := range 4 {
		all.Go(func() {
			for k := range n {
				i := (k + 3*worker) % n
				p := randomProgram(t, uint64(i))
				for range 5 {
					if err := p.Run(); err != nil {
						failures <- err.Error()
					}
				}
				if got := resultsOf(p); fmt.Sprint(got) != fmt.Sprint(want[i]) {
					failures <- fmt.Sprintf("program %d: expected %v, got %v", i, want[i], got)
				}
			}
		})
	}
	all.Wait()
	close(failures)
	for f := range failures {
		t.Error(f)
	}
}

func TestDotShowsStepsAndTheirInputs(t *testing.T) {
	v, err := NewVariable("kernel", Float32, 3, 4)
	require.NoError(t, err)
	v.Allocate()
	x := Placeholder("x", Float32, 2, 3)
	y := Sum(Reshape(ReLU(MatMul(x.In(`a "quoted" layer`), v.Tensor())), 8))
	p, err := Compile(Options{Inputs: []Tensor{x}, Outputs: []Tensor{y}, Loss: y, WithRespectTo: []Tensor{v.Tensor()}})
	require.NoError(t, err)
	d := p.Dot()
	require.Equal(t, len(p.steps), strings.Count(d, "shape=ellipse"))
	require.Equal(t, 2, strings.Count(d, "shape=box"))
	for _, part := range []string{
		`v0 [shape=box, label="x\nfloat32 [2 3]"];`, `v1 [shape=box, label="kernel\nfloat32 [3 4]"];`,
		`s0 [shape=ellipse, label="matmul\na \"quoted\" layer\nfloat32 [2 4]"];`, `v1 -> s0 [label="[3 4]"];`, `s0 -> s1 [label="[8]"];`,
	} {
		require.Contains(t, d, part)
	}
	reads := 0
	for _, s := range p.steps {
		reads += len(s.in)
	}
	require.Equal(t, reads, strings.Count(d, " -> "))
}

// dense is an array of float32.
func dense(v []float32, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
}

func TestCompilingLeavesShapesAlone(t *testing.T) {
	x, y := Placeholder("x", Float32, 2, 3, 4), Placeholder("y", Float32, 2, 4, 5)
	z := MatMul(x, y)
	_, err := Compile(Options{Inputs: []Tensor{x, y}, Outputs: []Tensor{z}, Loss: Sum(z), WithRespectTo: []Tensor{x, y}})
	require.NoError(t, err)
	require.Equal(t, [][]int{{2, 3, 4}, {2, 4, 5}, {2, 3, 5}}, [][]int{x.Shape(), y.Shape(), z.Shape()})
}

func TestScalarsAndArraysOfOneElement(t *testing.T) {
	x, s := Placeholder("x", Float32, 1), Placeholder("s", Float32)
	checkGradients(t, []Tensor{x, s}, Add(Sum(Multiply(Add(x, s), s)), Add(Sum(Square(x)), Square(s))), func(p *Program) {
		fillRandom(p, rand.New(rand.NewPCG(1, 1)))
	})
}

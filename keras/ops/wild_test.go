package ops

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// wildArguments are random values for all attributes, of which an operation takes its own.
func wildArguments(r *rand.Rand) json.RawMessage {
	number := func() int { return r.IntN(9) - 3 }
	numbers := func() []int {
		s := make([]int, r.IntN(5))
		for i := range s {
			s[i] = number()
		}
		return s
	}
	m := map[string]any{}
	for name := range strings.FieldsSeq("axis axis1 axis2 source destination shift n m k sections classes segments value default lo hi nan posInf start stop step order offset epsilon") {
		m[name] = number()
	}
	for name := range strings.FieldsSeq("axes axesX axesY repeats places shape size strides dilation") {
		if r.IntN(6) > 0 {
			m[name] = numbers()
		}
	}
	for name := range strings.FieldsSeq("approximate logits scale bias state mask backwards zero") {
		m[name] = r.IntN(2) == 0
	}
	if r.IntN(2) == 0 {
		m["start"], m["offset"] = numbers(), r.IntN(2) == 0
		m["order"] = []string{"inf", "-inf", "2", "1", "0.5"}[r.IntN(5)]
	}
	if r.IntN(2) == 0 {
		m["size"] = []int{1 + r.IntN(3)}
		m["strides"] = []int{1 + r.IntN(3)}
		m["dilation"] = []int{1 + r.IntN(2)}
	}
	m["dtype"] = []string{"", "float32", "int32", "bool", "float64", "string"}[r.IntN(6)]
	m["mode"] = []string{"", "constant", "reflect", "symmetric", "edge"}[r.IntN(5)]
	m["padding"] = []string{"", "same", "valid", "causal"}[r.IntN(4)]
	m["widths"] = make([][2]int, r.IntN(4))
	for i := range m["widths"].([][2]int) {
		m["widths"].([][2]int)[i] = [2]int{r.IntN(4) - r.IntN(2), r.IntN(4)}
	}
	letters := "aabijk,,.->"
	text := ""
	for range r.IntN(9) {
		text += string(letters[r.IntN(len(letters))])
	}
	subscripts := []string{text, "ij,jk->ik", "...ij,...jk", "ii->i", "i,j", "ab,abc->c", "->", "...", "..., ...->..."}
	m["subscripts"] = subscripts[r.IntN(len(subscripts))]
	raw, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return raw
}

// wildInput is a placeholder of a random shape and type, mostly with all sizes known.
func wildInput(r *rand.Rand, name string, mayBeUnknown bool) Tensor {
	shape := make([]int, r.IntN(5))
	for i := range shape {
		shape[i] = 1 + r.IntN(4)
		if mayBeUnknown && r.IntN(4) == 0 {
			shape[i] = Unknown
		}
	}
	if r.IntN(12) == 0 {
		return []Tensor{{}, Fail("", fmt.Errorf("a failure")), Placeholder(name, Float32, 2, 0)}[r.IntN(3)]
	}
	return Placeholder(name, []DType{Float32, Float32, Float32, Int32, Bool}[r.IntN(5)], shape...)
}

// wildCall records one operation and, where that is possible, compiles and runs it with its gradients. It returns how far it came.
func wildCall(t *testing.T, r *rand.Rand, op string, goldens map[string][]*goldenCase) (recorded, ran int) {
	n := 1 + r.IntN(3)
	k := &goldenCase{Op: op, Attributes: wildArguments(r)}
	var inputs []Tensor
	mayBeUnknown := r.IntN(4) == 0
	for i := range 7 {
		inputs = append(inputs, wildInput(r, fmt.Sprint("x", i), mayBeUnknown))
	}
	switch r.IntN(4) {
	case 0: // Operations of several tensors mostly want one shape.
		for i := range inputs {
			inputs[i] = inputs[r.IntN(2)]
		}
	case 1, 2: // A right call, and one that has an input of another.
		g := goldens[op][r.IntN(len(goldens[op]))]
		k.Attributes = g.Attributes
		wrong := r.IntN(2 * (len(g.In) + 1))
		for i, a := range g.In {
			if i != wrong {
				inputs[i] = Placeholder(fmt.Sprint("x", i), a.dtype(), a.Shape...)
			} else if r.IntN(2) == 0 {
				inputs[i] = Placeholder(fmt.Sprint("x", i), []DType{Float32, Int32, Bool}[r.IntN(3)], a.Shape...)
			}
		}
		if len(g.In) > 0 {
			n = len(g.In)
		}
	}
	shown := func() string {
		s := op + string(k.Attributes)
		for _, x := range inputs {
			s += fmt.Sprint(" ", x.DType(), x.Shape())
		}
		return s
	}
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("%s: panic: %v\n%s", shown(), p, debug.Stack())
		}
	}()
	if slices.Contains([]string{"Concatenate", "Stack", "Einsum"}, op) {
		inputs = inputs[:n]
	}
	for _, y := range goldenOps[op](k, inputs) {
		if y.Err() != nil {
			require.NotContains(t, y.Err().Error(), "panic", shown())
			continue
		}
		recorded++
		if n := size(y.Spec().Shape); n > 1<<16 {
			continue
		}
		o := Options{Outputs: []Tensor{y}, Float: []DType{Float32, Float64}[r.IntN(2)]}
		for _, x := range slices.CompactFunc(slices.Clone(inputs), Tensor.Same) {
			if x.Err() == nil && known(x.Shape()) && !slices.ContainsFunc(o.Inputs, x.Same) {
				o.Inputs = append(o.Inputs, x)
				if x.DType() == Float32 && y.DType() == Float32 {
					o.Loss, o.WithRespectTo = Sum(y), append(o.WithRespectTo, x)
				}
			}
		}
		p, err := Compile(o)
		if err != nil {
			require.NotContains(t, err.Error(), "Gorgonia", shown())
			require.NotContains(t, err.Error(), "gradient with respect to input", shown())
			continue
		}
		fillRandom(p, r)
		for _, in := range p.Inputs() {
			if v, ok := values(in).([]int32); ok {
				for i := range v {
					v[i] = int32(r.IntN(7) - 2)
				}
			}
		}
		if err := p.Run(); err != nil {
			require.NotContains(t, err.Error(), "panic", shown())
			continue
		}
		ran++
	}
	return recorded, ran
}

func TestWrongArgumentsNeverPanic(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	cases, err := readGolden()
	require.NoError(t, err)
	goldens := map[string][]*goldenCase{}
	for _, k := range cases {
		goldens[k.Op] = append(goldens[k.Op], k)
	}
	for _, op := range slices.Sorted(maps.Keys(goldenOps)) {
		recorded, ran := 0, 0
		for range 150 {
			a, b := wildCall(t, r, op, goldens)
			recorded, ran = recorded+a, ran+b
		}
		require.Positive(t, ran, "%s: no call of %d that were recorded ran", op, recorded)
	}
}

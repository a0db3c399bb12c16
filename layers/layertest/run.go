package layertest

import (
	"reflect"
	"testing"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/layers"
)

// Run holds a layer to the contract of layers and to the numbers of a case. build makes a new layer at each call, always the same. Run sets
// GOMAXPROCS for a moment, so that tests that call it are not for running in parallel with others.
func Run(t *testing.T, build func() layers.Layer, c Case) {
	t.Helper()
	run(t, one(build), c)
}

// RunMerge is [Run] for a layer that merges several inputs.
func RunMerge(t *testing.T, build func() layers.Merger, c Case) {
	t.Helper()
	run(t, merge(build), c)
}

// RunAll is [Run] for a layer of several inputs or results.
func RunAll(t *testing.T, build func() layers.MultiLayer, c Case) {
	t.Helper()
	run(t, all(build), c)
}

func run(t *testing.T, build func() subject, c Case) {
	t.Helper()
	c, err := c.defaults()
	if err != nil {
		t.Fatalf("layertest: %v", err)
	}
	s := &suite{build: build, Case: c}
	for _, check := range checks {
		t.Run(check.name, func(t *testing.T) {
			if err := check.run(s); err != nil {
				t.Error(err)
			}
		})
	}
}

// checks are methods of a suite that return what is wrong.
var checks = []struct {
	name string
	run  func(*suite) error
}{
	{"Config", (*suite).config},
	{"Shapes", (*suite).shapes},
	{"Weights", (*suite).sameWeights},
	{"Values", (*suite).values},
	{"FiniteDifferences", (*suite).finiteDifferences},
	{"BatchSizes", (*suite).batchSizes},
	{"Determinism", (*suite).determinism},
	{"Masks", (*suite).masks},
	{"Copies", (*suite).copies},
}

// A suite is a case for a layer.
type suite struct {
	Case
	build func() subject
}

// A subject is a layer under test, with its way of being called.
type subject struct {
	part layers.Part
	call func(b *layers.Builder, xs []ops.Tensor) []ops.Tensor
	one  bool // one tensor in, one out
}

func one(build func() layers.Layer) func() subject {
	return func() subject {
		l := build()
		return subject{l, func(b *layers.Builder, xs []ops.Tensor) []ops.Tensor { return []ops.Tensor{b.Apply(l, xs[0])} }, true}
	}
}

func merge(build func() layers.Merger) func() subject {
	return func() subject {
		l := build()
		return subject{l, func(b *layers.Builder, xs []ops.Tensor) []ops.Tensor { return []ops.Tensor{b.Merge(l, xs...)} }, false}
	}
}

func all(build func() layers.MultiLayer) func() subject {
	return func() subject {
		l := build()
		return subject{l, func(b *layers.Builder, xs []ops.Tensor) []ops.Tensor { return b.ApplyAll(l, xs...) }, false}
	}
}

// A holder stands for the model around the layer.
type holder struct {
	layers.Base
	part layers.Part
}

// Children implements [layers.Container].
func (h *holder) Children() []layers.Child {
	name := layers.BaseOf(h.part).Name
	if name == "" {
		name = layers.SnakeCase(layers.ClassName(h.part))
	}
	return []layers.Child{{Name: name, Attr: name, Part: h.part}}
}

// copyOf is a shallow copy of a layer, as an assignment makes it.
func copyOf(p layers.Part) layers.Part {
	v := reflect.ValueOf(p)
	if v.Kind() != reflect.Pointer {
		return p
	}
	c := reflect.New(v.Type().Elem())
	c.Elem().Set(v.Elem())
	return c.Interface().(layers.Part)
}

package layers

import (
	"fmt"
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
)

// StackedRNNCells makes one cell of several: each reads the output of the one before it. Its states are those of all.
type StackedRNNCells struct {
	Base
	Cells []Cell // at least one
}

func init() { saving.Register[StackedRNNCells]("StackedRNNCells", "keras.layers") }

// Children implements [Container]: cells of equal names are numbered.
func (s *StackedRNNCells) Children() []Child {
	var cs []Child
	times := map[string]int{}
	for _, c := range s.Cells {
		if isNil(c) {
			continue
		}
		name := ownName(c)
		if n := times[name]; n > 0 {
			times[name]++
			name = fmt.Sprintf("%s_%d", name, n)
		} else {
			times[name] = 1
		}
		cs = append(cs, Child{Name: name, Attr: "cells", Part: c, Listed: true})
	}
	return cs
}

// StateShapes implements [Cell]: a cell's output is taken to have the shape of its first state.
func (s *StackedRNNCells) StateShapes(input []int) [][]int {
	var all [][]int
	s.each(input, func(_ Cell, _ []int, states [][]int) { all = append(all, states...) })
	return all
}

// each goes through the cells with the shapes of their inputs and states.
func (s *StackedRNNCells) each(input []int, f func(c Cell, input []int, states [][]int)) {
	for _, c := range s.Cells {
		if isNil(c) {
			continue
		}
		states := c.StateShapes(input)
		f(c, input, states)
		if len(states) > 0 {
			input = states[0]
		}
	}
}

func (s *StackedRNNCells) check(b *Builder) ops.Tensor {
	if len(s.Cells) == 0 || slices.ContainsFunc(s.Cells, func(c Cell) bool { return isNil(c) }) {
		return b.Errorf("cells: expected at least one cell, and none that is nil")
	}
	return ops.Tensor{}
}

// Step implements [Cell].
func (s *StackedRNNCells) Step(b *Builder, x ops.Tensor, states []ops.Tensor) (y ops.Tensor, next []ops.Tensor) {
	if e := s.check(b); e.Valid() {
		return e, states
	}
	return s.from(b, 0, x, states)
}

// begin lets the first cell begin, for the others wait for their inputs.
func (s *StackedRNNCells) begin(b *Builder, x ops.Tensor) (ops.Tensor, stepper) {
	if e := s.check(b); e.Valid() {
		return e, nil
	}
	n := len(s.Cells[0].StateShapes(x.Shape()[2:]))
	x, first := b.beginCell(s.Cells[0], x)
	return x, func(x ops.Tensor, states []ops.Tensor) (ops.Tensor, []ops.Tensor) {
		n := min(n, len(states))
		y, made := first(x, states[:n])
		y, next := s.from(b, 1, y, states[n:])
		return y, slices.Concat(made, next)
	}
}

// from lets the cells from the i-th on make their steps.
func (s *StackedRNNCells) from(b *Builder, i int, x ops.Tensor, states []ops.Tensor) (y ops.Tensor, next []ops.Tensor) {
	for _, c := range s.Cells[i:] {
		if x.Err() != nil {
			return x, slices.Concat(next, states)
		}
		n := min(len(states), len(c.StateShapes(x.Shape()[1:])))
		var made []ops.Tensor
		x, made = b.Step(c, x, states[:n])
		next, states = append(next, made...), states[n:]
	}
	return x, next
}

// CallAll implements [MultiLayer]: it takes an input [batch, ...] and the states of all cells, and returns the output and the next states.
func (s *StackedRNNCells) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor {
	return callCell(b, s, xs)
}

// outputState is the number of the state that stands for a cell's output: its first one, or that of its last cell.
func outputState(c Cell, input []int) int {
	s, ok := c.(*StackedRNNCells)
	if !ok {
		return 0
	}
	at, before := 0, 0
	s.each(input, func(c Cell, input []int, states [][]int) {
		at = before + outputState(c, input)
		before += len(states)
	})
	return at
}

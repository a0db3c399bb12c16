package main

import (
	"fmt"
	"strings"
)

// A goal is how many times as much Keras shall take as gokeras.
type goal struct {
	what    string
	backend string // "": the back end that takes least
	model   string // "": every model
	factor  float64
	value   func(*measure) float64
}

var goals = []goal{
	{what: "a training step is faster than on Keras's fastest back end", factor: 1, value: func(m *measure) float64 { return m.Step }},
	{
		what: "one row through predict takes less than a tenth of JAX's time", backend: "jax", model: "mlp", factor: 10,
		value: func(m *measure) float64 { return m.Predict },
	},
	{what: "start to the end of the first epoch takes less than 1/30", factor: 30, value: func(m *measure) float64 { return m.Start }},
	{what: "peak memory is less than a fifth", factor: 5, value: func(m *measure) float64 { return float64(m.Peak) }},
}

// ratio is how many times as much Keras took; ok is false where one of the two was not measured.
func (g *goal) ratio(m *result) (ratio float64, ok bool) {
	if g.model != "" && g.model != m.Model {
		return 0, false
	}
	theirs := m.fastest(g.value)
	if g.backend != "" {
		x := m.side(g.backend)
		if x == nil {
			return 0, false
		}
		theirs = g.value(x)
	}
	own := g.value(m.Measures[0])
	if own == 0 || theirs == 0 {
		return 0, false
	}
	return theirs / own, true
}

// goals writes which goals were reached.
func (r *report) goals(b *strings.Builder) {
	b.WriteString("\nGoals:\n\n")
	for _, g := range goals {
		var met, missed []string
		for _, m := range r.Models {
			ratio, ok := g.ratio(m)
			if !ok {
				continue
			}
			text := fmt.Sprintf("%s %sx", m.Model, figure(ratio))
			if ratio > g.factor {
				met = append(met, text)
				continue
			}
			missed = append(missed, text)
		}
		fmt.Fprintf(b, "- %s: %s\n", g.what, verdict(met, missed))
	}
}

func verdict(met, missed []string) string {
	switch {
	case len(met)+len(missed) == 0:
		return "not measured"
	case len(missed) == 0:
		return "yes (" + strings.Join(met, ", ") + ")"
	case len(met) == 0:
		return "no (" + strings.Join(missed, ", ") + ")"
	}
	return "no for " + strings.Join(missed, ", ") + "; yes for " + strings.Join(met, ", ")
}

package summarytable

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type goldenRow struct {
	Row
	Shapes [][]int
}

// printed is what Keras printed, or its error, with the given arguments of Model.summary and columns of the screen.
type printed struct {
	ShowTrainable bool `json:"show_trainable"`
	ExpandNested  bool `json:"expand_nested"`
	LineLength    int  `json:"line_length"`
	Positions     []float64
	Columns       int
	Text, Error   string
}

type golden struct {
	Model, Name string
	Functional  bool
	Rows        []goldenRow
	Totals      Totals
	Printed     []printed
}

func load[T any](t *testing.T, name string) []T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	var cases []T
	require.NoError(t, json.Unmarshal(data, &cases))
	require.NotEmpty(t, cases)
	return cases
}

func (g *golden) options(p *printed) Options {
	o := Options{
		Name: g.Name, Functional: g.Functional, Totals: g.Totals,
		ShowTrainable: p.ShowTrainable, ExpandNested: p.ExpandNested, LineLength: p.LineLength, Positions: p.Positions, Columns: p.Columns,
	}
	for _, r := range g.Rows {
		o.Rows = append(o.Rows, r.Row)
	}
	return o
}

func TestRenderPrintsWhatKerasPrints(t *testing.T) {
	for _, g := range load[golden](t, "summaries.json") {
		for i, p := range g.Printed {
			t.Run(fmt.Sprintf("%s_%d", g.Model, i), func(t *testing.T) {
				var b bytes.Buffer
				err := Render(&b, g.options(&p))
				if p.Error != "" {
					require.ErrorContains(t, err, "insufficient width")
					require.Empty(t, b.String())
					return
				}
				require.NoError(t, err)
				require.Equal(t, p.Text, b.String())
			})
		}
	}
}

func TestFormatShapeWritesWhatKerasWrites(t *testing.T) {
	for _, g := range load[golden](t, "summaries.json") {
		for _, r := range g.Rows {
			if r.Shapes != nil {
				assert.Equal(t, r.OutputShape, FormatShape(r.Shapes...), "%s of %s", r.Name, g.Model)
			}
		}
	}
	assert.Equal(t, "?", FormatShape())
}

func TestTextBreaksAsInRich(t *testing.T) {
	type fold struct {
		String  string
		Columns struct{ Left, Right, Center [][]string }
		Lines   []string
	}
	for _, f := range load[fold](t, "folds.json") {
		for a, widths := range map[align][][]string{left: f.Columns.Left, right: f.Columns.Right, center: f.Columns.Center} {
			for i, want := range widths {
				assert.Equal(t, want, cellLines(f.String, i+1, a), "%q in %d columns, align %d", f.String, i+1, a)
			}
		}
		for i, want := range f.Lines {
			var b bytes.Buffer
			writeLines(&b, f.String, i+1)
			assert.Equal(t, want, b.String(), "%q in a line of %d", f.String, i+1)
		}
	}
}

func TestRuneWidthsAreThoseOfRich(t *testing.T) {
	for _, run := range load[[3]int](t, "cells.json") {
		for r := rune(run[0]); r <= rune(run[1]); r++ {
			if w := runeWidth(r); w != run[2] {
				t.Errorf("%U: expected %d columns, got %d", r, run[2], w)
			}
		}
	}
}

func TestLinesAreAsWideAsTheTable(t *testing.T) {
	for _, g := range load[golden](t, "summaries.json") {
		for length := 30; length <= 80; length++ {
			var b bytes.Buffer
			require.NoError(t, Render(&b, Options{Functional: g.Functional, Rows: g.options(&printed{}).Rows, LineLength: length}))
			for line := range strings.Lines(b.String()) {
				if strings.ContainsAny(line[:3], "┏┃┡│├└") {
					require.Equal(t, length, width(strings.TrimSuffix(line, "\n")), "%q", line)
				}
			}
		}
	}
}

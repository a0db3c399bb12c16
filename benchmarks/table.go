package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A table is written as Markdown, with its columns aligned; all but the first are numbers, to the right.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// String is the table's Markdown.
func (t *table) String() string {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 3)
		}
	}
	var b strings.Builder
	t.line(&b, widths, t.head)
	for i, w := range widths {
		if i == 0 {
			fmt.Fprintf(&b, "| %s ", strings.Repeat("-", w))
			continue
		}
		fmt.Fprintf(&b, "| %s: ", strings.Repeat("-", w-1))
	}
	b.WriteString("|\n")
	for _, row := range t.rows {
		t.line(&b, widths, row)
	}
	return b.String()
}

func (t *table) line(b *strings.Builder, widths []int, cells []string) {
	for i, cell := range cells {
		if i == 0 {
			fmt.Fprintf(b, "| %-*s ", widths[i], cell)
			continue
		}
		fmt.Fprintf(b, "| %*s ", widths[i], cell)
	}
	b.WriteString("|\n")
}

// figure writes a number with two significant digits, three from 10 on; "-" for one that was not measured.
func figure(v float64) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return "-"
	}
	digits := 1 - int(math.Floor(math.Log10(math.Abs(v))))
	if v >= 10 {
		digits++
	}
	return strconv.FormatFloat(v, 'f', min(max(digits, 0), 7), 64)
}

// times writes how many times b goes into a.
func times(a, b float64) string {
	if a == 0 || b == 0 {
		return "-"
	}
	return figure(a/b) + "x"
}

func percent(part, whole float64) string {
	if part == 0 || whole == 0 {
		return "-"
	}
	return figure(100*part/whole) + "%"
}

const (
	perMilli = 1e3
	perMicro = 1e6
	perMega  = 1.0 / (1 << 20)
)

// write writes the report as Markdown.
func (r *report) write(w io.Writer) error {
	var b strings.Builder
	r.machine(&b)
	fmt.Fprintf(&b, "\nTraining, ms in a step of `fit`; the limit is the step's arithmetic at peak plus its bytes at the rate of their cache:\n\n%s", r.steps())
	fmt.Fprintf(&b, "\nOne row, us in a call of `predict` (in brackets: of `predict_on_batch`):\n\n%s", r.predictions())
	fmt.Fprintf(&b, "\nFrom the start of the process to the end of a first epoch of %d rows, ms:\n\n%s", firstRows, r.startups())
	fmt.Fprintf(&b, "\nPeak memory, MB; allocations of gokeras in a step:\n\n%s", r.memory())
	r.goals(&b)
	for _, m := range r.Models {
		for _, line := range m.wrong() {
			fmt.Fprintf(&b, "\nWRONG: %s: %s\n", m.Model, line)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *report) machine(b *strings.Builder) {
	fmt.Fprintf(b, "%s: %s, %s, %d cores: %s GFLOP/s a core, %s GB/s of memory (copying). %s, %s kernels", r.Date, r.CPU, r.System, r.Cores,
		figure(r.CoreFlops/1e9), figure(r.Memory/1e9), r.Go, r.Kernels)
	if r.Keras != "" {
		fmt.Fprintf(b, "; Keras %s, Python %s", r.Keras, r.Python)
	}
	for _, s := range r.Sides[1:] {
		fmt.Fprintf(b, ", %s %s", s.Name, s.Version)
	}
	b.WriteString(".\n")
	if r.Load > float64(r.Cores)/2 {
		fmt.Fprintf(b, "The machine was busy when the run began (load average %s): times are too long, and ratios doubtful.\n", figure(r.Load))
	}
	for _, m := range r.Missing {
		fmt.Fprintf(b, "Not installed: %s (%s).\n", m.Name, m.Why)
	}
}

// head is the head of a table with a column for each side.
func (r *report) head(first []string, last ...string) *table {
	head := first
	for _, s := range r.Sides {
		head = append(head, s.Name)
	}
	return &table{head: append(head, last...)}
}

// row is a row of a table with a column for each side.
func (m *result) row(value func(*measure) string) (cells []string) {
	for _, x := range m.Measures {
		cells = append(cells, value(x))
	}
	return cells
}

func (r *report) steps() *table {
	t := r.head([]string{"model", "batch"}, "Keras/gokeras", "limit", "share", "losses")
	step := func(m *measure) float64 { return m.Step }
	for _, m := range r.Models {
		own := m.Measures[0].Step
		cells := append([]string{m.Title, strconv.Itoa(m.Batch)}, m.row(func(x *measure) string { return figure(x.Step * perMilli) })...)
		t.add(append(cells, times(m.fastest(step), own), figure(m.Limit*perMilli), percent(m.Limit, own), m.agreement())...)
	}
	return t
}

// agreement says whether the sides computed the same losses.
func (m *result) agreement() string {
	if len(m.wrong()) > 0 {
		return "WRONG"
	}
	if len(m.Measures) == 1 {
		return "not checked"
	}
	worst := 0.0
	for _, x := range m.Measures {
		worst = max(worst, x.Deviation)
	}
	return fmt.Sprintf("equal to %.0e", worst)
}

func (r *report) predictions() *table {
	t := r.head([]string{"model"}, "Keras/gokeras")
	predict := func(m *measure) float64 { return m.Predict }
	for _, m := range r.Models {
		cells := m.row(func(x *measure) string { return figure(x.Predict*perMicro) + " (" + figure(x.OnBatch*perMicro) + ")" })
		t.add(append(append([]string{m.Title}, cells...), times(m.fastest(predict), m.Measures[0].Predict))...)
	}
	return t
}

func (r *report) startups() *table {
	t := r.head([]string{"model"}, "Keras/gokeras")
	start := func(m *measure) float64 { return m.Start }
	for _, m := range r.Models {
		cells := m.row(func(x *measure) string { return figure(x.Start * perMilli) })
		t.add(append(append([]string{m.Title}, cells...), times(m.fastest(start), m.Measures[0].Start))...)
	}
	return t
}

func (r *report) memory() *table {
	t := r.head([]string{"model"}, "Keras/gokeras", "allocations", "bytes")
	peak := func(m *measure) float64 { return float64(m.Peak) }
	for _, m := range r.Models {
		own := m.Measures[0]
		cells := append([]string{m.Title}, m.row(func(x *measure) string { return figure(float64(x.Peak) * perMega) })...)
		t.add(append(cells, times(m.fastest(peak), float64(own.Peak)), strconv.Itoa(int(math.Round(own.Allocs))), strconv.Itoa(int(math.Round(own.Bytes))))...)
	}
	return t
}

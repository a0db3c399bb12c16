package summarytable

import (
	"bytes"
	"io"
	"strings"

	"github.com/pkg/errors"
)

// Options says what to print; its names are those of Model.summary.
type Options struct {
	Name string // of the model
	Rows []Row

	// Functional adds the column "Connected to". Keras has it for functional models that are not a plain chain: where a layer has several inputs or
	// is called more than once, or several layers stand side by side.
	Functional bool

	ShowTrainable bool // adds the column "Trainable"
	ExpandNested  bool // prints the rows of layers inside layers

	// LineLength is the width of the table in columns; 0: 88, with connections 108, with ShowTrainable 12 more, but at most Columns - 4.
	LineLength int

	// Positions are the ends of the columns as parts of LineLength, ShowTrainable's left out; nil: .45, .8, 1, with connections .3, .56, .74, 1.
	Positions []float64

	Columns int // of the screen, at which the table is cut and other lines are broken; 0: 80, as Keras takes where there is no terminal
	Totals  Totals
}

// A Row is a layer.
type Row struct {
	Name, Class string
	OutputShape string   // as of [FormatShape]; "": "?"
	Params      int      // parameters, of inner layers too
	Unbuilt     bool     // parameters are not known yet
	ConnectedTo []string // the inputs, such as "dense[0][0]": layer, call, output; none: "-"
	Trainable   *bool    // nil, where there are no weights: "-"
	Depth       int      // 0: a layer of the model, 1: a layer inside such a layer
}

// Totals counts the weights of a model. What is printed as the total is the sum of all of them.
type Totals struct {
	Trainable, NonTrainable Weights
	Optimizer               *Weights // nil where there is no optimizer yet: no line
}

// Weights is a number of parameters and the memory that they take; a bool takes an eighth of a byte, as in Keras.
type Weights struct {
	Params int
	Bytes  float64
}

func (w Weights) plus(v Weights) Weights { return Weights{w.Params + v.Params, w.Bytes + v.Bytes} }

const (
	defaultColumns   = 80
	lineLength       = 88
	functionalLength = 108
	trainableLength  = 12
	margin           = 4       // columns of the screen that stay free
	maxLength        = 1 << 16 // of a line; more is a mistake, and would take memory
)

// Render writes the summary to w, in one write. It is an error if a column would be narrower than Keras allows.
func Render(w io.Writer, o Options) error {
	if w == nil {
		return errors.New("summarytable: expected a writer, got nil")
	}
	t, err := o.table()
	if err != nil {
		return errors.Wrapf(err, "summarytable: model %q", o.Name)
	}
	columns := o.columns()
	var b bytes.Buffer
	writeLines(&b, `Model: "`+o.Name+`"`, columns)
	t.write(&b, columns)
	for _, s := range o.Totals.lines() {
		writeLines(&b, s, columns)
	}
	_, err = w.Write(b.Bytes())
	return errors.Wrap(err, "summarytable: write")
}

func (o *Options) columns() int {
	if o.Columns == 0 {
		return defaultColumns
	}
	return o.Columns
}

func (o *Options) lineLength() int {
	if o.LineLength != 0 {
		return o.LineLength
	}
	n := lineLength
	if o.Functional {
		n = functionalLength
	}
	if o.ShowTrainable {
		n += trainableLength
	}
	return min(n, o.columns()-margin)
}

// table makes the table's columns and cells.
func (o *Options) table() (*table, error) {
	if o.Columns < 0 || o.lineLength() > maxLength {
		return nil, errors.Errorf("expected a line of up to %d columns on a screen of at least 1, got %d on %d", maxLength, o.lineLength(), o.columns())
	}
	t := &table{columns: []column{{"Layer (type)", left}, {"Output Shape", left}, {"Param #", right}}}
	positions := []float64{.45, .8, 1}
	if o.Functional {
		t.columns = append(t.columns, column{"Connected to", left})
		positions = []float64{.3, .56, .74, 1}
	}
	if o.Positions != nil {
		positions = append([]float64(nil), o.Positions...)
	}
	if len(positions) != len(t.columns) {
		return nil, errors.Errorf("expected %d positions, one for each column, got %d", len(t.columns), len(positions))
	}
	if o.ShowTrainable {
		t.columns = append(t.columns, column{"Trainable", center})
		for i := range positions {
			positions[i] *= .9
		}
		positions = append(positions, 1)
	}
	var err error
	if t.widths, err = columnWidths(positions, o.lineLength()); err != nil {
		return nil, err
	}
	for i := range o.Rows {
		if r := &o.Rows[i]; r.Depth == 0 || o.ExpandNested {
			t.rows = append(t.rows, o.cells(r))
		}
	}
	return t, nil
}

func (o *Options) cells(r *Row) []string {
	cells := []string{r.label(), r.OutputShape, r.params()}
	if r.OutputShape == "" {
		cells[1] = "?"
	}
	if o.Functional {
		cells = append(cells, r.connections())
	}
	if o.ShowTrainable {
		cells = append(cells, r.trainable())
	}
	return cells
}

func (r *Row) label() string {
	s := r.Name + " (" + r.Class + ")"
	if r.Depth > 0 {
		s = strings.Repeat("   ", r.Depth) + "└ " + s
	}
	return s
}

func (r *Row) params() string {
	if r.Unbuilt {
		return "0 (unbuilt)"
	}
	return thousands(r.Params)
}

func (r *Row) connections() string {
	if len(r.ConnectedTo) == 0 {
		return "-"
	}
	return strings.Join(r.ConnectedTo, ", ")
}

func (r *Row) trainable() string {
	switch {
	case r.Trainable == nil:
		return "-"
	case *r.Trainable:
		return "Y"
	}
	return "N"
}

func (t *Totals) lines() []string {
	total := t.Trainable.plus(t.NonTrainable)
	if t.Optimizer != nil {
		total = total.plus(*t.Optimizer)
	}
	lines := []string{
		" Total params: " + total.String(),
		" Trainable params: " + t.Trainable.String(),
		" Non-trainable params: " + t.NonTrainable.String(),
	}
	if t.Optimizer != nil {
		lines = append(lines, " Optimizer params: "+t.Optimizer.String())
	}
	return lines
}

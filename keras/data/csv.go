package data

import (
	"bufio"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// CSVOptions say what is read, in the words of tf.data.experimental.make_csv_dataset.
type CSVOptions struct {
	// ColumnNames are the names of all columns of the files. Default: those in the first line.
	ColumnNames []string
	// NoHeader: the first line is data; ColumnNames are needed. Default: it holds names, and ColumnNames replace them.
	NoHeader bool
	// SelectColumns are the columns of X and their order. Default: all but LabelName.
	SelectColumns []string
	// LabelName is the column that becomes Y, a scalar. Default: there is no Y.
	LabelName string
	// Types are the types of columns by name: Float32, Float64, Int32, Int64, Bool or String. Default: Float32.
	Types map[string]tensor.Dtype
	// Defaults are what a missing field is read as, by the column's name. Default: it is an error.
	Defaults map[string]string
	// NAValue is what stands for a missing field, beside an empty one. Default: "".
	NAValue string
	// FieldDelim separates the fields of a line. Default: ','.
	FieldDelim rune
}

// CSV returns the lines of files. The columns of X are joined by type: there is one array for each, in the order in which the types come first, with
// the columns in their order; columns of numbers alone give one float32 array [columns]. Files are read line by line while iterating; errors name
// file and line.
func CSV(o CSVOptions, paths ...string) Pipeline {
	if len(paths) == 0 {
		return Pipeline{}.failf("CSV: expected paths, got none")
	}
	if o.NoHeader && o.ColumnNames == nil {
		return Pipeline{}.failf("CSV: expected ColumnNames for files without a header")
	}
	for name, t := range o.Types {
		if !slices.Contains([]tensor.Dtype{tensor.Float32, tensor.Float64, tensor.Int32, tensor.Int64, tensor.Bool, tensor.String}, t) {
			return Pipeline{}.failf("CSV: column %q: expected float32, float64, int32, int64, bool or string, got %v", name, t)
		}
	}
	return Pipeline{length: unknown, examples: true, stream: func(pass) elements {
		return func(yield func(Batch, error) bool) {
			for _, path := range paths {
				more := true
				err := readFile(path, func(r *bufio.Reader) error {
					var err error
					more, err = o.read(r, yield)
					return err
				})
				if !more {
					return
				}
				if err != nil {
					yield(Batch{}, errors.WithMessage(err, "data: CSV"))
					return
				}
			}
		}
	}}
}

// read yields the lines and reports whether more is wanted.
func (o CSVOptions) read(file *bufio.Reader, yield func(Batch, error) bool) (more bool, err error) {
	if mark, err := file.Peek(3); err == nil && string(mark) == "\ufeff" {
		if _, err := file.Discard(3); err != nil {
			return true, errors.WithStack(err)
		}
	}
	r := csv.NewReader(file)
	r.ReuseRecord = true
	if o.FieldDelim != 0 {
		r.Comma = o.FieldDelim
	}
	names := o.ColumnNames
	if !o.NoHeader {
		header, err := r.Read()
		if errors.Is(err, io.EOF) {
			return true, errors.New("expected a first line with names, got an empty file")
		}
		if err != nil {
			return true, errors.WithStack(err) // It names the line.
		}
		if names == nil {
			names = slices.Clone(header)
		}
	}
	r.FieldsPerRecord = len(names)
	table, err := o.table(names)
	if err != nil {
		return true, err
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return true, errors.WithStack(err)
		}
		if err := table.set(record); err != nil {
			line, _ := r.FieldPos(0)
			return true, errors.WithMessagef(err, "line %d", line)
		}
		if !yield(table.batch, nil) {
			return false, nil
		}
	}
}

// A csvTable is where the fields of a line go.
type csvTable struct {
	cells []csvCell
	batch Batch
	na    string
}

type csvCell struct {
	column   int
	name     string
	dst      *tensor.Dense
	at       int
	fallback *string
}

func (o CSVOptions) table(names []string) (*csvTable, error) {
	t := &csvTable{na: o.NAValue}
	selected := o.SelectColumns
	if selected == nil {
		for _, n := range names {
			if n != o.LabelName {
				selected = append(selected, n)
			}
		}
	}
	if len(selected) == 0 {
		return nil, errors.New("expected columns for X, got none")
	}
	var types []tensor.Dtype
	widths := map[tensor.Dtype]int{}
	for _, name := range selected {
		typ := o.typeOf(name)
		if !slices.Contains(types, typ) {
			types = append(types, typ)
		}
		widths[typ]++
	}
	xs := map[tensor.Dtype]*tensor.Dense{}
	for _, typ := range types {
		xs[typ] = newArray(typ, tensor.Shape{widths[typ]})
		t.batch.X = append(t.batch.X, xs[typ])
	}
	filled := map[tensor.Dtype]int{}
	for _, name := range selected {
		typ := o.typeOf(name)
		if err := t.add(o, names, name, xs[typ], filled[typ]); err != nil {
			return nil, err
		}
		filled[typ]++
	}
	if o.LabelName == "" {
		return t, nil
	}
	y := newArray(o.typeOf(o.LabelName), tensor.Shape{})
	t.batch.Y = []*tensor.Dense{y}
	return t, t.add(o, names, o.LabelName, y, 0)
}

func (o CSVOptions) typeOf(name string) tensor.Dtype {
	if t, ok := o.Types[name]; ok {
		return t
	}
	return tensor.Float32
}

func (t *csvTable) add(o CSVOptions, names []string, name string, dst *tensor.Dense, at int) error {
	column := slices.Index(names, name)
	if column < 0 {
		return errors.Errorf("expected one of the columns %q, got %q", names, name)
	}
	c := csvCell{column: column, name: name, dst: dst, at: at}
	if d, ok := o.Defaults[name]; ok {
		c.fallback = &d
	}
	t.cells = append(t.cells, c)
	return nil
}

func (t *csvTable) set(record []string) error {
	for _, c := range t.cells {
		field := record[c.column]
		if field == "" || field == t.na {
			if c.fallback == nil {
				return errors.Errorf("column %q: the field is missing and has no default", c.name)
			}
			field = *c.fallback
		}
		if err := c.set(field); err != nil {
			return errors.Errorf("column %q: expected %v, got %q", c.name, c.dst.Dtype(), field)
		}
	}
	return nil
}

func (c csvCell) set(field string) (err error) {
	if c.dst.Dtype() != tensor.String {
		field = strings.TrimSpace(field)
	}
	var f float64
	var i int64
	switch c.dst.Dtype() {
	case tensor.Float32:
		f, err = strconv.ParseFloat(field, 32)
		c.dst.Float32s()[c.at] = float32(f)
	case tensor.Float64:
		c.dst.Float64s()[c.at], err = strconv.ParseFloat(field, 64)
	case tensor.Int32:
		i, err = strconv.ParseInt(field, 10, 32)
		c.dst.Int32s()[c.at] = int32(i)
	case tensor.Int64:
		c.dst.Int64s()[c.at], err = strconv.ParseInt(field, 10, 64)
	case tensor.Bool:
		c.dst.Bools()[c.at], err = strconv.ParseBool(field)
	case tensor.String:
		c.dst.Strings()[c.at] = strings.Clone(field) // A record's fields share memory that is kept as long as one of them.
	}
	return err
}

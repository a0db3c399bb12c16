package preprocessing

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/internal/shuffle"
)

// Column is a named column of a [Table]: of numbers, where NaN is a missing value, or of texts, where "" is one. Exactly one of Numbers and Texts is
// set.
type Column struct {
	Name    string
	Numbers []float64
	Texts   []string
}

// Len returns the number of values.
func (c Column) Len() int { return max(len(c.Numbers), len(c.Texts)) }

// missing reports whether value i is missing.
func (c Column) missing(i int) bool {
	if c.Texts != nil {
		return c.Texts[i] == ""
	}
	return math.IsNaN(c.Numbers[i])
}

// pick returns the values of the given rows.
func (c Column) pick(rows []int) Column {
	p := Column{Name: c.Name}
	if c.Texts != nil {
		p.Texts = make([]string, len(rows))
		for i, r := range rows {
			p.Texts[i] = c.Texts[r]
		}
		return p
	}
	p.Numbers = make([]float64, len(rows))
	for i, r := range rows {
		p.Numbers[i] = c.Numbers[r]
	}
	return p
}

// Table is columns of equal length, in order. Its methods return new tables, which may share the columns' memory, and leave it as it is.
type Table struct {
	Columns []Column
}

// Len returns the number of rows.
func (t *Table) Len() int {
	if t == nil || len(t.Columns) == 0 {
		return 0
	}
	return t.Columns[0].Len()
}

// Names returns the names of the columns, in order.
func (t *Table) Names() []string {
	if t == nil {
		return nil
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// Column returns the column of that name.
func (t *Table) Column(name string) (Column, error) {
	i := slices.Index(t.Names(), name)
	if i < 0 {
		return Column{}, errors.Errorf("preprocessing: Table: column %q: expected one of %q", name, t.Names())
	}
	c := t.Columns[i]
	switch {
	case c.Numbers != nil && c.Texts != nil:
		return Column{}, errors.Errorf("preprocessing: Table: column %q: expected numbers or texts, got both", name)
	case c.Len() != t.Len():
		return Column{}, errors.Errorf("preprocessing: Table: column %q: expected %d values as in column %q, got %d", name, t.Len(), t.Columns[0].Name, c.Len())
	}
	return c, nil
}

// Array returns columns of numbers as [rows, names], float32, in the order of the names; without names, all columns. Missing values are NaN. A column
// of texts and a table without rows are errors.
func (t *Table) Array(names ...string) (*tensor.Dense, error) {
	picked, err := t.Select(names...)
	if err != nil {
		return nil, err
	}
	rows, width := picked.Len(), len(picked.Columns)
	if rows == 0 {
		return nil, errors.New("preprocessing: Table: Array: expected at least one row, got none")
	}
	values := make([]float32, rows*width)
	for k, c := range picked.Columns {
		if c.Texts != nil {
			return nil, errors.Errorf("preprocessing: Table: Array: column %q: expected numbers, got texts", c.Name)
		}
		for i, v := range c.Numbers {
			values[i*width+k] = float32(v)
		}
	}
	return tensor.New(tensor.WithShape(rows, width), tensor.WithBacking(values)), nil
}

// Texts returns a column of texts as [rows, 1] of strings, a copy. A column of numbers and a table without rows are errors.
func (t *Table) Texts(name string) (*tensor.Dense, error) {
	c, err := t.Column(name)
	switch {
	case err != nil:
		return nil, err
	case c.Len() == 0:
		return nil, errors.New("preprocessing: Table: Texts: expected at least one row, got none")
	case c.Texts == nil:
		return nil, errors.Errorf("preprocessing: Table: Texts: column %q: expected texts, got numbers", name)
	}
	return tensor.New(tensor.WithShape(c.Len(), 1), tensor.WithBacking(slices.Clone(c.Texts))), nil
}

// Select returns the columns of these names, in the order of the names; without names, all columns.
func (t *Table) Select(names ...string) (*Table, error) {
	if len(names) == 0 {
		names = t.Names()
	}
	if len(names) == 0 {
		return nil, errors.New("preprocessing: Table: expected columns, got none")
	}
	picked := &Table{Columns: make([]Column, len(names))}
	for i, name := range names {
		c, err := t.Column(name)
		if err != nil {
			return nil, err
		}
		picked.Columns[i] = c
	}
	return picked, nil
}

// Drop returns all columns but those of these names.
func (t *Table) Drop(names ...string) (*Table, error) {
	for _, name := range names {
		if _, err := t.Column(name); err != nil {
			return nil, err
		}
	}
	kept := &Table{}
	for _, c := range t.Columns {
		if !slices.Contains(names, c.Name) {
			kept.Columns = append(kept.Columns, c)
		}
	}
	return kept, nil
}

// DropMissing returns the rows in which none of the named columns lacks its value; without names, none of all columns.
func (t *Table) DropMissing(names ...string) (*Table, error) {
	looked, err := t.Select(names...)
	if err != nil {
		return nil, err
	}
	var rows []int
	for i := range t.Len() {
		if !slices.ContainsFunc(looked.Columns, func(c Column) bool { return c.missing(i) }) {
			rows = append(rows, i)
		}
	}
	return t.Rows(rows...)
}

// Rows returns the rows of these numbers, in the order of the numbers. A row may be named more than once.
func (t *Table) Rows(rows ...int) (*Table, error) {
	all, err := t.Select()
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r < 0 || r >= t.Len() {
			return nil, errors.Errorf("preprocessing: Table: Rows: expected a row in [0, %d), got %d", t.Len(), r)
		}
	}
	for i, c := range all.Columns {
		all.Columns[i] = c.pick(rows)
	}
	return all, nil
}

// Split deals the rows to a training and a test table as [TrainTestSplit] deals the slices of arrays: the same seed and testSize choose the same rows.
func (t *Table) Split(seed uint64, testSize float64) (train, test *Table, err error) {
	count, err := testCount("Table: Split", testSize, t.Len())
	if err != nil {
		return nil, nil, err
	}
	order := shuffle.Permutation(t.Len(), seed, 0)
	if test, err = t.Rows(order[:count]...); err != nil {
		return nil, nil, err
	}
	train, err = t.Rows(order[count:]...)
	return train, test, err
}

package preprocessing

import (
	"bufio"
	"encoding/csv"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// CSVOptions are the options of [ReadCSV]. The zero value reads what pandas.read_csv reads by default.
type CSVOptions struct {
	Separator        rune     // 0: ','
	NoHeader         bool     // The first line holds values. The columns are then called "0", "1" and so on, or by Names.
	Names            []string // The columns' names, all of them, in place of the header's; nil: the header's.
	Columns          []string // The columns to keep, in the order of the file; nil: all.
	Numbers          []string // Columns that must be of numbers: another value is an error.
	Texts            []string // Columns that are of texts, even where all of them look like numbers.
	Missing          []string // What stands for a missing value, spaces around it aside; nil: "", "NA", "NaN" and "?".
	Comment          rune     // Lines that begin with it are left out; 0: none.
	SkipInitialSpace bool     // Spaces after a separator are no part of the value.
	MaxRows          int      // Rows beyond it are not read; 0: all.
}

// ReadCSV reads a table of named columns in the format of RFC 4180: values in quotes may hold separators, quotes (doubled) and line ends. Lines may end in
// CR LF, a byte order mark is skipped, empty lines are left out.
//
// A column in which every value is a number or missing is of numbers, another is of texts. Errors name the line and the column.
// Source: pandas.read_csv, but for columns that appear twice, which are an error here, and for its wider choice of words for missing values.
func ReadCSV(r io.Reader, o CSVOptions) (*Table, error) {
	if r == nil {
		return nil, errors.New("preprocessing: ReadCSV: expected a reader, got nil")
	}
	if o.MaxRows < 0 {
		return nil, errors.Errorf("preprocessing: ReadCSV: MaxRows: expected 0 or more, got %d", o.MaxRows)
	}
	c := &csvReader{CSVOptions: o, lines: lines(r, o)}
	if c.Missing == nil {
		c.Missing = []string{"", "NA", "NaN", "?"}
	}
	t, err := c.read()
	return t, errors.WithMessage(err, "preprocessing: ReadCSV")
}

func lines(r io.Reader, o CSVOptions) *csv.Reader {
	buffered := bufio.NewReader(r)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = buffered.Discard(len(mark)) // Cannot fail: the bytes are there.
	}
	c := csv.NewReader(buffered)
	if o.Separator != 0 {
		c.Comma = o.Separator
	}
	c.Comment, c.TrimLeadingSpace, c.ReuseRecord = o.Comment, o.SkipInitialSpace, true
	return c
}

type csvReader struct {
	CSVOptions
	lines   *csv.Reader
	columns []csvColumn
	rows    int
}

// csvColumn is a column while it is read. Until it is known to be of texts, numbers are parsed beside them.
type csvColumn struct {
	name              string
	at                int // place in the line
	mustNumber, plain bool
	texts             []string
	numbers           []float64
}

func (c *csvReader) read() (*Table, error) {
	first, err := c.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("line 1: expected a line of columns, got the end of the file")
	case err != nil:
		return nil, err
	}
	names, err := c.header(first)
	if err != nil {
		return nil, err
	}
	if err := c.choose(names); err != nil {
		return nil, err
	}
	if c.NoHeader {
		if err := c.add(first); err != nil {
			return nil, err
		}
	}
	for c.MaxRows == 0 || c.rows < c.MaxRows {
		record, err := c.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := c.add(record); err != nil {
			return nil, err
		}
	}
	return c.table(), nil
}

// next returns the next line's values, which are valid until the next call, or io.EOF.
func (c *csvReader) next() ([]string, error) {
	record, err := c.lines.Read()
	var wrong *csv.ParseError
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return record, err
	case !errors.As(err, &wrong):
		return nil, errors.WithStack(err)
	case errors.Is(wrong.Err, csv.ErrFieldCount):
		return nil, errors.Errorf("line %d: expected %d values as in the first line, got %d", wrong.StartLine, c.lines.FieldsPerRecord, len(record))
	}
	return nil, errors.Errorf("line %d, byte %d: %v", wrong.Line, wrong.Column, wrong.Err)
}

// header returns the names of all columns of the file.
func (c *csvReader) header(first []string) ([]string, error) {
	names := c.Names
	switch {
	case names != nil && len(names) != len(first):
		return nil, errors.Errorf("line 1: expected %d columns as in Names, got %d", len(names), len(first))
	case names == nil && c.NoHeader:
		for i := range first {
			names = append(names, strconv.Itoa(i))
		}
	case names == nil:
		for _, name := range first {
			names = append(names, strings.TrimSpace(name))
		}
	}
	for i, name := range names {
		if before := slices.Index(names, name); before < i {
			line, _ := c.lines.FieldPos(i)
			return nil, errors.Errorf("line %d, column %d: expected a name of its own, got %q as column %d", line, i+1, name, before+1)
		}
	}
	return names, nil
}

// choose sets up the columns that are kept.
func (c *csvReader) choose(names []string) error {
	for _, list := range []struct {
		option string
		names  []string
	}{{"Columns", c.Columns}, {"Numbers", c.Numbers}, {"Texts", c.Texts}} {
		for _, name := range list.names {
			if !slices.Contains(names, name) {
				return errors.Errorf("%s: expected columns of the file, %q, got %q", list.option, names, name)
			}
		}
	}
	for i, name := range names {
		number, text := slices.Contains(c.Numbers, name), slices.Contains(c.Texts, name)
		if number && text {
			return errors.Errorf("column %q: expected it in Numbers or in Texts, got it in both", name)
		}
		if c.Columns == nil || slices.Contains(c.Columns, name) {
			c.columns = append(c.columns, csvColumn{name: name, at: i, mustNumber: number, plain: text})
		}
	}
	if len(c.columns) == 0 {
		return errors.New("Columns: expected at least one, got none")
	}
	return nil
}

// add appends a line to the columns.
func (c *csvReader) add(record []string) error {
	for i := range c.columns {
		col := &c.columns[i]
		text := record[col.at]
		missing := slices.Contains(c.Missing, strings.TrimSpace(text))
		if missing {
			text = ""
		}
		if !col.plain {
			v, ok := number(text, missing)
			if !ok && col.mustNumber {
				line, _ := c.lines.FieldPos(col.at)
				return errors.Errorf("line %d, column %q: expected a number, got %q", line, col.name, text)
			}
			if col.numbers = append(col.numbers, v); !ok {
				col.plain, col.numbers = true, nil
			}
		}
		if !col.mustNumber {
			col.texts = append(col.texts, text)
		}
	}
	c.rows++
	return nil
}

// number parses a decimal number. One out of range is infinite, as it is in pandas.
func number(text string, missing bool) (v float64, ok bool) {
	if missing {
		return math.NaN(), true
	}
	text = strings.TrimSpace(text)
	v, err := strconv.ParseFloat(text, 64)
	return v, (err == nil || errors.Is(err, strconv.ErrRange)) && !strings.ContainsAny(text, "xX_") // 0x1p4 and 1_000 are Go's.
}

func (c *csvReader) table() *Table {
	t := &Table{Columns: make([]Column, len(c.columns))}
	for i, col := range c.columns {
		t.Columns[i].Name = col.name
		if col.plain {
			t.Columns[i].Texts = alone(col.texts)
		} else {
			t.Columns[i].Numbers = append([]float64{}, col.numbers...)
		}
	}
	return t
}

// alone returns copies of texts that keep none of the lines around them in memory, and equal ones once.
func alone(texts []string) []string {
	copies := make([]string, len(texts))
	seen := map[string]string{}
	for i, text := range texts {
		c, ok := seen[text]
		if !ok {
			c = strings.Clone(text)
			seen[c] = c
		}
		copies[i] = c
	}
	return copies
}

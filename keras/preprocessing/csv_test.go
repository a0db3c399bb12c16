package preprocessing

import (
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func read(t *testing.T, text string, o CSVOptions) *Table {
	t.Helper()
	table, err := ReadCSV(strings.NewReader(text), o)
	require.NoError(t, err)
	return table
}

func TestReadCSVTypes(t *testing.T) {
	t.Parallel()
	table := read(t, "\ufeffname,größe,leer,zip\r\n\"Müller, \"\"M\"\"\", 1.80 ,,01234\r\n\r\n\"two\r\nlines\",NA,?,NaN\r\n  ,\t-inf,NA,1e999", CSVOptions{Texts: []string{"zip"}})
	assert.Equal(t, []string{"name", "größe", "leer", "zip"}, table.Names())
	assert.Equal(t, []string{`Müller, "M"`, "two\nlines", ""}, table.Columns[0].Texts, "spaces alone are missing")
	assert.Equal(t, 1.8, table.Columns[1].Numbers[0])
	assert.True(t, math.IsNaN(table.Columns[1].Numbers[1]))
	assert.True(t, math.IsInf(table.Columns[1].Numbers[2], -1))
	require.Len(t, table.Columns[2].Numbers, 3, "a column without values is of numbers")
	assert.Equal(t, []string{"01234", "", "1e999"}, table.Columns[3].Texts, "as the option says")
	for _, v := range table.Columns[2].Numbers {
		assert.True(t, math.IsNaN(v))
	}
}

func TestReadCSVOptions(t *testing.T) {
	t.Parallel()
	table := read(t, "# a remark\n1; x;-\n2; y;3", CSVOptions{Separator: ';', NoHeader: true, Comment: '#', SkipInitialSpace: true, Missing: []string{"-"}})
	assert.Equal(t, []string{"0", "1", "2"}, table.Names())
	assert.Equal(t, []string{"x", "y"}, table.Columns[1].Texts)
	assert.True(t, math.IsNaN(table.Columns[2].Numbers[0]))

	table = read(t, "a,b,c\n1,2,3\n4,5,x\n6,7,8", CSVOptions{Names: []string{"p", "q", "r"}, Columns: []string{"r", "p"}, MaxRows: 1})
	assert.Equal(t, []Column{{Name: "p", Numbers: []float64{1}}, {Name: "r", Numbers: []float64{3}}}, table.Columns)

	table = read(t, "a,b", CSVOptions{})
	assert.Zero(t, table.Len())
	assert.Equal(t, []string{"a", "b"}, table.Names())

	table = read(t, "a\nNA\n?", CSVOptions{Missing: []string{}})
	assert.Equal(t, []string{"NA", "?"}, table.Columns[0].Texts, "nothing stands for a missing value")
}

func TestReadCSVErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		o    CSVOptions
		says string
	}{
		{"", CSVOptions{}, "line 1: expected a line of columns, got the end of the file"},
		{"\ufeff\r\n\r\n", CSVOptions{}, "got the end of the file"},
		{"a,b\n1,2\n\n3\n", CSVOptions{}, "line 4: expected 2 values as in the first line, got 1"},
		{"a,b\n1,2,3\n", CSVOptions{}, "line 2: expected 2 values as in the first line, got 3"},
		{"a,b\n\"x\ny\",1\n5,z", CSVOptions{Numbers: []string{"b"}}, `line 4, column "b": expected a number, got "z"`},
		{"a,b\n1,\"2\n3,4", CSVOptions{}, "line 3, byte"},
		{"a,b\n1,2\"2\n", CSVOptions{}, "line 2, byte 4"},
		{"a,b,a\n1,2,3\n", CSVOptions{}, `line 1, column 3: expected a name of its own, got "a" as column 1`},
		{"a,b\n", CSVOptions{Columns: []string{"c"}}, `Columns: expected columns of the file, ["a" "b"], got "c"`},
		{"a,b\n", CSVOptions{Columns: []string{}}, "Columns: expected at least one"},
		{"a,b\n", CSVOptions{Texts: []string{"c"}}, "Texts: expected columns of the file"},
		{"a,b\n", CSVOptions{Texts: []string{"a"}, Numbers: []string{"a"}}, "got it in both"},
		{"a,b\n", CSVOptions{Names: []string{"x"}}, "line 1: expected 1 columns as in Names, got 2"},
		{"a,b\n", CSVOptions{MaxRows: -1}, "MaxRows: expected 0 or more, got -1"},
		{"a,b\n", CSVOptions{Separator: '"'}, "invalid field or comment delimiter"},
	} {
		_, err := ReadCSV(strings.NewReader(c.text), c.o)
		require.ErrorContains(t, err, c.says, "%q", c.text)
		require.ErrorContains(t, err, "preprocessing: ReadCSV")
	}
	_, err := ReadCSV(nil, CSVOptions{})
	require.ErrorContains(t, err, "got nil")
	broken := errors.New("the disk is gone")
	_, err = ReadCSV(io.MultiReader(strings.NewReader("a,b\n1,2\n"), iotest.ErrReader(broken)), CSVOptions{})
	require.ErrorIs(t, err, broken)
}

func FuzzReadCSV(f *testing.F) {
	f.Add("a,b\n1,x\n\"q\"\"\",NA\r\n")
	f.Add("\ufeffa\n\n\n-\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := ReadCSV(strings.NewReader(text), CSVOptions{})
		if err != nil {
			return
		}
		for _, c := range table.Columns {
			if c.Len() != table.Len() || (c.Numbers == nil) == (c.Texts == nil) {
				t.Fatalf("%q: column %q has %d values of %d", text, c.Name, c.Len(), table.Len())
			}
		}
	})
}

package data

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func write(t *testing.T, content string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "x.csv")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// seen are the arrays of every element, printed.
func seen(t *testing.T, p Pipeline) (all []string) {
	t.Helper()
	for b, err := range p.Elements(0, 0) {
		require.NoError(t, err)
		s := ""
		for i, a := range b.all(nil) {
			s += fmt.Sprintf("%s %v %v;", groupsOf(b).name(i), a.Dtype(), strings.ReplaceAll(fmt.Sprintf("%q", a.Data()), "%!q", ""))
		}
		all = append(all, s)
	}
	return all
}

func TestCSV(t *testing.T) {
	t.Parallel()
	const table = "\ufeffa,b,\"name, of it\",y\r\n1,2.5,\"x, \"\"y\"\"\",0\r\n-3,,ä,1\r\n 4 ,NA,\"two\nlines\",2\r\n"
	path := write(t, table)
	o := CSVOptions{
		LabelName: "y", NAValue: "NA",
		Types:    map[string]tensor.Dtype{"y": tensor.Int32, "name, of it": tensor.String},
		Defaults: map[string]string{"b": "7"},
	}
	assert.Equal(t, []string{
		`X[0] float32 [(float32=1) (float32=2.5)];X[1] string ["x, \"y\""];Y[0] int32 '\x00';`,
		`X[0] float32 [(float32=-3) (float32=7)];X[1] string ["ä"];Y[0] int32 '\x01';`,
		`X[0] float32 [(float32=4) (float32=7)];X[1] string ["two\nlines"];Y[0] int32 '\x02';`,
	}, seen(t, CSV(o, path)))
	assert.Len(t, seen(t, CSV(o, path, path)), 6, "files one after the other")

	o.SelectColumns = []string{"b", "a"}
	n := 0
	for b, err := range CSV(o, path).Batch(2).Batches(0, 0) {
		require.NoError(t, err)
		if n++; n == 1 {
			assert.Equal(t, []float32{2.5, 1, 7, -3}, b.X[0].Float32s())
			assert.Equal(t, []int32{0, 1}, b.Y[0].Int32s())
			assert.Equal(t, tensor.Shape{2, 2}, b.X[0].Shape())
		}
	}
	assert.Equal(t, 2, n)

	types := CSVOptions{NoHeader: true, FieldDelim: ';', ColumnNames: []string{"f", "i", "l", "d", "t"}, Types: map[string]tensor.Dtype{
		"f": tensor.Float64, "i": tensor.Int32, "l": tensor.Int64, "t": tensor.Bool,
	}}
	assert.Equal(t, []string{`X[0] float64 [(float64=0.1)];X[1] int32 ['\x05'];X[2] int64 ['*'];X[3] float32 [(float32=+Inf)];X[4] bool [(bool=true)];`},
		seen(t, CSV(types, write(t, "0.1;5;42;inf;true\n"))))
}

func TestCSVErrors(t *testing.T) {
	t.Parallel()
	ok := write(t, "a,b\n1,2\n")
	for _, c := range []struct {
		p    Pipeline
		says []string
	}{
		{CSV(CSVOptions{}), []string{"expected paths"}},
		{CSV(CSVOptions{NoHeader: true}, ok), []string{"expected ColumnNames"}},
		{CSV(CSVOptions{Types: map[string]tensor.Dtype{"a": tensor.Complex64}}, ok), []string{`column "a"`, "complex64"}},
		{CSV(CSVOptions{LabelName: "c"}, ok), []string{"x.csv", `["a" "b"]`, `got "c"`}},
		{CSV(CSVOptions{SelectColumns: []string{"A"}}, ok), []string{"x.csv", `got "A"`}},
		{CSV(CSVOptions{ColumnNames: []string{"a"}}, ok), []string{"x.csv", "line 2", "wrong number of fields"}},
		{CSV(CSVOptions{}, write(t, "a,b\n1,2\n\n3,x\n")), []string{"x.csv", "line 4", `column "b": expected float32, got "x"`}},
		{CSV(CSVOptions{}, write(t, "a,b\n\"1\n\",2\n3,\n")), []string{"x.csv", "line 4", `column "b": the field is missing`}},
		{CSV(CSVOptions{}, write(t, "a,b\n1,2\n3\n")), []string{"x.csv", "line 3"}},
		{CSV(CSVOptions{}, write(t, "a,b\n1,\"2\n")), []string{"x.csv", "line"}},
		{CSV(CSVOptions{Types: map[string]tensor.Dtype{"a": tensor.Int32}}, write(t, "a\n3000000000\n")), []string{"line 2", "expected int32"}},
		{CSV(CSVOptions{}, write(t, "")), []string{"x.csv", "empty file"}},
		{CSV(CSVOptions{}, filepath.Join(t.TempDir(), "none.csv")), []string{"none.csv"}},
		{CSV(CSVOptions{}, ok, filepath.Join(t.TempDir(), "none.csv")), []string{"none.csv"}},
		{TextLines(), []string{"expected paths"}},
		{TextLines(t.TempDir()), []string{"TextLines", "is a directory"}},
	} {
		var last error
		for _, err := range c.p.Elements(0, 0) {
			last = err
		}
		for _, s := range c.says {
			require.ErrorContains(t, last, s)
		}
	}
}

func TestTextLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 50000)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"\n", []string{""}},
		{"a\n\nb", []string{"a", "", "b"}},
		{"a\r\nb\r\n", []string{"a", "b"}},
		{long + "\nx", []string{long, "x"}},
	} {
		var got []string
		for b, err := range TextLines(write(t, c.text)).Elements(0, 0) {
			require.NoError(t, err)
			got = append(got, b.X[0].Strings()[0])
		}
		assert.Equal(t, c.want, got)
	}
	path := write(t, "a\nb\nc\n")
	assert.Len(t, seen(t, TextLines(path, path)), 6)
	assert.Len(t, seen(t, TextLines(path, path).Take(4)), 4)
}

package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const sample = `package sample

type Mode string

const Auto Mode = "auto"

type Schedule interface{ At(step int) float64 }

// Base is shared.
type Base struct {
	Decay  float64 // 0: off; the share of each weight
	Hidden float64
	Name   string ` + "`keras:\"-\"`" + `
}

type Thing struct {
	Base
	LearningRate float64  // 0: 0.01
	Schedule     Schedule ` + "`keras:\"learning_rate\"`" + ` // nil: LearningRate
	Beta1        *float64 // of the mean; nil: 0.9, of both
	Mode         Mode     // "": Auto
	// Size is the height and width. Default: 256 x 256.
	Size     [2]int
	Axis     []int // nil: {0}; empty but not nil: all
	UseBias  *bool // nil: true
	Nested   *bool // nested
	Unread   int   // 0: 3
	Steps    *int  // nil: 5
	Units    int   // required
	Stateful bool  // must be false
	Label    string ` + "`keras:\"name\"`" + ` // "": "thing"
	Verbose  int    // 0: silent; 1: speaks
	Count    int    // how many
	Format   string // one of some
	Cropping [][]int // nil: none
	Padding  [][]int // nil: 1
}

func or[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

func (t *Thing) Use() []any {
	if t.LearningRate == 0 {
		t.LearningRate = 0.01
	}
	if t.Hidden > 0 {
		return nil
	}
	return []any{
		t.Decay, t.Schedule, or(t.Beta1, 0.9), t.Mode, t.Size, t.Axis, or(t.UseBias, true), t.Nested, or(t.Steps, 4), t.Units, t.Stateful, t.Label, t.Verbose,
		t.Count, t.Format, t.Name, t.Cropping, t.Padding,
	}
}

type Options struct {
	Length int // 0: all
}

func Cut(ctx, words string, o Options) int { return o.Length }
`

func sampled(t *testing.T) finder {
	t.Helper()
	s := &source{
		files: token.NewFileSet(), packages: map[string]*types.Package{}, syntax: map[string][]*ast.File{},
		info: &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{},
		},
	}
	const path = modulePath + "/sample"
	f, err := parser.ParseFile(s.files, "sample.go", sample, parser.ParseComments)
	require.NoError(t, err)
	s.syntax[path] = []*ast.File{f}
	s.packages[path], err = (&types.Config{}).Check(path, s.files, s.syntax[path], s.info)
	require.NoError(t, err)
	return finder{s, s.learn()}
}

func kindsOf(w row) map[string]kind {
	kinds := map[string]kind{}
	for _, a := range w.supported {
		kinds[a] = same
	}
	for _, g := range w.gaps {
		kinds[g.path] = g.kind
	}
	return kinds
}

func TestCompareArguments(t *testing.T) {
	f := sampled(t)
	for name, c := range map[string]struct {
		argument string
		want     kind
	}{
		"a number":                     {`{"name": "learning_rate", "default": 0.01}`, same},
		"another number":               {`{"name": "learning_rate", "default": 0.001}`, differs},
		"a pointer, with more words":   {`{"name": "beta_1", "default": 0.9}`, same},
		"a pointer, another number":    {`{"name": "beta_1", "default": 0.99}`, differs},
		"a constant":                   {`{"name": "mode", "default": "auto"}`, same},
		"another word":                 {`{"name": "mode", "default": "max"}`, differs},
		"one number for all":           {`{"name": "size", "default": [256, 256]}`, same},
		"another list":                 {`{"name": "size", "default": [256, 224]}`, differs},
		"a list of one":                {`{"name": "axis", "default": 0}`, same},
		"a list of another":            {`{"name": "axis", "default": -1}`, differs},
		"lists of a number":            {`{"name": "padding", "default": [[1, 1], [1, 1]]}`, same},
		"lists of other numbers":       {`{"name": "padding", "default": [[1, 1], [2, 1]]}`, differs},
		"lists of zeros in words":      {`{"name": "cropping", "default": [[0, 0], [0, 0]]}`, same},
		"lists of numbers in words":    {`{"name": "cropping", "default": [[0, 0], [1, 0]]}`, differs},
		"true":                         {`{"name": "use_bias", "default": true}`, same},
		"false":                        {`{"name": "use_bias", "default": false}`, differs},
		"not stated":                   {`{"name": "nested", "default": true}`, silent},
		"not stated, and None":         {`{"name": "nested", "default": null}`, same},
		"read by nothing":              {`{"name": "unread", "default": 3}`, ignored},
		"a comment against the code":   {`{"name": "steps", "default": 5}`, wrong},
		"required":                     {`{"name": "units", "required": true}`, same},
		"one value only":               {`{"name": "stateful", "default": false}`, limited},
		"not there":                    {`{"name": "groups", "default": 1}`, missing},
		"a tag's name":                 {`{"name": "name", "default": "thing"}`, same},
		"what None means":              {`{"name": "name", "default": null, "means": "thing"}`, same},
		"something that None does not": {`{"name": "name", "default": null, "means": "other"}`, spelled},
		"the zero value in words":      {`{"name": "verbose", "default": 0}`, same},
		"not the zero value in words":  {`{"name": "verbose", "default": 1}`, differs},
		"None in words":                {`{"name": "decay", "default": null}`, same},
		"0 without a word":             {`{"name": "count", "default": 0}`, same},
		"None without a word":          {`{"name": "count", "default": null}`, silent},
		"another 0 without a word":     {`{"name": "count", "default": 2}`, silent},
		"text without a word":          {`{"name": "format", "default": ""}`, same},
		"other text without a word":    {`{"name": "format", "default": "tf"}`, silent},
	} {
		t.Run(name, func(t *testing.T) {
			var a kerasArgument
			require.NoError(t, json.Unmarshal([]byte(c.argument), &a))
			w := f.compareEntry("sample", kerasEntry{Name: "Thing", Kind: "class", Arguments: []kerasArgument{a}},
				f.ours(kerasEntry{Kind: "class"}, f.packages[modulePath+"/sample"].Scope().Lookup("Thing")))
			kinds := kindsOf(w)
			got, ok := kinds[a.Name]
			if !ok {
				got = kinds["sample.Thing."+a.Name]
			}
			assert.Equal(t, c.want, got, "%v", w.gaps)
		})
	}
}

func TestKeysThatKerasDoesNotKnow(t *testing.T) {
	f := sampled(t)
	o := f.ours(kerasEntry{Kind: "class"}, f.packages[modulePath+"/sample"].Scope().Lookup("Base"))
	o.registered = true
	w := f.compareEntry("sample", kerasEntry{Name: "Base", Kind: "class", Arguments: []kerasArgument{{Name: "decay", Default: []byte("0.0")}}}, o)
	require.Len(t, w.gaps, 1)
	assert.Equal(t, "extra sample.Base.Hidden (sample.go:12)", w.gaps[0].String())

	old := kerasEntry{Name: "Base", Kind: "class", Old: []string{"decay", "hidden"}}
	assert.Empty(t, f.compareEntry("sample", old, o).gaps, "Keras takes old names from **kwargs")
}

func TestFunctionsHaveParametersAndOptions(t *testing.T) {
	f := sampled(t)
	o := f.ours(kerasEntry{Kind: "function"}, f.packages[modulePath+"/sample"].Scope().Lookup("Cut"))
	w := f.compareEntry("sample", kerasEntry{Name: "cut", Kind: "function", Arguments: []kerasArgument{
		{Name: "text", Required: true}, {Name: "length", Default: []byte("null")}, {Name: "rest", Required: true},
	}}, o)
	assert.Equal(t, map[string]kind{"text": same, "length": same, "sample.cut.rest": missing}, kindsOf(w))
}

func TestWhatIsNotThere(t *testing.T) {
	f := sampled(t)
	o, err := f.find("keras.layers", kerasEntry{Name: "Nothing", Kind: "class"})
	require.NoError(t, err)
	w := f.compareEntry("keras.layers", kerasEntry{Name: "Nothing", Kind: "class"}, o)
	require.Len(t, w.gaps, 1)
	assert.Equal(t, "absent keras.layers.Nothing", w.gaps[0].String())
	_, err = f.find("keras.utils", kerasEntry{Name: "get_file", Kind: "function"})
	assert.EqualError(t, err, "coverage: names: datasets.Cache.GetFile is not there")
}

func TestReasonsAreOfOneKind(t *testing.T) {
	r := &report{used: make([]int, len(reasons))}
	g := gap{kind: missing, path: "keras.losses.Huber.dtype"}
	r.explain(&g)
	require.GreaterOrEqual(t, g.reason, 0)
	assert.Equal(t, "keras.losses.*.dtype", reasons[g.reason].of)
	other := gap{kind: differs, path: "keras.losses.Huber.dtype"}
	r.explain(&other)
	assert.Equal(t, -1, other.reason)
	assert.Contains(t, r.unneeded(), reasons[0])
}

func TestStated(t *testing.T) {
	for comment, want := range map[string]string{
		"nil: 0.9":                                   "0.9",
		"of the mean; nil: 0.9; above 0":             "0.9",
		"empty but not nil: all; nil: the last axis": "the last axis",
		"what it is. Default: 32; -1: not batched.":  "32",
		"nil": "nil",
	} {
		text, ok := field{comment: comment, zero: "nil"}.stated()
		assert.True(t, ok, comment)
		assert.Equal(t, want, text, comment)
	}
	_, ok := field{comment: "10: ten; 1.0: one", zero: "0"}.stated()
	assert.False(t, ok)
}

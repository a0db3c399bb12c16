package ops

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unchecked are the exported functions that return tensors for which Keras cannot be asked, each with the reason.
var unchecked = map[string]string{
	"Array":             "makes the constants of every case",
	"Scalar":            "a constant, read by many operations",
	"Int":               "a constant, read by InTopK",
	"Ints":              "a constant",
	"Placeholder":       "makes the inputs of every case",
	"Fail":              "carries an error",
	"Host":              "computes what it is given; see TestHost",
	"Opaque":            "a mark in a record that is replaced before a program is compiled",
	"Replay":            "records again, without an operation of its own",
	"NextStream":        "Keras's streams are others; see TestRandomOperations",
	"RandomUniform":     "Keras's streams are others; see TestRandomOperations",
	"RandomNormal":      "Keras's streams are others; see TestRandomOperations",
	"RandomBernoulli":   "Keras's streams are others; see TestRandomOperations",
	"RandomCategorical": "Keras's streams are others; see TestRandomOperations",
	"FoldTime":          "a reshape that Keras has no name for; see the layer TimeDistributed",
	"UnfoldTime":        "a reshape that Keras has no name for; see the layer TimeDistributed",
	"Recurrent":         "its cases have the names of cells; see also TestRecurrenceKeras in internal/kernel",
	"Dropout":           "Keras's streams are others; see TestRandomOperations",

	"DotProductAttention": "Keras is asked by way of layers.MultiHeadAttention; see also TestDotProductAttention",
	"LayerNormalization":  "Keras is asked by way of layers.LayerNormalization; see also TestLayerNormalization",
	"RMSNormalization":    "Keras is asked by way of layers.RMSNormalization; see also TestLayerNormalization",
}

func TestEveryOperationIsChecked(t *testing.T) {
	cases, err := readGolden()
	require.NoError(t, err)
	checked := map[string]bool{}
	for _, k := range cases {
		checked[k.Op] = true
	}
	for name := range operationNames(t) {
		if unchecked[name] == "" {
			require.True(t, checked[name], "%s has no case in internal/golden/ops.py, and no reason in unchecked", name)
		} else {
			require.False(t, checked[name], "%s has a case and a reason not to have one", name)
		}
	}
	for name := range unchecked {
		require.Contains(t, operationNames(t), name)
	}
}

// operationNames are the exported functions of the package that return tensors.
func operationNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !fn.Name.IsExported() || fn.Type.Results == nil {
				continue
			}
			for _, r := range fn.Type.Results.List {
				kind := r.Type
				if array, ok := kind.(*ast.ArrayType); ok {
					kind = array.Elt
				}
				if id, ok := kind.(*ast.Ident); ok && id.Name == "Tensor" {
					names[fn.Name.Name] = true
				}
			}
		}
	}
	require.Greater(t, len(names), 100)
	return names
}

package main

import (
	"fmt"
	"go/ast"
	"sort"
	"strings"
)

// kernel is a line of the table.
type kernel struct {
	name         string // Type.Method for methods
	file         string
	avx512, avx2 bool // assembly is in reach
	test         string
}

const header = `# Kernels

Made by gen/table: the exported functions over slices, whether float32 reaches assembly on a path (the portable path and float64
always run Go), and the test that holds them against a naive loop on every path. Go on a vector path means that the portable loop
runs there.

| kernel | file | AVX-512 | AVX2 | portable | float64 | test |
|---|---|---|---|---|---|---|
`

// table returns the text of TABLE.md for the package in dir.
func table(dir string) (string, error) {
	p, err := load(dir)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(header)
	for _, k := range p.kernels() {
		single := "Go"
		if !p.generic[k.name] {
			single = "none"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | Go | %s | %s |\n", k.name, k.file, runner(k.avx512), runner(k.avx2), single, k.test)
	}
	return b.String(), nil
}

func runner(assembly bool) string {
	if assembly {
		return "assembly"
	}
	return "Go"
}

// kernels returns the exported functions and methods that take a slice, by file and name.
func (p *source) kernels() []kernel {
	var ks []kernel
	for f, d := range p.decls {
		if !ast.IsExported(d.Name.Name) || !takesSlice(d) {
			continue
		}
		if r := receiver(d); r != "" && !ast.IsExported(r) {
			continue
		}
		k := kernel{name: d.Name.Name, file: p.files[d]}
		if r := receiver(d); r != "" {
			k.name = r + "." + k.name
		}
		p.generic[k.name] = d.Type.TypeParams != nil || receiver(d) != ""
		k.avx512, k.avx2 = p.assembly(f)
		k.test = p.testOf(k.name)
		ks = append(ks, k)
	}
	sort.Slice(ks, func(i, j int) bool {
		if ks[i].file != ks[j].file {
			return ks[i].file < ks[j].file
		}
		return ks[i].name < ks[j].name
	})
	return ks
}

func takesSlice(d *ast.FuncDecl) bool {
	for _, f := range d.Type.Params.List {
		switch t := f.Type.(type) {
		case *ast.ArrayType:
			if t.Len == nil {
				return true
			}
		case *ast.Ellipsis:
			return true
		case *ast.IndexExpr: // a struct of slices, by their element type
			return true
		}
	}
	return false
}

// receiver is the name of the receiver's type, or empty.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	t := d.Recv.List[0].Type
	if s, ok := t.(*ast.StarExpr); ok {
		t = s.X
	}
	if i, ok := t.(*ast.IndexExpr); ok {
		t = i.X
	}
	return t.(*ast.Ident).Name
}

// testOf is the test named after a kernel; failing that one whose name begins so, or one that is named after a family of
// kernels and stands in a file that uses this one.
func (p *source) testOf(kernel string) string {
	want := "Test" + strings.ReplaceAll(kernel, ".", "")
	for _, t := range p.tests {
		if strings.HasPrefix(t.name, want) {
			return t.name
		}
	}
	for _, t := range p.tests {
		if strings.HasPrefix(want, t.name) && t.uses[kernel] {
			return t.name
		}
	}
	return ""
}

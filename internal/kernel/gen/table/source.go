package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"sort"
	"strings"
)

// source is the package as it is built for amd64, which is where the assembly is.
type source struct {
	info    *types.Info
	decls   map[*types.Func]*ast.FuncDecl
	files   map[*ast.FuncDecl]string
	vars    map[*types.Var]ast.Expr // what package variables are set to
	fields  map[string][2]bool      // fields of vectors that AVX-512 and AVX2 fill
	generic map[string]bool
	tests   []test
}

// test is a test function and the names that its file uses.
type test struct {
	name string
	uses map[string]bool
}

func load(dir string) (*source, error) {
	fset := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH = "linux", "amd64"
	p := &source{
		info:  &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}},
		decls: map[*types.Func]*ast.FuncDecl{}, files: map[*ast.FuncDecl]string{}, vars: map[*types.Var]ast.Expr{},
		fields: map[string][2]bool{}, generic: map[string]bool{},
	}
	var files []*ast.File
	for _, name := range names {
		if ok, err := ctx.MatchFile(dir, filepath.Base(name)); err != nil || !ok {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(name, "_test.go") {
			p.addTests(f)
			continue
		}
		files = append(files, f)
	}
	// Other packages are left out: what this package calls of its own resolves without them.
	conf := types.Config{Importer: nothing{}, Error: func(error) {}}
	_, _ = conf.Check("kernel", fset, files, p.info)
	for _, f := range files {
		p.add(f, filepath.Base(fset.Position(f.Pos()).Filename))
	}
	sort.Slice(p.tests, func(i, j int) bool { return p.tests[i].name < p.tests[j].name })
	return p, nil
}

type nothing struct{}

func (nothing) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("%s is not loaded", path)
}

func (p *source) addTests(f *ast.File) {
	uses := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			uses[id.Name] = true
		}
		return true
	})
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(d.Name.Name, "Test") {
			p.tests = append(p.tests, test{d.Name.Name, uses})
		}
	}
}

func (p *source) add(f *ast.File, name string) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if fn, ok := p.info.Defs[d.Name].(*types.Func); ok {
				p.decls[fn], p.files[d] = d, name
			}
		case *ast.GenDecl:
			p.addVars(d)
		}
	}
}

func (p *source) addVars(d *ast.GenDecl) {
	for _, s := range d.Specs {
		s, ok := s.(*ast.ValueSpec)
		if !ok || len(s.Values) != len(s.Names) {
			continue
		}
		for i, n := range s.Names {
			if n.Name == "vectorKernels" {
				p.addFields(s.Values[i])
			} else if v, ok := p.info.Defs[n].(*types.Var); ok {
				p.vars[v] = s.Values[i]
			}
		}
	}
}

// addFields reads vectorKernels: an array of vectors by tier.
func (p *source) addFields(x ast.Expr) {
	for _, tier := range x.(*ast.CompositeLit).Elts {
		kv := tier.(*ast.KeyValueExpr)
		at := map[string]int{"tierAVX512": 0, "tierAVX2": 1, "tierPortable": -1}[kv.Key.(*ast.Ident).Name]
		for _, field := range kv.Value.(*ast.CompositeLit).Elts {
			name := field.(*ast.KeyValueExpr).Key.(*ast.Ident).Name
			has := p.fields[name]
			has[at] = true
			p.fields[name] = has
		}
	}
}

// assembly reports whether f reaches assembly for AVX-512, and for AVX2: through a field of vectors, or a function without a
// body, whose name then says which.
func (p *source) assembly(f *types.Func) (avx512, avx2 bool) {
	seen := map[types.Object]bool{}
	var visit func(o types.Object)
	walk := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				visit(p.info.Uses[id])
			}
			return true
		})
	}
	visit = func(o types.Object) {
		switch v := o.(type) {
		case *types.Func:
			v = v.Origin()
			d := p.decls[v]
			if d == nil || seen[v] || v.Name() == "vector" {
				return
			}
			seen[v] = true
			if d.Body == nil {
				avx512 = avx512 || strings.ContainsAny(v.Name(), "Z") || strings.HasSuffix(v.Name(), "512")
				avx2 = avx2 || strings.ContainsAny(v.Name(), "Y") || strings.HasSuffix(v.Name(), "256")
				return
			}
			walk(d.Body)
		case *types.Var:
			if v.IsField() {
				has := p.fields[v.Name()]
				avx512, avx2 = avx512 || has[0], avx2 || has[1]
			} else if x := p.vars[v]; x != nil && !seen[v] {
				seen[v] = true
				walk(x)
			}
		}
	}
	visit(f)
	return avx512, avx2
}

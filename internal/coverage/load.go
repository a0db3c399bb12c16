package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/pkg/errors"
)

const modulePath = "github.com/gokeras/gokeras"

// A source is the type-checked packages of this module, with their comments.
type source struct {
	files    *token.FileSet
	root     string // directory of the module
	info     *types.Info
	packages map[string]*types.Package
	syntax   map[string][]*ast.File
}

// A listed is what "go list" says of a package.
type listed struct {
	Dir, ImportPath, Export string
	GoFiles                 []string
	Module                  *struct{ Path, Dir string }
}

// load type-checks the packages that the patterns name and those of this module that they import. All others are read as the compiler left them.
func load(patterns ...string) (*source, error) {
	all, err := list(patterns)
	if err != nil {
		return nil, err
	}
	s := &source{
		files:    token.NewFileSet(),
		packages: map[string]*types.Package{},
		syntax:   map[string][]*ast.File{},
		info: &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{},
		},
	}
	exports := map[string]string{}
	compiled := importer.ForCompiler(s.files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	imports := importerFunc(func(path string) (*types.Package, error) {
		if p := s.packages[path]; p != nil {
			return p, nil
		}
		return compiled.Import(path)
	})
	for _, l := range all {
		exports[l.ImportPath] = l.Export
	}
	for _, l := range all { // Imports come first.
		if l.Module == nil || l.Module.Path != modulePath {
			continue
		}
		s.root = l.Module.Dir
		if err := s.check(l, imports); err != nil {
			return nil, errors.Wrapf(err, "coverage: %s", l.ImportPath)
		}
	}
	return s, nil
}

func list(patterns []string) ([]listed, error) {
	arguments := append([]string{"list", "-deps", "-export", "-json=Dir,ImportPath,Export,GoFiles,Module"}, patterns...)
	var problems bytes.Buffer
	command := exec.Command("go", arguments...)
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		return nil, errors.Wrapf(err, "coverage: go list: %s", problems.String())
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var l listed
		if err := d.Decode(&l); err != nil {
			return nil, errors.Wrap(err, "coverage: go list")
		}
		all = append(all, l)
	}
	return all, nil
}

func (s *source) check(l listed, imports types.Importer) error {
	for _, name := range l.GoFiles {
		f, err := parser.ParseFile(s.files, filepath.Join(l.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		s.syntax[l.ImportPath] = append(s.syntax[l.ImportPath], f)
	}
	p, err := (&types.Config{Importer: imports}).Check(l.ImportPath, s.files, s.syntax[l.ImportPath], s.info)
	s.packages[l.ImportPath] = p
	return err
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

// nodes calls f with every node of every file of this module.
func (s *source) nodes(f func(ast.Node)) {
	for _, files := range s.syntax {
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				if n != nil {
					f(n)
				}
				return true
			})
		}
	}
}

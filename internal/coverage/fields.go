package main

import (
	"go/ast"
	"go/constant"
	"go/types"
	"reflect"
	"strings"
)

// A field is an exported field of a struct, or a parameter of a function.
type field struct {
	key       string // the argument's name, normalized
	name      string
	variable  *types.Var
	parameter bool
	hidden    bool   // from files, by the tag `keras:"-"`
	comment   string // of the field
	zero      string // what stands for the type's zero value in a comment: nil, 0, ""
	read      bool   // by some code
	coded     []constant.Value
}

// knowledge is what the syntax tells of fields, gathered once.
type knowledge struct {
	comments map[*types.Var]string
	read     map[*types.Var]bool
	coded    map[*types.Var][]constant.Value // what code takes in place of the zero value
	classes  map[string]*types.Named         // registered with keras/saving, by module and name
	converts [][2]*types.Struct              // conversions: what the second is read for, the first is
}

func (s *source) learn() *knowledge {
	k := &knowledge{
		comments: map[*types.Var]string{}, read: map[*types.Var]bool{}, coded: map[*types.Var][]constant.Value{}, classes: map[string]*types.Named{},
	}
	s.nodes(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Field:
			for _, name := range n.Names {
				if v, ok := s.info.Defs[name].(*types.Var); ok {
					k.comments[v] = strings.TrimSpace(strings.Join(strings.Fields(n.Doc.Text()+" "+n.Comment.Text()), " "))
				}
			}
		case *ast.SelectorExpr:
			if v := s.fieldOf(n); v != nil {
				k.read[v] = true
			}
		case *ast.CallExpr:
			s.learnCall(k, n)
		case *ast.CompositeLit:
			s.learnLiteral(k, n)
		case *ast.AssignStmt:
			s.learnAssignment(k, n)
		}
	})
	k.followConversions()
	return k
}

// learnConversion sees (*conv)(c): fields of c are read as those of a conv.
func (s *source) learnConversion(k *knowledge, call *ast.CallExpr) {
	if len(call.Args) != 1 || !s.info.Types[call.Fun].IsType() {
		return
	}
	from, to := structOf(s.info.TypeOf(call.Args[0])), structOf(s.info.TypeOf(call.Fun))
	if from != nil && to != nil && from != to && from.NumFields() == to.NumFields() {
		k.converts = append(k.converts, [2]*types.Struct{from, to})
	}
}

// followConversions hands on what is known of fields, as often as conversions follow one another.
func (k *knowledge) followConversions() {
	for again := true; again; {
		again = false
		for _, c := range k.converts {
			for i := range c[0].NumFields() {
				from, to := c[0].Field(i).Origin(), c[1].Field(i).Origin()
				if k.read[to] && !k.read[from] {
					k.read[from], again = true, true
				}
			}
		}
	}
}

// fieldOf is the field that an expression selects, or nil.
func (s *source) fieldOf(e ast.Expr) *types.Var {
	selector, ok := e.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if selection := s.info.Selections[selector]; selection != nil && selection.Kind() == types.FieldVal {
		return selection.Obj().(*types.Var).Origin()
	}
	return nil
}

// learnCall sees the registration of a class, and calls such as or(o.Beta1, 0.9), which say what the zero value means.
func (s *source) learnCall(k *knowledge, call *ast.CallExpr) {
	if index, ok := call.Fun.(*ast.IndexExpr); ok && len(call.Args) == 2 {
		s.learnClass(k, index, call.Args)
	}
	if s.chooses(call) {
		s.learnCode(k, call.Args[0], call.Args[1])
	}
	s.learnConversion(k, call)
}

// chooses reports whether a call is one of a function of ours that returns its first argument, or else its second.
func (s *source) chooses(call *ast.CallExpr) bool {
	name, ok := call.Fun.(*ast.Ident)
	if !ok || len(call.Args) != 2 {
		return false
	}
	f, ok := s.info.Uses[name].(*types.Func)
	if !ok || f.Signature().Params().Len() != 2 || f.Signature().Results().Len() != 1 {
		return false
	}
	return types.Identical(f.Signature().Params().At(1).Type(), f.Signature().Results().At(0).Type())
}

// learnLiteral sees Rate{o.LearningRate, 0.001, o.Schedule}: a field, and what takes its place.
func (s *source) learnLiteral(k *knowledge, l *ast.CompositeLit) {
	for i := 1; i < len(l.Elts); i++ {
		s.learnCode(k, l.Elts[i-1], l.Elts[i])
	}
}

func (s *source) learnClass(k *knowledge, index *ast.IndexExpr, arguments []ast.Expr) {
	callee, ok := index.X.(*ast.SelectorExpr)
	if !ok || callee.Sel.Name != "Register" || s.info.Uses[callee.Sel] == nil || s.info.Uses[callee.Sel].Pkg().Path() != modulePath+"/keras/saving" {
		return
	}
	name, module := s.info.Types[arguments[0]].Value, s.info.Types[arguments[1]].Value
	if named, ok := s.info.TypeOf(index.Index).(*types.Named); ok && name != nil && module != nil {
		k.classes[constant.StringVal(module)+"."+constant.StringVal(name)] = named
	}
}

// learnAssignment sees o.BatchSize = 128, which only stands where the zero value is replaced.
func (s *source) learnAssignment(k *knowledge, a *ast.AssignStmt) {
	for i, left := range a.Lhs {
		if len(a.Rhs) == len(a.Lhs) {
			s.learnCode(k, left, a.Rhs[i])
		}
	}
}

func (s *source) learnCode(k *knowledge, field, value ast.Expr) {
	v, c := s.fieldOf(field), s.info.Types[value].Value
	if v != nil && c != nil {
		k.coded[v] = append(k.coded[v], c)
	}
}

// structOf is the struct behind a type, through names, pointers and slices; nil where it is no struct of this module.
func structOf(t types.Type) *types.Struct {
	switch t := types.Unalias(t).(type) {
	case *types.Pointer:
		return structOf(t.Elem())
	case *types.Slice:
		return structOf(t.Elem())
	case *types.Named:
		if p := t.Obj().Pkg(); p == nil || !strings.HasPrefix(p.Path(), modulePath) {
			return nil
		}
		s, _ := t.Origin().Underlying().(*types.Struct)
		return s
	}
	return nil
}

// fieldsOf lists the exported fields of a struct, those of embedded structs after its own, where no own field has the same key.
func (k *knowledge) fieldsOf(s *types.Struct) []field {
	var own, inner []field
	for i := range s.NumFields() {
		v, tag := s.Field(i), reflect.StructTag(s.Tag(i)).Get("keras")
		embedded := structOf(v.Type())
		switch {
		case v.Embedded() && embedded != nil && (tag == "" || tag == hide):
			inner = append(inner, hiddenBy(tag, k.fieldsOf(embedded))...)
		case v.Exported() && !strings.HasSuffix(tag, ofCalls):
			f := k.field(v)
			if tag != "" && tag != hide {
				f.key = normalized(tag)
			}
			own = append(own, hiddenBy(tag, []field{f})...)
		}
	}
	for _, f := range inner {
		if !hasKey(own, f.key) {
			own = append(own, f)
		}
	}
	return own
}

// ofCalls ends the tag of a field that stands for an argument of Keras's calls, not of its classes.
const ofCalls = ",call"

// hide is the tag of a field that is left out of files.
const hide = "-"

func hiddenBy(tag string, fields []field) []field {
	for i := range fields {
		fields[i].hidden = fields[i].hidden || tag == hide
	}
	return fields
}

func hasKey(fields []field, key string) bool {
	for _, f := range fields {
		if f.key == key {
			return true
		}
	}
	return false
}

func (k *knowledge) field(v *types.Var) field {
	origin := v.Origin()
	return field{
		key: normalized(v.Name()), name: v.Name(), variable: origin, comment: k.comments[origin], zero: zeroWord(v.Type()), read: k.read[origin],
		coded: k.coded[origin],
	}
}

// parametersOf lists the parameters of a function and the fields of those that are structs.
func (k *knowledge) parametersOf(f *types.Func) []field {
	var all []field
	for v := range f.Signature().Params().Variables() {
		p := k.field(v)
		p.parameter = true
		all = append(all, p)
		if s := structOf(v.Type()); s != nil {
			all = append(all, k.fieldsOf(s)...)
		}
	}
	return all
}

func zeroWord(t types.Type) string {
	if _, generic := t.(*types.TypeParam); generic {
		return "0"
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsString != 0:
			return `""`
		case u.Info()&types.IsBoolean != 0:
			return "false"
		}
		return "0"
	case *types.Array:
		return "{" + strings.TrimSuffix(strings.Repeat("0, ", int(u.Len())), ", ") + "}"
	}
	return "nil"
}

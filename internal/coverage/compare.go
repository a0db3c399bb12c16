package main

import (
	"fmt"
	"path"
	"strings"
)

// A kind is a way in which ours and Keras's differ.
type kind string

const (
	absent  kind = "absent"    // a class or function that is not there
	missing kind = "missing"   // an argument that is not there
	differs kind = "differs"   // another default
	spelled kind = "spelled"   // a value where Keras has None
	ignored kind = "ignored"   // a field that no code reads
	limited kind = "limited"   // a field that takes nothing but its default
	extra   kind = "extra"     // a field that stands in files and that Keras does not know
	silent  kind = "silent"    // a field whose comment does not say what its zero value means
	wrong   kind = "wrong"     // a comment that says another default than the code
	same    kind = "supported" // no difference
)

// A gap is a difference between ours and Keras's.
type gap struct {
	kind   kind
	path   string // "keras.losses.Huber.delta"
	field  string // ours
	where  string // file and line
	detail string
	reason int // its number in reasons; -1: none
}

func (g gap) String() string {
	text := string(g.kind) + " " + g.path
	if g.detail != "" {
		text += ": " + g.detail
	}
	if g.where != "" {
		text += " (" + g.where + ")"
	}
	return text
}

// A row compares one class or function.
type row struct {
	entry     kerasEntry
	aliases   []string
	ours      []string // empty: not there
	supported []string
	gaps      []gap
}

// A section compares a module.
type section struct {
	name string
	rows []row
}

// A report is the whole comparison.
type report struct {
	version  string
	sections []section
	used     []int // how many gaps each reason explains
}

func compare(k kerasModules, f finder) (*report, error) {
	r := &report{version: k.Version, used: make([]int, len(reasons))}
	aliases := map[string][]string{}
	for _, m := range k.Modules {
		for _, e := range m.Entries {
			if e.Alias != "" {
				aliases[e.Alias] = append(aliases[e.Alias], aliasOf(m.Name, e))
			}
		}
	}
	for _, m := range k.Modules {
		s := section{name: m.Name}
		for _, e := range m.Entries {
			if e.Alias != "" {
				continue
			}
			o, err := f.find(m.Name, e)
			if err != nil {
				return nil, err
			}
			w := f.compareEntry(m.Name, e, o)
			w.aliases = aliases[m.Name+"."+e.Name]
			for i := range w.gaps {
				r.explain(&w.gaps[i])
			}
			s.rows = append(s.rows, w)
		}
		r.sections = append(r.sections, s)
	}
	return r, nil
}

// aliasOf is an alias's name, with its module where that is another one.
func aliasOf(module string, e kerasEntry) string {
	if strings.HasPrefix(e.Alias, module+".") {
		return e.Name
	}
	return strings.TrimPrefix(module, "keras.") + "." + e.Name
}

// explain finds a gap's reason.
func (r *report) explain(g *gap) {
	g.reason = -1
	for i, why := range reasons {
		if why.kind != g.kind {
			continue
		}
		if ok, err := path.Match(why.of, g.path); ok && err == nil {
			g.reason = i
			r.used[i]++
			return
		}
	}
}

func (f finder) compareEntry(module string, e kerasEntry, o ours) row {
	w := row{entry: e, ours: o.names}
	full := module + "." + e.Name
	if len(o.names) == 0 {
		w.gaps = []gap{{kind: absent, path: full}}
		return w
	}
	known := map[string]bool{}
	for _, old := range e.Old {
		known[normalized(old)] = true
	}
	for i, a := range e.Arguments {
		key := normalized(strings.TrimLeft(a.Name, "*"))
		known[key] = true
		fields := fieldsWith(o.fields, key)
		if i == 0 && a.Required && e.Kind == "function" && len(fields) == 0 {
			fields = firstParameter(o.fields)
		}
		g := f.compareArgument(a, fields)
		g.path = full + "." + a.Name
		if g.kind == same {
			w.supported = append(w.supported, a.Name)
			continue
		}
		w.gaps = append(w.gaps, g)
	}
	if !o.registered {
		return w
	}
	for _, own := range o.fields {
		if !known[own.key] && !own.hidden {
			w.gaps = append(w.gaps, f.gap(extra, own, "", full+"."+own.name))
		}
	}
	return w
}

func fieldsWith(fields []field, key string) []field {
	var found []field
	for _, f := range fields {
		if f.key == key {
			found = append(found, f)
		}
	}
	return found
}

// firstParameter is what a function is about, whatever its name.
func firstParameter(fields []field) []field {
	for _, f := range fields {
		if f.parameter && f.key != "ctx" {
			return []field{f}
		}
	}
	return nil
}

func (f finder) gap(k kind, own field, detail, path string) gap {
	at := f.files.Position(own.variable.Pos())
	return gap{kind: k, path: path, field: own.name, detail: detail, where: fmt.Sprintf("%s:%d", strings.TrimPrefix(at.Filename, f.root+"/"), at.Line)}
}

// compareArgument compares an argument with the fields that hold it, of which one has to be right: a number and a schedule may share a key.
func (f finder) compareArgument(a kerasArgument, fields []field) gap {
	if len(fields) == 0 {
		return gap{kind: missing}
	}
	var first gap
	for i, own := range fields {
		g := f.compareField(a, own)
		if g.kind == same {
			return g
		}
		if i == 0 {
			first = g
		}
	}
	return first
}

func (f finder) compareField(a kerasArgument, own field) gap {
	if own.parameter {
		return gap{kind: same}
	}
	if !own.read {
		return f.gap(ignored, own, "", "")
	}
	if text := own.contradiction(); text != "" {
		return f.gap(wrong, own, text, "")
	}
	if own.restricted() {
		return f.gap(limited, own, "", "")
	}
	return f.compareDefault(a, own)
}

func (f finder) compareDefault(a kerasArgument, own field) gap {
	want, ok := a.value()
	text, stated := own.stated()
	switch {
	case !ok || stated && own.states(text, want) || a.Means != nil && stated && own.states(text, a.Means) || !stated && own.isZero(want):
		return gap{kind: same}
	case !stated:
		return f.gap(silent, own, fmt.Sprintf("Keras's default is %s, %s.%s has no word about %s", written(want), own.variable.Pkg().Name(), own.name, own.zero), "")
	}
	k := differs
	if want == nil {
		k = spelled
	}
	return f.gap(k, own, fmt.Sprintf("Keras's default is %s, %s says %q", written(want), own.name, text), "")
}

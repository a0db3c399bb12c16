package main

import (
	"fmt"
	"slices"
	"strings"
)

// markdown is the document.
func (r *report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Keras %s and gokeras\n\n", r.version)
	b.WriteString("Written by `go run ./internal/coverage` from a listing of the installed Keras (`internal/golden/coverage.py`) and the source here; not to be\n" +
		"edited. An argument counts as supported where there is a field or parameter for it whose default is Keras's. All else has a number in\n" +
		"its row, under which the reason stands.\n\n")
	r.counts(&b)
	r.withoutEffect(&b)
	for _, s := range r.sections {
		s.write(&b)
	}
	return b.String()
}

var counted = []kind{same, differs, spelled, ignored, limited, silent, wrong, missing, extra}

func (r *report) counts(b *strings.Builder) {
	shown := r.kinds()
	b.WriteString("| module | classes and functions | there |")
	for _, k := range shown {
		fmt.Fprintf(b, " %s |", headings[k])
	}
	b.WriteString("\n|---|---:|---:|" + strings.Repeat("---:|", len(shown)) + "\n")
	for _, s := range r.sections {
		there, count := s.count()
		fmt.Fprintf(b, "| %s | %d | %d |", s.name, len(s.rows), there)
		for _, k := range shown {
			fmt.Fprintf(b, " %d |", count[k])
		}
		b.WriteString("\n")
	}
}

// withoutEffect lists what is accepted and does nothing, or takes its default alone, with the reasons.
func (r *report) withoutEffect(b *strings.Builder) {
	b.WriteString("\n## Accepted without effect\n\n| arguments | how many | | reason |\n|---|---:|---|---|\n")
	for i, why := range reasons {
		if why.kind == ignored || why.kind == limited {
			fmt.Fprintf(b, "| `%s` | %d | %s | %s |\n", why.of, r.used[i], headings[why.kind], why.why)
		}
	}
}

var headings = map[kind]string{
	same: "arguments supported", differs: "another default", spelled: "None spelled out", ignored: "ignored", limited: "default only", silent: "default not stated", wrong: "wrongly stated",
	missing: "missing", extra: "not Keras's",
}

// kinds are those that occur.
func (r *report) kinds() []kind {
	var shown []kind
	for _, k := range counted {
		if k == same || slices.ContainsFunc(r.sections, func(s section) bool { _, count := s.count(); return count[k] > 0 }) {
			shown = append(shown, k)
		}
	}
	return shown
}

func (s section) count() (there int, count map[kind]int) {
	count = map[kind]int{}
	for _, w := range s.rows {
		if len(w.ours) > 0 {
			there++
		}
		count[same] += len(w.supported)
		for _, g := range w.gaps {
			count[g.kind]++
		}
	}
	return there, count
}

func (s section) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s\n\n", s.name)
	shared := s.shared()
	if len(shared) > 0 {
		fmt.Fprintf(b, "Every class that has them in Keras supports %s.\n\n", code(shared))
	}
	notes := notes{}
	b.WriteString("| Keras | gokeras | supported arguments | missing or different |\n|---|---|---|---|\n")
	var gone []string
	for _, w := range s.rows {
		if len(w.ours) == 0 {
			gone = append(gone, "`"+w.entry.Name+"`"+notes.mark(w.gaps[0]))
			continue
		}
		own := slices.DeleteFunc(slices.Clone(w.supported), func(a string) bool { return w.entry.Kind == "class" && slices.Contains(shared, a) })
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", w.title(), code(w.ours), strings.Join(own, ", "), notes.list(w))
	}
	if len(gone) > 0 {
		fmt.Fprintf(b, "\nNot there: %s.\n", strings.Join(gone, ", "))
	}
	notes.write(b)
}

// shared are the arguments that half of a module's classes have in Keras, and that all of these support here.
func (s section) shared() []string {
	var order []string
	classes, has, supports := 0, map[string]int{}, map[string]int{}
	for _, w := range s.rows {
		if w.entry.Kind != "class" || len(w.ours) == 0 || len(w.entry.Arguments) == 0 {
			continue
		}
		classes++
		for _, a := range w.entry.Arguments {
			if has[a.Name]++; has[a.Name] == 1 {
				order = append(order, a.Name)
			}
		}
		for _, a := range w.supported {
			supports[a]++
		}
	}
	return slices.DeleteFunc(order, func(a string) bool { return classes < 4 || 2*has[a] < classes || supports[a] < has[a] })
}

func (w row) title() string {
	title := "`" + w.entry.Name + "`"
	if len(w.aliases) > 0 {
		title += ", also " + code(w.aliases)
	}
	return title
}

func code(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }

// notes are the reasons in a section, in the order of their first use.
type notes []string

// mark is the number of a gap's reason.
func (n *notes) mark(g gap) string {
	if g.reason < 0 {
		return " (no reason)"
	}
	why := reasons[g.reason].why
	i := slices.Index(*n, why)
	if i < 0 {
		*n = append(*n, why)
		i = len(*n) - 1
	}
	return fmt.Sprintf(" [%d]", i+1)
}

func (n *notes) list(w row) string {
	var all []string
	for _, g := range w.gaps {
		argument := g.path[strings.LastIndexByte(g.path, '.')+1:]
		if g.kind != missing {
			argument += ", " + headings[g.kind]
		}
		all = append(all, argument+n.mark(g))
	}
	return strings.Join(all, "; ")
}

func (n *notes) write(b *strings.Builder) {
	if len(*n) == 0 {
		return
	}
	b.WriteString("\n")
	for i, why := range *n {
		fmt.Fprintf(b, "%d. %s\n", i+1, why)
	}
}

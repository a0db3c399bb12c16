package callbacks

import (
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// A template is a text with values in it, by the rules of Python's str.format, such as "{epoch:02d}-{val_loss:.2f}.keras". Values are whole
// numbers and floats by name; conversions, attributes, positions and formats with values in them are errors.
type template []part

// A part is a literal text, or a value where it has a name.
type part struct {
	text, name string
	spec       spec
}

func parseTemplate(text string) (template, error) {
	var t template
	for rest := text; rest != ""; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			return append(t, part{text: rest}), nil
		}
		t = append(t, part{text: rest[:i]})
		brace := rest[i]
		rest = rest[i+1:]
		if rest != "" && rest[0] == brace { // {{ and }} stand for braces.
			t = append(t, part{text: string(brace)})
			rest = rest[1:]
			continue
		}
		if brace == '}' {
			return nil, errors.New("expected a { before every }")
		}
		field, after, ok := strings.Cut(rest, "}")
		if !ok {
			return nil, errors.New("expected a } after every {")
		}
		p, err := parseField(field)
		if err != nil {
			return nil, err
		}
		t, rest = append(t, p), after
	}
	return t, nil
}

func parseField(field string) (part, error) {
	name, format, _ := strings.Cut(field, ":")
	if name == "" || strings.ContainsAny(field, "{") || strings.ContainsAny(name, "![.") || name[0] >= '0' && name[0] <= '9' {
		return part{}, errors.Errorf("expected {name} or {name:format}, got {%s}", field)
	}
	s, err := parseSpec(format)
	return part{name: name, spec: s}, err
}

// A count is a whole number with a name.
type count struct {
	name  string
	value int
}

// execute fills in the values. Those of the logs come first.
func (t template) execute(counts []count, logs Logs) (string, error) {
	var b strings.Builder
	for _, p := range t {
		if p.name == "" {
			b.WriteString(p.text)
			continue
		}
		text, err := p.format(counts, logs)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func (p part) format(counts []count, logs Logs) (text string, err error) {
	if v, ok := logs[p.name]; ok {
		text, err = p.spec.formatFloat(v)
		return text, errors.WithMessagef(err, "{%s}", p.name)
	}
	for _, c := range counts {
		if c.name == p.name {
			text, err = p.spec.formatInt(c.value)
			return text, errors.WithMessagef(err, "{%s}", p.name)
		}
	}
	known := names(nil, logs)
	for _, c := range counts {
		known = append(known, c.name)
	}
	slices.Sort(known)
	return "", errors.Errorf("expected one of [%s], got {%s}", strings.Join(known, ", "), p.name)
}

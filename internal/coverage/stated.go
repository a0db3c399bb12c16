package main

import (
	"encoding/json"
	"fmt"
	"go/constant"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// stated is what the field's comment says that its zero value means: of "share; nil: 0.9, of both", "0.9, of both".
func (f field) stated() (text string, ok bool) {
	for _, mark := range []string{f.zero + ": ", "Default: "} {
		if at := indexOfWord(f.comment, mark); at >= 0 {
			return clause(f.comment[at+len(mark):]), true
		}
	}
	if first := clause(f.comment); first == f.zero || strings.HasPrefix(first, f.zero+",") {
		return first, true
	}
	return "", false
}

// indexOfWord finds a mark that does not continue a word or a number.
func indexOfWord(text, mark string) int {
	for from := 0; ; {
		at := strings.Index(text[from:], mark)
		if at < 0 {
			return -1
		}
		at += from
		if (at == 0 || strings.ContainsRune(" (", rune(text[at-1]))) && !strings.HasSuffix(text[:at], "not ") {
			return at
		}
		from = at + 1
	}
}

// clause is the text up to the end of its sentence or of its part.
func clause(text string) string {
	for _, end := range []string{";", ". "} {
		text, _, _ = strings.Cut(text, end)
	}
	return strings.TrimSuffix(strings.TrimSpace(text), ".")
}

// word is the first word of a clause, without the punctuation behind it.
func word(text string) string {
	first, _, _ := strings.Cut(text, " ")
	return strings.TrimRight(first, ",.)")
}

// literal is the value that a clause begins with: a number, a quoted word, true or false.
func literal(text string) (v any, ok bool) {
	w := word(text)
	switch w {
	case "true", "false":
		return w == "true", true
	}
	if n, err := strconv.ParseFloat(w, 64); err == nil {
		return n, true
	}
	if quoted, err := strconv.QuotedPrefix(text); err == nil {
		s, err := strconv.Unquote(quoted)
		return s, err == nil
	}
	return nil, false
}

// states reports whether a clause says what Keras's default is.
func (f field) states(text string, want any) bool {
	v, ok := literal(text)
	if !ok && f.isZero(want) {
		return true // In words: so Keras describes the same value, too.
	}
	switch want := want.(type) {
	case nil:
		return !ok // What Keras does with None, in words.
	case bool:
		return v == want
	case float64:
		return v == want || want == -1 && strings.HasPrefix(text, "the last") || strings.HasPrefix(text, "{") && statesAll(text, []any{want})
	case string:
		return v == want || strings.Contains(text, strconv.Quote(want)) || normalized(word(text)) == normalized(want) || f.constant(word(text)) == want
	case []any:
		return statesAll(text, want)
	}
	return false
}

// constant is the text of the constant of that name in the field's package.
func (f field) constant(name string) string {
	object := f.variable.Pkg().Scope().Lookup(name)
	if c, ok := object.(interface{ Val() constant.Value }); ok && c.Val().Kind() == constant.String {
		return constant.StringVal(c.Val())
	}
	return ""
}

var numbers = regexp.MustCompile(`-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?`)

// statesAll compares a list with the numbers in a clause, of which one may stand for all.
func statesAll(text string, want []any) bool {
	var got []any
	for _, s := range numbers.FindAllString(text, -1) {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return false
		}
		got = append(got, n)
	}
	flat := flattened(want)
	switch {
	case len(got) == 0:
		return !slices.ContainsFunc(flat, func(v any) bool { return v != 0.0 }) // In words: none.
	case len(got) == 1:
		got = slices.Repeat(got, len(flat))
	}
	return slices.Equal(got, flat)
}

// flattened is a list of lists as one.
func flattened(list []any) []any {
	var flat []any
	for _, v := range list {
		if inner, ok := v.([]any); ok {
			flat = append(flat, flattened(inner)...)
			continue
		}
		flat = append(flat, v)
	}
	return flat
}

// restricted reports whether the comment says that no other value than the default will do.
func (f field) restricted() bool {
	return strings.Contains(f.comment, "must be "+f.zero) || strings.Contains(f.comment, "all that there is")
}

// isZero reports whether a default is what a field without a word about it means.
func (f field) isZero(want any) bool {
	switch want := want.(type) {
	case nil:
		return f.zero != "0"
	case bool:
		return !want && f.zero == "false"
	case float64:
		return want == 0 && f.zero == "0"
	case string:
		return want == "" && f.zero == `""`
	case []any:
		return len(want) == 0 && f.zero == "nil"
	case map[string]any:
		return len(want) == 0 && f.zero == "nil"
	}
	return false
}

// contradiction says where code takes another value than the comment states; "" where it does not.
func (f field) contradiction() string {
	text, _ := f.stated()
	v, ok := literal(text)
	if !ok || len(f.coded) == 0 {
		return ""
	}
	var coded []string
	for _, c := range f.coded {
		if valueOf(c) == v {
			return ""
		}
		coded = append(coded, c.String())
	}
	return fmt.Sprintf("the comment says %s, the code %s", word(text), strings.Join(coded, " or "))
}

func valueOf(c constant.Value) any {
	switch c.Kind() {
	case constant.Bool:
		return constant.BoolVal(c)
	case constant.String:
		return constant.StringVal(c)
	}
	v, _ := constant.Float64Val(constant.ToFloat(c))
	return v
}

// written is a default as Python writes it.
func written(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return strings.ToUpper(strconv.FormatBool(v)[:1]) + strconv.FormatBool(v)[1:]
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

package summarytable

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

type align int

const (
	left align = iota
	right
	center
)

const tabSize = 8

// cellLines breaks the text of a cell into lines of exactly the given width. Words that are too long are cut and end in an ellipsis.
func cellLines(text string, columns int, a align) []string {
	if columns < 1 {
		return nil
	}
	var lines []string
	for _, paragraph := range paragraphs(text) {
		for _, s := range wrap(paragraph, columns, false) {
			lines = append(lines, aligned(s, columns, a))
		}
	}
	return lines
}

// aligned cuts or pads a line to a width.
func aligned(s string, columns int, a align) string {
	if a != left {
		s = strings.TrimRightFunc(s, isSpace)
	}
	if width(s) > columns {
		return crop(s, columns-1) + "…"
	}
	free := columns - width(s)
	before := 0
	switch a {
	case right:
		before = free
	case center:
		before = free / 2
	}
	return strings.Repeat(" ", before) + s + strings.Repeat(" ", free-before)
}

// writeLines writes text outside of the table. Words that do not fit in a line go on in the next.
func writeLines(b *bytes.Buffer, text string, columns int) {
	if columns < 1 {
		return
	}
	for _, paragraph := range paragraphs(text) {
		for _, s := range wrap(paragraph, columns, true) {
			b.WriteString(crop(s, columns))
			b.WriteByte('\n')
		}
	}
}

// paragraphs splits text at line feeds, spreads tabs and drops the control characters that move the cursor.
func paragraphs(text string) []string {
	text = strings.Map(func(r rune) rune {
		switch r {
		case '\a', '\b', '\v', '\f', '\r':
			return -1
		}
		return r
	}, text)
	lines := strings.Split(text, "\n")
	for i, s := range lines {
		lines[i] = spreadTabs(s)
	}
	return lines
}

func spreadTabs(s string) string {
	if !strings.Contains(s, "\t") {
		return s
	}
	var b strings.Builder
	at := 0
	parts := strings.Split(s, "\t")
	for i, p := range parts {
		b.WriteString(p)
		at += width(p)
		if i == len(parts)-1 {
			break
		}
		spaces := tabSize - at%tabSize
		b.WriteString(strings.Repeat(" ", spaces))
		at += spaces
	}
	return b.String()
}

// wrap breaks a line between words; a word wider than a line is folded, or else stands alone. White space that reaches beyond the line is dropped.
func wrap(line string, columns int, fold bool) []string {
	var lines []string
	begin := 0
	for _, at := range append(breaks(line, columns, fold), len(line)) {
		lines = append(lines, trimBeyond(line[begin:at], columns))
		begin = at
	}
	return lines
}

// breaks returns the offsets at which lines begin, the first left out.
func breaks(line string, columns int, fold bool) []int {
	var at []int
	used := 0
	for start := 0; start < len(line); {
		end := wordEnd(line, start)
		word := line[start:end]
		visible := strings.TrimRightFunc(word, isSpace)
		wide := width(visible)
		switch {
		case visible == "":
			return at
		case wide <= columns-used:
			used += width(word)
		case wide <= columns:
			at = append(at, start)
			used = width(word)
		case fold:
			at, used = foldWord(at, start, chop(word, columns))
		default:
			if start > 0 {
				at = append(at, start)
			}
			used = width(word)
		}
		start = end
	}
	return at
}

// foldWord adds the offsets of a word's parts, and returns how much of the last line they take.
func foldWord(at []int, start int, parts []string) (offsets []int, used int) {
	for i, p := range parts {
		if start > 0 {
			at = append(at, start)
		}
		if i == len(parts)-1 {
			used = width(p)
		}
		start += len(p)
	}
	return at, used
}

// wordEnd returns where the word at start ends, with white space before and behind it.
func wordEnd(s string, start int) int {
	rest := strings.TrimLeftFunc(s[start:], isSpace)
	end := strings.IndexFunc(rest, isSpace)
	if end < 0 {
		return len(s)
	}
	return len(s) - len(strings.TrimLeftFunc(rest[end:], isSpace))
}

// trimBeyond drops white space at the end of a line that has more characters than columns.
func trimBeyond(s string, columns int) string {
	for excess := utf8.RuneCountInString(s) - columns; excess > 0; excess-- {
		r, size := utf8.DecodeLastRuneInString(s)
		if !isSpace(r) {
			break
		}
		s = s[:len(s)-size]
	}
	return s
}

// isSpace tells white space as Python does.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

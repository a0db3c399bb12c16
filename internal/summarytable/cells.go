package summarytable

import (
	"unicode"
	"unicode/utf8"
)

const (
	joiner     = '\u200d' // shows the characters at either side as one
	softHyphen = '\u00ad'
)

// runeWidth returns how many columns of a screen a character takes: 0, 1 or 2.
func runeWidth(r rune) int {
	switch {
	case r >= ' ' && r <= '~', r == softHyphen:
		return 1
	case r < ' ' || r < 0xa0 && r >= 0x7f:
		return 0
	case unicode.Is(wide, r):
		return 2
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return 1
	case unicode.Is(unjoined, r), unicode.In(r, unicode.M, unicode.Cf, unicode.Zl, unicode.Zp):
		return 0
	}
	return 1
}

// width returns how many columns a string takes.
func width(s string) int {
	sum := 0
	for len(s) > 0 {
		w, size := cluster(s)
		sum += w
		s = s[size:]
	}
	return sum
}

// cluster measures the first character of s, with those behind it that take no column.
func cluster(s string) (columns, size int) {
	r, size := utf8.DecodeRuneInString(s)
	columns = runeWidth(r)
	for size < len(s) {
		r, n := utf8.DecodeRuneInString(s[size:])
		if r != joiner && runeWidth(r) > 0 {
			break
		}
		size += n
		if r == joiner {
			_, n = utf8.DecodeRuneInString(s[size:])
			size += n
		}
	}
	return columns, size
}

// crop cuts s where it is wider than columns. A half of a wide character becomes a space.
func crop(s string, columns int) string {
	used, end := 0, 0
	for end < len(s) {
		w, size := cluster(s[end:])
		if used+w > columns {
			if used < columns {
				return s[:end] + " "
			}
			return s[:end]
		}
		used += w
		end += size
	}
	return s
}

// chop folds s into parts that are no wider than columns, but of at least one character. The first is empty if that one is too wide.
func chop(s string, columns int) []string {
	var parts []string
	begin, used := 0, 0
	for at := 0; at < len(s); {
		w, size := cluster(s[at:])
		if used+w > columns {
			parts = append(parts, s[begin:at])
			begin, used = at, 0
		}
		used += w
		at += size
	}
	return append(parts, s[begin:])
}

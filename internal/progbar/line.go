package progbar

import (
	"math"
	"strconv"
	"unicode/utf8"
)

const (
	bold  = "\x1b[1m"
	green = "\x1b[32m"
	white = "\x1b[37m"
	reset = "\x1b[0m"
)

// line is one drawing. Its buffer is used again for the next.
type line struct {
	text    []byte
	escapes int // bytes that take no place on the screen
}

func (l *line) add(s string) { l.text = append(l.text, s...) }

func (l *line) repeat(s string, n int) {
	for range n {
		l.text = append(l.text, s...)
	}
}

// open begins a style, which close ends.
func (l *line) open(style string) {
	l.add(style)
	l.escapes += len(style) + len(reset)
}

func (l *line) close() { l.add(reset) }

func (l *line) integer(n int) { l.text = strconv.AppendInt(l.text, int64(n), 10) }

// padded writes n at the right end of a field.
func (l *line) padded(n, width int) {
	l.repeat(" ", width-digits(n))
	l.integer(n)
}

// clock writes the second or third part of a time, in two digits.
func (l *line) clock(n int) {
	l.add(":")
	if n < 10 {
		l.add("0")
	}
	l.integer(n)
}

// round writes x as a whole number, halves to even.
func (l *line) round(x float64) { l.text = strconv.AppendFloat(l.text, x, 'f', 0, 64) }

// number writes x with four decimals, fixed or scientific, and infinities and NaN as Python does.
func (l *line) number(x float64, format byte) {
	switch {
	case math.IsNaN(x):
		l.add("nan")
	case math.IsInf(x, 1):
		l.add("inf")
	case math.IsInf(x, -1):
		l.add("-inf")
	default:
		l.text = strconv.AppendFloat(l.text, x, format, 4, 64)
	}
}

// width counts the characters after the first n bytes, escapes left out.
func (l *line) width(n int) int { return utf8.RuneCount(l.text[n:]) - l.escapes }

// digits counts the characters of n in decimal.
func digits(n int) int {
	count := 1
	if n < 0 {
		count++
	}
	for ; n > 9 || n < -9; n /= 10 {
		count++
	}
	return count
}

package callbacks

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// maxFormat bounds widths and precisions: a path is no place for more.
const maxFormat = 255

// A spec is a format specification of Python: [[fill]align][sign][z][#][0][width][grouping][.precision][type].
type spec struct {
	fill      rune
	align     byte // '<', '>', '=' or '^'
	sign      byte // 0: not given; '-', '+' or ' '
	positive  bool // z: no negative zero
	alternate bool // #
	width     int
	group     byte // 0, ',' or '_'
	precision int  // -1: not given
	kind      byte // 0: not given
}

func parseSpec(text string) (spec, error) {
	s := spec{fill: ' ', align: '>', precision: -1}
	p := specParser{rest: text}
	filled, aligned := p.alignment(&s)
	if c, ok := p.one("+- "); ok {
		s.sign = c
	}
	_, s.positive = p.one("z")
	_, s.alternate = p.one("#")
	if !filled {
		if _, ok := p.one("0"); ok {
			s.fill = '0'
			if !aligned {
				s.align = '='
			}
		}
	}
	s.width, _ = p.integer()
	if c, ok := p.one(",_"); ok {
		s.group = c
	}
	if _, ok := p.one("."); ok {
		if s.precision, ok = p.integer(); !ok {
			return s, errors.Errorf("format %q: expected digits after the point", text)
		}
	}
	if c, ok := p.one("bcdeEfFgGnoxX%"); ok {
		s.kind = c
	}
	if p.rest != "" {
		return s, errors.Errorf("format %q: expected a format of Python's for a number, got %q at its end", text, p.rest)
	}
	if s.width > maxFormat || s.precision > maxFormat {
		return s, errors.Errorf("format %q: expected a width and a precision of at most %d", text, maxFormat)
	}
	if s.group != 0 && !s.canGroup() {
		return s, errors.Errorf("format %q: type %q has no groups", text, s.kind)
	}
	return s, nil
}

func (s spec) canGroup() bool {
	return s.kind == 0 || strings.IndexByte("deEfFgG%", s.kind) >= 0 || s.group == '_' && strings.IndexByte("boxX", s.kind) >= 0
}

type specParser struct{ rest string }

// alignment reads [[fill]align].
func (p *specParser) alignment(s *spec) (filled, aligned bool) {
	fill, n := utf8.DecodeRuneInString(p.rest)
	after := specParser{p.rest[n:]}
	if c, ok := after.one("<>=^"); ok && n > 0 {
		s.fill, s.align = fill, c
		*p = after
		return true, true
	}
	if c, ok := p.one("<>=^"); ok {
		s.align = c
		return false, true
	}
	return false, false
}

// one reads one of some characters.
func (p *specParser) one(of string) (c byte, ok bool) {
	if p.rest == "" || strings.IndexByte(of, p.rest[0]) < 0 {
		return 0, false
	}
	c, p.rest = p.rest[0], p.rest[1:]
	return c, true
}

func (p *specParser) integer() (v int, ok bool) {
	for p.rest != "" && '0' <= p.rest[0] && p.rest[0] <= '9' {
		v, ok = min(v*10+int(p.rest[0]-'0'), maxFormat+1), true
		p.rest = p.rest[1:]
	}
	return v, ok
}

// formatInt formats v as Python formats an int.
func (s spec) formatInt(v int) (string, error) {
	switch {
	case s.kind != 0 && strings.IndexByte("eEfFgG%", s.kind) >= 0:
		return s.formatFloat(float64(v))
	case s.precision >= 0:
		return "", errors.New("expected no precision for a whole number")
	case s.positive:
		return "", errors.New("expected no z for a whole number")
	case s.kind == 'c':
		return s.formatRune(v)
	}
	base, prefix := 10, ""
	switch s.kind {
	case 'b':
		base, prefix = 2, "0b"
	case 'o':
		base, prefix = 8, "0o"
	case 'x', 'X':
		base, prefix = 16, "0x"
	}
	if !s.alternate || base == 10 {
		prefix = ""
	}
	digits := strconv.FormatUint(magnitude(v), base)
	if s.kind == 'X' {
		digits, prefix = strings.ToUpper(digits), strings.ToUpper(prefix)
	}
	return s.lay(s.signOf(v < 0)+prefix, digits, ""), nil
}

// magnitude is right for the least int as well.
func magnitude(v int) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

func (s spec) formatRune(v int) (string, error) {
	if s.sign != 0 || s.alternate {
		return "", errors.New("expected neither a sign nor # with c")
	}
	if v < 0 || v > utf8.MaxRune {
		return "", errors.Errorf("expected a character's number with c, got %d", v)
	}
	return s.lay("", "", string(rune(v))), nil
}

// formatFloat formats v as Python formats a float.
func (s spec) formatFloat(v float64) (string, error) {
	if s.kind != 0 && strings.IndexByte("bcdoxX", s.kind) >= 0 {
		return "", errors.Errorf("expected a format for a float, got type %q", s.kind)
	}
	percent := ""
	if s.kind == '%' {
		v, percent = v*100, "%"
	}
	negative := math.Signbit(v) && !math.IsNaN(v)
	text := s.magnitude(math.Abs(v))
	if s.positive && !strings.ContainsAny(mantissa(text), "123456789infa") {
		negative = false
	}
	if strings.IndexByte("EFG", s.kind) >= 0 {
		text = strings.ToUpper(text)
	}
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return s.lay(s.signOf(negative), text[:n], text[n:]+percent), nil
}

func mantissa(text string) string {
	m, _, _ := strings.Cut(text, "e")
	return m
}

func (s spec) signOf(negative bool) string {
	switch {
	case negative:
		return "-"
	case s.sign == 0 || s.sign == '-':
		return ""
	}
	return string(s.sign)
}

// magnitude is a number of 0 or more in digits, in lower case.
func (s spec) magnitude(v float64) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 0):
		return "inf"
	case s.kind == 0 && s.precision < 0:
		return s.point(repr(v))
	}
	precision := s.precision
	if precision < 0 {
		precision = 6
	}
	switch s.kind {
	case 'e', 'E':
		return s.point(strconv.FormatFloat(v, 'e', precision, 64))
	case 'f', 'F', '%':
		return s.point(strconv.FormatFloat(v, 'f', precision, 64))
	}
	return s.general(v, max(precision, 1))
}

// general is the shorter of a fixed number and one with an exponent, by the number of significant digits.
func (s spec) general(v float64, digits int) string {
	x, limit := exponent(v, digits-1), digits
	if s.kind == 0 {
		limit-- // A type that is not given has a digit after the point.
	}
	if x < -4 || x >= limit {
		m, e, _ := strings.Cut(strconv.FormatFloat(v, 'e', digits-1, 64), "e")
		return s.point(s.trim(m) + "e" + e)
	}
	text := s.trim(strconv.FormatFloat(v, 'f', digits-1-x, 64))
	if s.kind == 0 && !strings.Contains(text, ".") {
		text += ".0"
	}
	return s.point(text)
}

// trim cuts zeros that say nothing.
func (s spec) trim(text string) string {
	if s.alternate || !strings.Contains(text, ".") {
		return text
	}
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// point adds the point that # asks for.
func (s spec) point(text string) string {
	m, e, found := strings.Cut(text, "e")
	if !s.alternate || strings.Contains(m, ".") {
		return text
	}
	if found {
		e = "e" + e
	}
	return m + "." + e
}

// lay puts the parts of a number into the width.
func (s spec) lay(prefix, digits, rest string) string {
	width := s.width - utf8.RuneCountInString(prefix) - utf8.RuneCountInString(rest)
	if s.group != 0 && digits != "" {
		zeros := 0
		if s.fill == '0' && s.align == '=' {
			zeros = width
		}
		digits = s.grouped(digits, zeros)
	}
	pad := max(width-len(digits), 0)
	left, inner, right := 0, 0, 0
	switch s.align {
	case '<':
		right = pad
	case '^':
		left = pad / 2
		right = pad - left
	case '=':
		inner = pad
	default:
		left = pad
	}
	fill := string(s.fill)
	return strings.Repeat(fill, left) + prefix + strings.Repeat(fill, inner) + digits + rest + strings.Repeat(fill, right)
}

// grouped separates groups of digits, with zeros before them up to a width; no group is left without a digit.
func (s spec) grouped(digits string, width int) string {
	size := 3
	if s.kind != 0 && strings.IndexByte("boxX", s.kind) >= 0 {
		size = 4
	}
	out := ""
	for {
		n := min(size, max(len(digits), width, 1))
		taken := min(n, len(digits))
		out = strings.Repeat("0", n-taken) + digits[len(digits)-taken:] + out
		digits, width = digits[:len(digits)-taken], width-n
		if digits == "" && width <= 0 {
			return out
		}
		out, width = string(s.group)+out, width-1
	}
}

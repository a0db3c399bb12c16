package layers

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gokeras/gokeras/keras/saving"
)

// A Standardizer changes a text before it is split, such as to small letters. One of one's own is saved with a model if its type is
// registered with package saving. It may be called by several goroutines at once.
type Standardizer interface {
	Standardize(text string) string
}

// A Splitter cuts a text into tokens. One of one's own is saved with a model if its type is registered with package saving. It may be
// called by several goroutines at once.
type Splitter interface {
	Split(text string) []string
}

// StandardizeFunc is a function as a [Standardizer], which cannot be saved.
type StandardizeFunc func(text string) string

// Standardize implements [Standardizer].
func (f StandardizeFunc) Standardize(text string) string { return f(text) }

// SplitFunc is a function as a [Splitter], which cannot be saved.
type SplitFunc func(text string) []string

// Split implements [Splitter].
func (f SplitFunc) Split(text string) []string { return f(text) }

// A Standardization is one of Keras's ways to change a text. As in Keras, letters and punctuation are ASCII's: other letters stay as they are.
type Standardization string

// Keras's standardizations.
const (
	LowerAndStripPunctuation Standardization = "lower_and_strip_punctuation"
	Lower                    Standardization = "lower"
	StripPunctuation         Standardization = "strip_punctuation"
	NoStandardization        Standardization = "none" // Keras's None
)

// A Splitting is one of Keras's ways to cut a text.
type Splitting string

// Keras's ways.
const (
	SplitWhitespace Splitting = "whitespace" // at ASCII's white space
	SplitCharacter  Splitting = "character"  // each Unicode code point is a token
	NoSplitting     Splitting = "none"       // Keras's None: each text is a token
)

var (
	standardizations = []Standardization{LowerAndStripPunctuation, Lower, StripPunctuation, NoStandardization}
	splittings       = []Splitting{SplitWhitespace, SplitCharacter, NoSplitting}
)

func init() {
	for _, s := range standardizations {
		if s != NoStandardization {
			saving.RegisterFunction(string(s), s)
		}
	}
	for _, s := range splittings {
		if s != NoSplitting {
			saving.RegisterFunction(string(s), s)
		}
	}
}

// Standardize implements [Standardizer].
func (s Standardization) Standardize(text string) string {
	lower, strip := s == Lower || s == LowerAndStripPunctuation, s == StripPunctuation || s == LowerAndStripPunctuation
	i := 0
	for i < len(text) && !(lower && isUpper(text[i]) || strip && isPunctuation(text[i])) {
		i++
	}
	if i == len(text) {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	out.WriteString(text[:i])
	for ; i < len(text); i++ {
		c := text[i]
		switch {
		case strip && isPunctuation(c):
			continue
		case lower && isUpper(c):
			c += 'a' - 'A'
		}
		out.WriteByte(c)
	}
	return out.String()
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func isPunctuation(c byte) bool {
	return c >= '!' && c <= '/' || c >= ':' && c <= '@' || c >= '[' && c <= '`' || c >= '{' && c <= '~'
}

// Split implements [Splitter].
func (s Splitting) Split(text string) []string { return s.split(nil, text) }

// split appends the tokens of a text to dst.
func (s Splitting) split(dst []string, text string) []string {
	switch s {
	case SplitWhitespace:
		return splitWords(dst, text)
	case SplitCharacter:
		return splitCharacters(dst, text)
	}
	return append(dst, text)
}

func splitWords(dst []string, text string) []string {
	start := -1
	for i := range len(text) {
		space := strings.IndexByte(" \t\n\v\f\r", text[i]) >= 0
		if space && start >= 0 {
			dst = append(dst, text[start:i])
			start = -1
		}
		if !space && start < 0 {
			start = i
		}
	}
	if start >= 0 {
		dst = append(dst, text[start:])
	}
	return dst
}

// splitCharacters makes U+FFFD of each longest beginning of a character that does not go on, as TensorFlow does.
func splitCharacters(dst []string, text string) []string {
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		if r == unicode.ReplacementChar && n == 1 {
			n = brokenLength(text)
			dst = append(dst, string(unicode.ReplacementChar))
		} else {
			dst = append(dst, text[:n])
		}
		text = text[n:]
	}
	return dst
}

// brokenLength is the number of bytes at the start of a text that begin a character which does not go on as it should.
func brokenLength(text string) int {
	for n := min(3, len(text)); n > 1; n-- {
		if beginsCharacter(text[:n]) {
			return n
		}
	}
	return 1
}

// beginsCharacter reports whether some bytes behind a part make a character of it.
func beginsCharacter(part string) bool {
	for _, end := range []string{"\x80", "\x80\x80", "\xbf", "\xbf\xbf"} {
		if r, n := utf8.DecodeRuneInString(part + end); n == len(part)+len(end) && r != unicode.ReplacementChar {
			return true
		}
	}
	return false
}

package summarytable

import (
	"strconv"
	"strings"
)

// FormatShape writes the shape of a layer's output, or the list of its outputs' shapes, as Keras does; a negative dimension is not known:
// (None, 10), [(None, 5, 4), (None, 4)]. No shape is "?".
func FormatShape(shapes ...[]int) string {
	switch len(shapes) {
	case 0:
		return "?"
	case 1:
		return formatShape(shapes[0])
	}
	list := make([]string, len(shapes))
	for i, s := range shapes {
		list[i] = formatShape(s)
	}
	return "[" + strings.Join(list, ", ") + "]"
}

func formatShape(shape []int) string {
	dims := make([]string, len(shape))
	for i, n := range shape {
		dims[i] = "None"
		if n >= 0 {
			dims[i] = strconv.Itoa(n)
		}
	}
	return "(" + strings.Join(dims, ", ") + ")"
}

// String writes the number and the memory: 50,890 (198.79 KB).
func (w Weights) String() string { return thousands(w.Params) + " (" + memory(w.Bytes) + ")" }

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// memory writes bytes in the largest unit of which there is at least one.
func memory(bytes float64) string {
	units := []string{"B", "KB", "MB", "GB", "TB", "PB"}
	i := 0
	for ; bytes >= 1024 && i < len(units)-1; i++ {
		bytes /= 1024
	}
	return strconv.FormatFloat(bytes, 'f', 2, 64) + " " + units[i]
}

package numpy

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// A head is a Python dictionary of three entries in this order, which NumPy writes sorted.
var (
	headForm = regexp.MustCompile(`^\{\s*'descr'\s*:\s*'([^']*)'\s*,\s*'fortran_order'\s*:\s*(True|False)\s*,\s*'shape'\s*:\s*\(([0-9, ]*)\)\s*,?\s*\}\s*$`)
	magic    = []byte("\x93NUMPY")
)

// splitNPY reads the head of an .npy file and returns the bytes of its elements.
func splitNPY(file []byte) (layout, []byte, error) {
	rest, ok := bytes.CutPrefix(file, magic)
	if !ok || len(rest) < 2 {
		return layout{}, nil, errors.New("npy: expected the file to begin as NumPy's do, it does not")
	}
	version, rest := rest[0], rest[2:]
	var size int
	switch {
	case version == 1 && len(rest) >= 2:
		size, rest = int(binary.LittleEndian.Uint16(rest)), rest[2:]
	case (version == 2 || version == 3) && len(rest) >= 4:
		size, rest = int(binary.LittleEndian.Uint32(rest)), rest[4:]
	default:
		return layout{}, nil, errors.Errorf("npy: expected version 1, 2 or 3 and a head, got version %d and %d bytes", version, len(rest))
	}
	if size > len(rest) {
		return layout{}, nil, errors.Errorf("npy: expected a head of %d bytes, got %d", size, len(rest))
	}
	l, err := parseHead(string(rest[:size]))
	return l, rest[size:], errors.WithMessage(err, "npy")
}

func parseHead(head string) (layout, error) {
	parts := headForm.FindStringSubmatch(head)
	if parts == nil {
		return layout{}, errors.Errorf("expected a head with descr, fortran_order and shape, got %.200q", head)
	}
	l := layout{kind: parts[1], fortran: parts[2] == "True"}
	for field := range strings.SplitSeq(parts[3], ",") {
		field = strings.TrimSpace(field)
		if field == "" {
			continue // What follows the last comma, as in (3,).
		}
		s, err := strconv.Atoi(field)
		if err != nil {
			return layout{}, errors.Wrapf(err, "shape (%s)", parts[3])
		}
		l.shape = append(l.shape, s)
	}
	return l, nil
}

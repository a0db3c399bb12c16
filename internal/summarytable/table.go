package summarytable

import (
	"bytes"
	"math"
	"strings"

	"github.com/pkg/errors"
)

// table is drawn with a frame, a header and a line between any two rows.
type table struct {
	columns []column
	widths  []int // of the columns, a space at either side included
	rows    [][]string
}

type column struct {
	header string
	align  align
}

const (
	padding  = 2 // columns beside a cell's text
	minWidth = 4 // below which Keras refuses a column
)

// columnWidths places columns that end at the given parts of a line, and then makes room in it for the frame and the padding.
func columnWidths(positions []float64, length int) ([]int, error) {
	widths := make([]int, len(positions))
	space := length - len(positions) - 1
	end, sum := 0, 0
	for i, p := range positions {
		if !(p >= 0 && p <= 1) {
			return nil, errors.Errorf("expected positions from 0 to 1, got %v for column %d", p, i+1)
		}
		w := int(p*float64(length)) - end
		if w < minWidth {
			return nil, errors.Errorf("insufficient width: column %d of %d would be %d wide in a line of %d, expected at least %d",
				i+1, len(positions), w, length, minWidth)
		}
		end += w
		widths[i] = w + padding
		sum += widths[i]
	}
	if sum > space {
		shrink(widths, sum-space)
	} else {
		grow(widths, space-sum)
	}
	return widths, nil
}

// shrink takes the excess from all widths alike.
func shrink(widths []int, excess int) {
	for i, w := range widths {
		part := min(w, int(math.RoundToEven(float64(excess)/float64(len(widths)-i))))
		widths[i] -= part
		excess -= part
	}
}

// grow adds space to the widths, in proportion to them.
func grow(widths []int, space int) {
	sum := 0
	for _, w := range widths {
		sum += w
	}
	for i, w := range widths {
		part := int(math.Ceil(float64(w*space) / float64(sum)))
		widths[i] += part
		space -= part
		sum -= w
	}
}

// frame holds the characters of one kind of line: its left end, what fills or pads a column, what parts columns, the right end.
type frame struct{ left, fill, between, right string }

// write draws the table, cut where the screen ends.
func (t *table) write(b *bytes.Buffer, screen int) {
	t.writeRule(b, frame{"┏", "━", "┳", "┓"}, screen)
	header := make([]string, len(t.columns))
	for i, c := range t.columns {
		header[i] = c.header
	}
	t.writeRow(b, header, frame{"┃", " ", "┃", "┃"}, screen)
	t.writeRule(b, frame{"┡", "━", "╇", "┩"}, screen)
	for i, row := range t.rows {
		if i > 0 {
			t.writeRule(b, frame{"├", "─", "┼", "┤"}, screen)
		}
		t.writeRow(b, row, frame{"│", " ", "│", "│"}, screen)
	}
	t.writeRule(b, frame{"└", "─", "┴", "┘"}, screen)
}

func (t *table) writeRule(b *bytes.Buffer, f frame, screen int) {
	parts := make([]string, len(t.widths))
	for i, w := range t.widths {
		parts[i] = strings.Repeat(f.fill, w)
	}
	f.writeLine(b, parts, screen)
}

// writeRow draws cells beside each other. Those of fewer lines stand at the top, in the header at the bottom.
func (t *table) writeRow(b *bytes.Buffer, row []string, f frame, screen int) {
	cells := make([][]string, len(row))
	height := 1
	for i, s := range row {
		cells[i] = cellLines(s, t.widths[i]-padding, t.columns[i].align)
		height = max(height, len(cells[i]))
	}
	parts := make([]string, len(row))
	for y := range height {
		for i, lines := range cells {
			at := y
			if f.left == "┃" {
				at -= height - len(lines)
			}
			parts[i] = strings.Repeat(" ", t.widths[i])
			if at >= 0 && at < len(lines) {
				parts[i] = " " + lines[at] + " "
			}
		}
		f.writeLine(b, parts, screen)
	}
}

func (f *frame) writeLine(b *bytes.Buffer, parts []string, screen int) {
	line := f.left + strings.Join(parts, f.between) + f.right
	b.WriteString(crop(line, screen))
	b.WriteByte('\n')
}

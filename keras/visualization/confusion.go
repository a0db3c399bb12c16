package visualization

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"

	"github.com/gokeras/gokeras/keras/visualization/internal/fonts"
	"github.com/pkg/errors"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gorgonia.org/tensor"
)

// ConfusionOptions say how a confusion matrix is drawn.
type ConfusionOptions struct {
	// Labels are the names of the classes; nil: their numbers. There may be more classes than occur, not fewer.
	Labels []string
	// Normalize writes shares of each row, in per cent, instead of counts.
	Normalize bool
}

// ConfusionMatrix draws how often each class, in rows, was taken for which, in columns. yTrue are the labels and yPred what Predict
// answers: class numbers as integers [n]; one probability for each sample [n] or [n, 1], of which those above 0.5 are class 1; or a
// probability for each class [n, classes], of which the largest counts, the first of equal ones.
func ConfusionMatrix(yTrue, yPred *tensor.Dense, options ...ConfusionOptions) (*Picture, error) {
	var o ConfusionOptions
	if len(options) > 0 {
		o = options[0]
	}
	counts, err := Confusions(yTrue, yPred)
	if err != nil {
		return nil, err
	}
	m, err := newMatrix(counts, o)
	return m, errors.Wrap(err, "visualization: confusion matrix")
}

// Confusions counts what [ConfusionMatrix] draws: how often each class, in rows, was taken for which.
func Confusions(yTrue, yPred *tensor.Dense) ([][]int, error) {
	truth, a, err := classes(yTrue)
	if err != nil {
		return nil, errors.Wrap(err, "visualization: confusion matrix: yTrue")
	}
	taken, b, err := classes(yPred)
	if err != nil {
		return nil, errors.Wrap(err, "visualization: confusion matrix: yPred")
	}
	if len(truth) != len(taken) {
		return nil, errors.Errorf("visualization: confusion matrix: expected as many predictions as labels, got %d and %d", len(taken), len(truth))
	}
	counts := make([][]int, max(a, b))
	for i := range counts {
		counts[i] = make([]int, max(a, b))
	}
	for i, class := range truth {
		counts[class][taken[i]]++
	}
	return counts, nil
}

// maxClasses bounds the matrix.
const maxClasses = 1000

// classes are the classes that an array stands for, and how many there are at least.
func classes(a *tensor.Dense) (of []int, n int, err error) {
	if a == nil {
		return nil, 0, errors.New("expected an array, got nil")
	}
	shape := a.Shape()
	width := 1
	if len(shape) == 2 {
		width = shape[1]
	}
	if len(shape) < 1 || len(shape) > 2 || width == 0 {
		return nil, 0, errors.Errorf("expected one number for each sample, or one for each class, got an array of shape %v", shape)
	}
	at, err := numbers(a)
	if err != nil {
		return nil, 0, err
	}
	whole := a.Dtype() != tensor.Float32 && a.Dtype() != tensor.Float64
	n = max(2, width)
	for i := range shape[0] {
		class, err := classOf(i, width, whole, at)
		if err != nil {
			return nil, 0, errors.WithMessagef(err, "sample %d", i)
		}
		of, n = append(of, class), max(n, class+1)
	}
	return of, n, nil
}

func classOf(i, width int, whole bool, at func(int) float64) (int, error) {
	v := at(i * width)
	switch {
	case width > 1:
		best := 0
		for k := range width {
			x := at(i*width + k)
			if math.IsNaN(x) {
				return 0, errors.Errorf("the value for class %d is no number", k)
			}
			if x > at(i*width+best) {
				best = k
			}
		}
		return best, nil
	case whole:
		if v < 0 || v >= maxClasses {
			return 0, errors.Errorf("expected a class from 0 to %d, got %v", maxClasses-1, v)
		}
		return int(v), nil
	case !(v >= 0 && v <= 1):
		return 0, errors.Errorf("expected a probability, got %v; class numbers are integers", v)
	case v > 0.5:
		return 1, nil
	}
	return 0, nil
}

// A matrix is drawn as squares.
type matrix struct {
	counts  [][]int
	options ConfusionOptions
	labels  []string
	side    vg.Length // of a square
	edge    vg.Length // room for labels, at the left and at the top
	face    font.Face
}

func newMatrix(counts [][]int, o ConfusionOptions) (*Picture, error) {
	m := &matrix{counts: counts, options: o, labels: slices.Clone(o.Labels), face: fonts.Sans(labelSize, false)}
	if m.labels == nil {
		for i := range counts {
			m.labels = append(m.labels, strconv.Itoa(i))
		}
	}
	if len(m.labels) < len(counts) {
		return nil, errors.Errorf("expected a label for each of %d classes, got %d", len(counts), len(m.labels))
	}
	for i := range m.labels {
		for j := range m.labels {
			m.side = max(m.side, m.face.Width(m.text(i, j))+12)
		}
		m.side, m.edge = max(m.side, m.face.Width("0000")+8), max(m.edge, m.face.Width(m.labels[i]))
	}
	m.edge += 2*labelRoom + 8
	size := (m.edge + vg.Length(len(m.labels))*m.side + gap).Points()
	return &Picture{Width: size, Height: size, Draw: m.draw}, nil
}

func (m *matrix) count(i, j int) int {
	if i < len(m.counts) && j < len(m.counts) {
		return m.counts[i][j]
	}
	return 0
}

// part is the share of a row.
func (m *matrix) part(i, j int) float64 {
	sum := 0
	for k := range m.counts {
		sum += m.count(i, k)
	}
	if sum == 0 {
		return 0
	}
	return float64(m.count(i, j)) / float64(sum)
}

func (m *matrix) text(i, j int) string {
	if m.options.Normalize {
		return fmt.Sprintf("%.1f", 100*m.part(i, j))
	}
	return strconv.Itoa(m.count(i, j))
}

func (m *matrix) draw(c draw.Canvas) error {
	top := c.Max.Y
	for i, label := range m.labels {
		y := top - m.edge - vg.Length(i)*m.side - m.side
		m.write(c, label, vg.Point{X: m.edge - 6 - m.face.Width(label), Y: y + m.side/2}, color.Black)
		for j := range m.labels {
			low := vg.Point{X: m.edge + vg.Length(j)*m.side, Y: y}
			share := m.part(i, j)
			c.SetColor(blue(share))
			c.Fill(vg.Rectangle{Min: low, Max: low.Add(vg.Point{X: m.side, Y: m.side})}.Path())
			ink := color.Color(color.Black)
			if share > 0.5 {
				ink = color.White
			}
			s := m.text(i, j)
			m.write(c, s, low.Add(vg.Point{X: (m.side - m.face.Width(s)) / 2, Y: m.side / 2}), ink)
		}
	}
	half := vg.Length(len(m.labels)) * m.side / 2
	for j, label := range m.labels {
		m.turned(c, label, vg.Point{X: m.edge + vg.Length(j)*m.side + m.side/2, Y: top - m.edge + 6}, 0)
	}
	const predicted, truth = "predicted", "true"
	m.write(c, predicted, vg.Point{X: m.edge + half - m.face.Width(predicted)/2, Y: top - labelRoom}, color.Black)
	m.turned(c, truth, vg.Point{X: labelRoom, Y: top - m.edge - half}, m.face.Width(truth)/2)
	return nil
}

// write writes a text whose middle line is at a height.
func (m *matrix) write(c draw.Canvas, s string, at vg.Point, ink color.Color) {
	c.SetColor(ink)
	c.FillString(m.face, vg.Point{X: at.X, Y: at.Y - labelSize/3}, s)
}

// turned writes a text upwards, whose middle line is at a place, and which starts so far below it.
func (m *matrix) turned(c draw.Canvas, s string, at vg.Point, below vg.Length) {
	c.Push()
	c.Translate(vg.Point{X: at.X + labelSize/3, Y: at.Y - below})
	c.Rotate(math.Pi / 2)
	c.SetColor(color.Black)
	c.FillString(m.face, vg.Point{}, s)
	c.Pop()
}

// blue is from white to dark blue.
func blue(share float64) color.Color {
	level := func(full float64) uint8 { return uint8(math.Round(255 + (full-255)*share)) }
	return color.RGBA{level(8), level(48), level(107), 255}
}

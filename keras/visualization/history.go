package visualization

import (
	"cmp"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/visualization/internal/fonts"
	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// HistoryOptions say what of a training is drawn.
type HistoryOptions struct {
	// Metrics are the names of what is drawn, each beside what validation says of it; nil: all, the loss first.
	Metrics []string
	// ValidationFreq is how many epochs lie between two validations, as in FitOptions; 0: 1.
	ValidationFreq int
	// Logarithmic draws the values by their logarithms; those that are not positive are left out.
	Logarithmic bool
	// Width and Height are those of one diagram, in points of 1/72 inch; 0: 360 and 270.
	Width, Height float64
	// DPI is the dots per inch of a PNG; 0: 144.
	DPI int
}

const (
	validation  = "val_"
	columns     = 3 // of diagrams in a row
	panelWidth  = 360
	panelHeight = 270
)

var (
	trainCurve      = curve{label: "training", color: color.RGBA{R: 31, G: 119, B: 180, A: 255}, every: 1}
	validationCurve = curve{metric: validation, label: "validation", color: color.RGBA{R: 255, G: 127, B: 14, A: 255}, every: 1}
)

// History draws the curves of a training: for each metric a diagram, with its values of training and, where there are any, of validation
// over the epochs, which count from 1. Values that are not finite leave gaps.
func History(h *keras.History, options ...HistoryOptions) (*Picture, error) {
	var o HistoryOptions
	if len(options) > 0 {
		o = options[0]
	}
	p, err := history(h, o)
	return p, errors.Wrap(err, "visualization: history")
}

func history(h *keras.History, o HistoryOptions) (*Picture, error) {
	if h == nil || len(h.Epoch) == 0 {
		return nil, errors.New("no epoch has ended")
	}
	if o.Width < 0 || o.Height < 0 || o.DPI < 0 || o.ValidationFreq < 0 {
		return nil, errors.Errorf("expected sizes that are not negative, got %+v", o)
	}
	if o.Metrics == nil {
		o.Metrics = metricsOf(h)
	}
	var rows [][]*plot.Plot
	for i, name := range o.Metrics {
		p, err := panel(h, name, o)
		if err != nil {
			return nil, errors.WithMessage(err, name)
		}
		if i%columns == 0 {
			rows = append(rows, nil)
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], p)
	}
	if len(rows) == 0 {
		return nil, errors.New("there is nothing to draw")
	}
	return tiled(h, rows, o), nil
}

func tiled(h *keras.History, rows [][]*plot.Plot, o HistoryOptions) *Picture {
	across := len(rows[0])
	for i := range rows {
		for len(rows[i]) < across {
			rows[i] = append(rows[i], nil)
		}
	}
	return &Picture{
		Width:  float64(across) * cmp.Or(o.Width, panelWidth),
		Height: float64(len(rows)) * cmp.Or(o.Height, panelHeight),
		DPI:    o.DPI,
		Draw: func(c draw.Canvas) error {
			const pad = vg.Length(8)
			tiles := draw.Tiles{Rows: len(rows), Cols: across, PadTop: pad, PadBottom: pad, PadLeft: pad, PadRight: pad, PadX: 2 * pad, PadY: 2 * pad}
			for i, canvases := range plot.Align(rows, tiles, c) {
				for j, at := range canvases {
					p := rows[i][j]
					if p == nil {
						continue
					}
					p.Draw(at)
					if _, ok := h.Metrics[validation+p.Title.Text]; ok {
						legend(at)
					}
				}
			}
			return nil
		},
	}
}

// legend tells the curves apart, at the right of the title, where no curve is.
func legend(c draw.Canvas) {
	const size, dash = 9, 14
	face := fonts.Sans(size, false)
	at := vg.Point{X: c.Max.X, Y: c.Max.Y - size}
	for _, k := range []curve{validationCurve, trainCurve} {
		at.X -= face.Width(k.label)
		c.SetColor(color.Black)
		c.FillString(face, at, k.label)
		c.StrokeLine2(draw.LineStyle{Color: k.color, Width: vg.Points(1.5)}, at.X-dash-3, at.Y+size/3, at.X-3, at.Y+size/3)
		at.X -= dash + 9
	}
}

// metricsOf are the names of what was measured in training, the loss first.
func metricsOf(h *keras.History) []string {
	var names []string
	for name := range h.Metrics {
		trained, isValidation := strings.CutPrefix(name, validation)
		if _, both := h.Metrics[trained]; isValidation && both {
			continue
		}
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if (a == "loss") != (b == "loss") {
			if a == "loss" {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return names
}

// panel is the diagram of one metric.
func panel(h *keras.History, name string, o HistoryOptions) (*plot.Plot, error) {
	if _, ok := h.Metrics[name]; !ok {
		return nil, errors.Errorf("the history has no such metric: it has %q", metricsOf(h))
	}
	p := newPlot(name)
	p.X.Label.Text = "epoch"
	p.X.Tick.Marker = plot.TickerFunc(wholeTicks)
	if o.Logarithmic {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	drawn := false
	for _, c := range []curve{trainCurve, validationCurve} {
		if c.metric != "" {
			c.every = max(1, o.ValidationFreq)
		}
		c.metric += name
		values, ok := h.Metrics[c.metric]
		if !ok {
			continue
		}
		points, err := c.points(h.Epoch, values, o.Logarithmic)
		if err != nil {
			return nil, err
		}
		ok, err = c.add(p, points)
		if err != nil {
			return nil, err
		}
		drawn = drawn || ok
	}
	if !drawn {
		p.Y.Min, p.Y.Max, p.X.Min, p.X.Max = 1, 10, 1, float64(len(h.Epoch)+1) // Axes need a range.
	}
	if p.X.Min == p.X.Max {
		p.X.Min, p.X.Max = p.X.Min-0.5, p.X.Max+0.5
	}
	return p, nil
}

// newPlot is a plot in this package's font.
func newPlot(title string) *plot.Plot {
	p := plot.New()
	handler := text.Plain{Fonts: fonts.Cache()}
	p.TextHandler = handler
	for _, s := range []*draw.TextStyle{
		&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle,
	} {
		s.Handler = handler
		s.Font.Variant = "Sans"
	}
	p.Title.Text = title
	p.Title.Padding = vg.Points(4)
	return p
}

// A curve is a metric in training or validation.
type curve struct {
	metric, label string // the metric's name, before it is known the prefix of it
	color         color.Color
	every         int // epochs between two values
}

// points are runs of values without a gap between them.
func (c curve) points(epochs []int, values []float64, logarithmic bool) ([]plotter.XYs, error) {
	if want := len(epochs) / c.every; len(values) != want {
		return nil, errors.Errorf("%s has %d values, expected %d: %d epochs, of which %d lie between two", c.metric, len(values), want, len(epochs), c.every)
	}
	runs := []plotter.XYs{nil}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) || logarithmic && v <= 0 {
			runs = append(runs, nil)
			continue
		}
		last := len(runs) - 1
		runs[last] = append(runs[last], plotter.XY{X: float64(epochs[(i+1)*c.every-1] + 1), Y: v})
	}
	return slices.DeleteFunc(runs, func(r plotter.XYs) bool { return len(r) == 0 }), nil
}

// add draws the curve and reports whether there was anything to draw.
func (c curve) add(p *plot.Plot, runs []plotter.XYs) (bool, error) {
	for _, run := range runs {
		line, dots, err := plotter.NewLinePoints(run)
		if err != nil {
			return false, err
		}
		line.Color, line.Width = c.color, vg.Points(1.5)
		dots.Color, dots.Shape, dots.Radius = c.color, draw.CircleGlyph{}, vg.Points(1.5)
		if len(run) > 1 {
			p.Add(line)
		} else {
			p.Add(dots)
		}
	}
	return len(runs) > 0, nil
}

// wholeTicks marks some whole numbers.
func wholeTicks(low, high float64) []plot.Tick {
	step := wholeStep(high-low, 8)
	var ticks []plot.Tick
	for v := int(math.Ceil(low/float64(step))) * step; float64(v) <= high; v += step {
		ticks = append(ticks, plot.Tick{Value: float64(v), Label: strconv.Itoa(v)})
	}
	return ticks
}

// wholeStep is the least of 1, 2, 5, 10, 20 and so on that divides a length into at most so many parts.
func wholeStep(length float64, most int) int {
	for step := 1; ; step *= 10 {
		for _, s := range []int{step, 2 * step, 5 * step} {
			if length/float64(s) <= float64(most) || s > math.MaxInt32 {
				return s
			}
		}
	}
}

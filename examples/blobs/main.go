// Command blobs tells two clouds of points apart with three hidden neurons and draws where the network puts the border.
package main

import (
	"context"
	"flag"
	"fmt"
	"image/color"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/gokeras/gokeras/metrics"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gorgonia.org/tensor"
)

func main() {
	output := flag.String("output", filepath.Join(os.TempDir(), "blobs.png"), "the `file` that the picture is written to")
	flag.Parse()
	if _, err := run(context.Background(), os.Stdout, *output); err != nil {
		log.Fatal(err)
	}
}

// run trains the network, draws its border and returns its accuracy.
func run(ctx context.Context, w io.Writer, picture string) (accuracy float64, err error) {
	points, err := datasets.MakeBlobs(datasets.Blobs{NSamples: 1000, Centers: 2, Seed: 42})
	if err != nil {
		return 0, err
	}
	model := keras.Sequential(
		&layers.Input{Shape: []int{2}},
		&layers.Dense{Units: 3, Activation: activations.Sigmoid},
		&layers.Dense{Units: 1, Activation: activations.Sigmoid},
	)
	if err := model.Compile(keras.CompileOptions{
		Optimizer: &optimizers.SGD{LearningRate: 0.5},
		Loss:      losses.BinaryCrossentropy{},
		Metrics:   []metrics.Metric{&metrics.Accuracy{}},
		Seed:      42,
	}); err != nil {
		return 0, err
	}
	if _, err := model.Fit(ctx, points.X, points.Y, keras.FitOptions{Epochs: 20, BatchSize: 32, Progress: w, Verbose: 2}); err != nil {
		return 0, err
	}
	logs, err := model.Evaluate(ctx, points.X, points.Y)
	if err != nil {
		return 0, err
	}
	if err := draw(ctx, model, points, picture); err != nil {
		return 0, err
	}
	fmt.Fprintf(w, "%.1f %% of the points on the right side; the border is drawn in %s\n", 100*logs["accuracy"], picture)
	return logs["accuracy"], nil
}

// A grid holds the network's answer at regular places.
type grid struct {
	n        int
	from, to [2]float64
	values   []float32
}

func (g *grid) Dims() (c, r int)   { return g.n, g.n }
func (g *grid) Z(c, r int) float64 { return float64(g.values[r*g.n+c]) }
func (g *grid) X(c int) float64    { return g.at(0, c) }
func (g *grid) Y(r int) float64    { return g.at(1, r) }

func (g *grid) at(axis, i int) float64 {
	return g.from[axis] + (g.to[axis]-g.from[axis])*float64(i)/float64(g.n-1)
}

// ask lets the model answer at all places of a grid around the points.
func ask(ctx context.Context, model *keras.Model, points datasets.Split, n int) (*grid, error) {
	x := points.X.Float32s()
	g := &grid{n: n, from: [2]float64{float64(x[0]), float64(x[1])}, to: [2]float64{float64(x[0]), float64(x[1])}}
	for i, v := range x {
		g.from[i%2] = min(g.from[i%2], float64(v)-1)
		g.to[i%2] = max(g.to[i%2], float64(v)+1)
	}
	places := make([]float32, 0, 2*n*n)
	for r := range n {
		for c := range n {
			places = append(places, float32(g.X(c)), float32(g.Y(r)))
		}
	}
	p, err := model.Predict(ctx, tensor.New(tensor.WithShape(n*n, 2), tensor.WithBacking(places)), keras.PredictOptions{BatchSize: n * n})
	if err != nil {
		return nil, err
	}
	g.values = p.Float32s()
	return g, nil
}

func draw(ctx context.Context, model *keras.Model, points datasets.Split, picture string) error {
	g, err := ask(ctx, model, points, 100)
	if err != nil {
		return err
	}
	p := plot.New()
	p.Title.Text = "What three hidden neurons see"
	p.X.Label.Text, p.Y.Label.Text = "first feature", "second feature"
	p.Add(plotter.NewHeatMap(g, moreland.SmoothBlueRed().Palette(64)))
	border := plotter.NewContour(g, []float64{0.5}, nil)
	border.LineStyles[0].Width = vg.Points(2)
	p.Add(border)
	for class, c := range []color.Color{color.RGBA{B: 160, A: 255}, color.RGBA{R: 160, A: 255}} {
		s, err := plotter.NewScatter(ofClass(points, class))
		if err != nil {
			return err
		}
		s.Color, s.Radius = c, vg.Points(1.5)
		p.Add(s)
	}
	return p.Save(5*vg.Inch, 5*vg.Inch, picture)
}

// ofClass are the points of one cloud.
func ofClass(points datasets.Split, class int) plotter.XYs {
	var xys plotter.XYs
	x := points.X.Float32s()
	for i, y := range points.Y.Int32s() {
		if int(y) == class {
			xys = append(xys, plotter.XY{X: float64(x[2*i]), Y: float64(x[2*i+1])})
		}
	}
	return xys
}

// Command finance forecasts a series and asks the one question that matters of a forecast: is it better than saying that tomorrow is like today?
//
// Prices belong to somebody, so the series here is the weekly carbon dioxide in the air of Mauna Loa, which trends and has seasons as a price can;
// another series goes in at the place of readSeries.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math"
	"os"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"gorgonia.org/tensor"
)

const (
	window  = 60 // weeks that the model sees
	ahead   = 4  // weeks ahead of the last of them
	trained = 0.8
)

func main() {
	if _, _, err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run returns the mean absolute errors of the model and of the naive forecast, in the series' unit, on weeks after all training.
func run(ctx context.Context, w io.Writer) (model, naive float64, err error) {
	series, err := readSeries()
	if err != nil {
		return 0, 0, err
	}
	cut := int(trained * float64(len(series)))
	scale := deviation(series[:cut])
	train, test := windows(series[:cut], scale), windows(series[cut-window:], scale)
	m := keras.Sequential(
		&layers.Input{Shape: []int{window}},
		&layers.Dense{Units: 32, Activation: activations.ReLU},
		&layers.Dense{Units: 1},
	)
	if err := m.Compile(keras.CompileOptions{Optimizer: &optimizers.Adam{}, Loss: losses.MeanAbsoluteError{}, Seed: 6}); err != nil {
		return 0, 0, err
	}
	if _, err := m.FitDataset(ctx, train.Shuffle(len(series)).Batch(32), keras.FitOptions{
		Epochs: 80, Progress: w, Verbose: 2,
		Callbacks: []callbacks.Callback{&callbacks.ReduceLROnPlateau{Monitor: "loss", Patience: new(5)}},
	}); err != nil {
		return 0, 0, err
	}
	logs, err := m.EvaluateDataset(ctx, test.Batch(256))
	if err != nil {
		return 0, 0, err
	}
	model, naive = logs["loss"]*scale, naiveError(series[cut-window:])
	fmt.Fprintf(w, "%d weeks ahead: the model is off by %.2f, the last value by %.2f\n", ahead, model, naive)
	return model, naive, nil
}

// readSeries returns the series without gaps: a missing week is like the one before.
func readSeries() ([]float64, error) {
	table, err := datasets.CO2()
	if err != nil {
		return nil, err
	}
	column, err := table.Column("co2")
	if err != nil {
		return nil, err
	}
	series := column.Numbers
	for i, v := range series {
		if math.IsNaN(v) && i > 0 {
			series[i] = series[i-1]
		}
	}
	return series, nil
}

// windows are pieces of the series and what came after each. Both are told as differences to the piece's last value, so that a
// trend leads to no numbers that were never seen.
func windows(series []float64, scale float64) data.Pipeline {
	n := len(series) - window - ahead + 1
	x, y := make([]float32, 0, n*window), make([]float32, 0, n)
	for i := range n {
		last := series[i+window-1]
		for _, v := range series[i : i+window] {
			x = append(x, float32((v-last)/scale))
		}
		y = append(y, float32((series[i+window-1+ahead]-last)/scale))
	}
	return data.FromTensorSlices(tensor.New(tensor.WithShape(n, window), tensor.WithBacking(x)), tensor.New(tensor.WithShape(n, 1), tensor.WithBacking(y)))
}

// naiveError is how far the value now is from the value to come, in the mean.
func naiveError(series []float64) float64 {
	sum, n := 0.0, len(series)-window-ahead+1
	for i := range n {
		sum += math.Abs(series[i+window-1+ahead] - series[i+window-1])
	}
	return sum / float64(n)
}

// deviation is the standard deviation of the steps of a series.
func deviation(series []float64) float64 {
	sum := 0.0
	for i := range len(series) - ahead {
		d := series[i+ahead] - series[i]
		sum += d * d
	}
	return math.Sqrt(sum / float64(len(series)-ahead))
}

// Command timeseries forecasts the temperature of Seattle three days ahead: a GRU reads the weather of the last two weeks. The forecast to beat
// is that it stays as warm as it is.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"time"

	"github.com/gokeras/gokeras/datasets"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/losses"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/preprocessing"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

const (
	window  = 14   // days that the model sees
	ahead   = 3    // days ahead of the last of them
	trained = 1096 // days before 2015
)

func main() {
	if _, err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// A report is by how many degrees forecasts for 2015 are off, in the mean.
type report struct{ model, naive float64 }

// run trains on three years and forecasts the fourth.
func run(ctx context.Context, w io.Writer) (r report, err error) {
	days, warmth, err := weather()
	if err != nil {
		return r, err
	}
	train, test := span(days, warmth, 0, trained), span(days, warmth, trained-window, len(warmth))

	model := keras.Sequential(
		&layers.Input{Shape: []int{window, days.Shape()[1]}},
		&layers.GRU{Units: 24, Dropout: 0.1},
		&layers.Dense{Units: 1},
	)
	if err := model.Compile(keras.CompileOptions{Optimizer: &optimizers.Adam{LearningRate: 3e-3}, Loss: losses.MeanAbsoluteError{}, Seed: 1}); err != nil {
		return r, err
	}
	if err := model.Summary(w); err != nil {
		return r, err
	}
	if _, err := model.FitDataset(ctx, train.pipeline(true), keras.FitOptions{Epochs: 20, Progress: w, Verbose: 2}); err != nil {
		return r, err
	}
	logs, err := model.EvaluateDataset(ctx, test.pipeline(false))
	if err != nil {
		return r, err
	}
	r.model, r.naive = logs["loss"], test.naive()
	fmt.Fprintf(w, "%d days ahead: the model is off by %.2f °C, the weather of today by %.2f °C\n", ahead, r.model, r.naive)
	return r, nil
}

// weather returns what the model is told of each day, [days, features], and how warm it was. Numbers are scaled by those for training.
func weather() (days *tensor.Dense, warmth []float64, err error) {
	table, err := datasets.Weather()
	if err != nil {
		return nil, nil, err
	}
	if table, err = withSeason(table); err != nil {
		return nil, nil, err
	}
	column, err := table.Column("temp_max")
	if err != nil {
		return nil, nil, err
	}
	features := []string{"precipitation", "temp_max", "temp_min", "wind", "summer", "spring"}
	if days, err = table.Array(features...); err != nil {
		return nil, nil, err
	}
	var scaler preprocessing.StandardScaler
	known := tensor.New(tensor.WithShape(trained, len(features)), tensor.WithBacking(days.Float32s()[:trained*len(features)]))
	if err := scaler.Fit(known); err != nil {
		return nil, nil, err
	}
	days, err = scaler.Transform(days)
	return days, column.Numbers, err
}

// withSeason adds where in the year a day is: a point on a circle, so that December is next to January.
func withSeason(table *preprocessing.Table) (*preprocessing.Table, error) {
	dates, err := table.Column("date")
	if err != nil {
		return nil, err
	}
	var summer, spring []float64
	for _, text := range dates.Texts {
		date, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		angle := 2 * math.Pi * float64(date.YearDay()) / 365.25
		summer, spring = append(summer, -math.Cos(angle)), append(spring, math.Sin(angle))
	}
	columns := append([]preprocessing.Column{{Name: "summer", Numbers: summer}, {Name: "spring", Numbers: spring}}, table.Columns...)
	return &preprocessing.Table{Columns: columns}, nil
}

// A period is days in a row, and how warm each was.
type period struct {
	days   *tensor.Dense
	warmth []float64
}

// span is the days from one to before another.
func span(days *tensor.Dense, warmth []float64, from, to int) period {
	size := days.Shape()[1]
	return period{
		days:   tensor.New(tensor.WithShape(to-from, size), tensor.WithBacking(days.Float32s()[from*size:to*size])),
		warmth: warmth[from:to],
	}
}

// pipeline yields windows of days and the change until the day that is forecast: from one day to another the change has no season.
func (p period) pipeline(shuffle bool) data.Pipeline {
	var changes []float32
	for i := window - 1; i+ahead < len(p.warmth); i++ {
		changes = append(changes, float32(p.warmth[i+ahead]-p.warmth[i]))
	}
	return data.TimeseriesDatasetFromArray(p.days, tensor.New(tensor.WithShape(len(changes), 1), tensor.WithBacking(changes)),
		data.TimeseriesOptions{SequenceLength: window, BatchSize: 32, Shuffle: shuffle})
}

// naive is how far off the forecast is that nothing changes.
func (p period) naive() float64 {
	sum, n := 0.0, 0
	for i := window - 1; i+ahead < len(p.warmth); i++ {
		sum += math.Abs(p.warmth[i+ahead] - p.warmth[i])
		n++
	}
	return sum / float64(n)
}

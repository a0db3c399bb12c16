package datasets

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// parseRows reads rows of numbers separated by commas, after a number of lines of something else.
func parseRows(file string, skip int) ([][]float64, error) {
	r := csv.NewReader(strings.NewReader(file))
	records, err := r.ReadAll()
	if err != nil {
		return nil, errors.Wrap(err, "csv")
	}
	var rows [][]float64
	for line, record := range records {
		if line < skip {
			continue
		}
		row := make([]float64, len(record))
		for k, field := range record {
			if row[k], err = parseNumber(field); err != nil {
				return nil, errors.WithMessagef(err, "csv: line %d", line+1)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func parseNumber(field string) (float64, error) {
	v, err := strconv.ParseFloat(field, 64)
	return v, errors.WithStack(err)
}

// pick returns the rows of those numbers, the last column as Y; none give no arrays.
func pick(rows [][]float64, numbers []int) Split {
	if len(numbers) == 0 {
		return Split{}
	}
	width := len(rows[0]) - 1
	var x, y []float64
	for _, i := range numbers {
		x = append(x, rows[i][:width]...)
		y = append(y, rows[i][width])
	}
	return Split{
		X: tensor.New(tensor.WithShape(len(y), width), tensor.WithBacking(x)),
		Y: tensor.New(tensor.WithShape(len(y)), tensor.WithBacking(y)),
	}
}

// classified makes a set of rows whose last column is the number of one of the classes.
func classified(rows [][]float64, features, classes []string) (Split, error) {
	width := len(features)
	x, y := make([]float64, 0, len(rows)*width), make([]int32, len(rows))
	for i, row := range rows {
		if len(row) != width+1 {
			return Split{}, errors.Errorf("row %d: expected %d columns, got %d", i, width+1, len(row))
		}
		x = append(x, row[:width]...)
		class := int(row[width])
		if class < 0 || class >= len(classes) {
			return Split{}, errors.Errorf("row %d: expected a class below %d, got %v", i, len(classes), row[width])
		}
		y[i] = int32(class)
	}
	return Split{
		X:            tensor.New(tensor.WithShape(len(y), width), tensor.WithBacking(x)),
		Y:            tensor.New(tensor.WithShape(len(y)), tensor.WithBacking(y)),
		FeatureNames: features,
		TargetNames:  classes,
	}, nil
}

// gunzip returns what a file of this package holds.
func gunzip(compressed string) (string, error) {
	z, err := gzip.NewReader(strings.NewReader(compressed))
	if err != nil {
		return "", errors.Wrap(err, "gzip")
	}
	raw, err := io.ReadAll(z)
	return string(raw), errors.Wrap(err, "gzip")
}

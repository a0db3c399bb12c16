package preprocessing

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// SimpleImputer puts a value in the place of missing ones, one for each feature: its mean, its median, its most frequent value or a constant.
//
// A feature without any value is an error, unless Strategy is "constant" or KeepEmptyFeatures is true.
// Source: scikit-learn's SimpleImputer, which drops such a feature.
type SimpleImputer struct {
	Strategy          string   // "mean", "median", "most_frequent" (the smallest of several) or "constant"; "": "mean". Texts take the last two.
	MissingValues     *float64 // What is missing among numbers; nil: NaN.
	MissingText       string   // What is missing among texts.
	FillValue         *float64 // The constant for numbers; nil: 0.
	FillText          string   // The constant for texts; "": "missing_value".
	KeepEmptyFeatures bool     // A feature of numbers without any value is filled with 0.
	AddIndicator      bool     // A further feature, 1 where the value was missing, for each feature of numbers that misses some in Fit.

	Statistics     []float64 // what each feature of numbers is filled with
	StatisticTexts []string  // what each feature of texts is filled with
	Indicators     []int     // the features that have an indicator
}

// Fit takes from x, which is [samples, features] of numbers or texts, what missing values are filled with.
func (s *SimpleImputer) Fit(x *tensor.Dense) error { return fitted("SimpleImputer", s, x) }

// Transform returns x without missing values: numbers as float32, [samples, features and indicators], or texts.
func (s *SimpleImputer) Transform(x *tensor.Dense) (*tensor.Dense, error) {
	return transformed("SimpleImputer", s, x)
}

func (s *SimpleImputer) fit(c cells) error {
	if c.texts != nil {
		return s.fitTexts(c)
	}
	if err := c.numeric(); err != nil {
		return err
	}
	statistics := make([]float64, c.width)
	var indicators []int
	for k := range statistics {
		values, err := s.present(c, k)
		if err != nil {
			return err
		}
		if s.AddIndicator && len(values) < c.rows {
			indicators = append(indicators, k)
		}
		if statistics[k], err = s.statistic(values); err != nil {
			return errors.WithMessagef(err, "feature %d", k)
		}
	}
	s.Statistics, s.StatisticTexts, s.Indicators = statistics, nil, indicators
	return nil
}

// missing reports whether v stands for a missing value; NaN that does not is an error.
func (s *SimpleImputer) missing(v float64) (bool, error) {
	switch {
	case s.MissingValues == nil || math.IsNaN(*s.MissingValues):
		return math.IsNaN(v), nil
	case math.IsNaN(v):
		return false, errors.Errorf("expected numbers or %v for missing ones, got NaN", *s.MissingValues)
	}
	return v == *s.MissingValues, nil
}

// present returns the numbers of feature k that are there.
func (s *SimpleImputer) present(c cells, k int) ([]float64, error) {
	var values []float64
	for i := range c.rows {
		v := c.numbers[i*c.width+k]
		missing, err := s.missing(v)
		if err != nil {
			return nil, errors.WithMessagef(err, "x[%d, %d]", i, k)
		}
		if !missing {
			values = append(values, v)
		}
	}
	return values, nil
}

func (s *SimpleImputer) statistic(values []float64) (float64, error) {
	if s.Strategy == "constant" {
		if s.FillValue != nil {
			return *s.FillValue, nil
		}
		return 0, nil
	}
	if len(values) == 0 {
		if s.KeepEmptyFeatures {
			return 0, nil
		}
		return 0, errors.New("expected at least one value, got only missing ones (see KeepEmptyFeatures)")
	}
	switch s.Strategy {
	case "", "mean":
		mean := 0.0
		for _, v := range values {
			mean += v
		}
		return mean / float64(len(values)), nil
	case "median":
		slices.Sort(values)
		return median(values), nil
	case "most_frequent":
		return mostFrequent(values), nil
	}
	return 0, errors.Errorf(`Strategy: expected "mean", "median", "most_frequent" or "constant", got %q`, s.Strategy)
}

func (s *SimpleImputer) fitTexts(c cells) error {
	if s.Strategy != "constant" && s.Strategy != "most_frequent" {
		return errors.Errorf(`Strategy: expected "most_frequent" or "constant" for texts, got %q`, s.Strategy)
	}
	if s.AddIndicator {
		return errors.New("AddIndicator: expected numbers, got texts, beside which an indicator cannot stand")
	}
	texts := make([]string, c.width)
	for k := range texts {
		if texts[k] = s.FillText; s.Strategy == "constant" {
			if texts[k] == "" {
				texts[k] = "missing_value"
			}
			continue
		}
		var values []string
		for i := range c.rows {
			if v := c.texts[i*c.width+k]; v != s.MissingText {
				values = append(values, v)
			}
		}
		if len(values) == 0 {
			return errors.Errorf("feature %d: expected at least one text, got only missing ones", k)
		}
		texts[k] = mostFrequent(values)
	}
	s.Statistics, s.StatisticTexts, s.Indicators = nil, texts, nil
	return nil
}

func (s *SimpleImputer) apply(c cells) (cells, error) {
	if c.texts != nil {
		return s.applyTexts(c)
	}
	if err := c.of(len(s.Statistics)); err != nil {
		return cells{}, err
	}
	if err := c.numeric(); err != nil {
		return cells{}, err
	}
	out := c.like(c.width + len(s.Indicators))
	for i := range c.rows {
		if err := s.fill(out.numbers[i*out.width:(i+1)*out.width], c.numbers[i*c.width:(i+1)*c.width]); err != nil {
			return cells{}, errors.WithMessagef(err, "row %d", i)
		}
	}
	return out, nil
}

// fill writes a row without missing values, and its indicators.
func (s *SimpleImputer) fill(dst, row []float64) error {
	for k, v := range row {
		missing, err := s.missing(v)
		if err != nil {
			return errors.WithMessagef(err, "feature %d", k)
		}
		if dst[k] = v; missing {
			dst[k] = s.Statistics[k]
		}
	}
	for i, k := range s.Indicators {
		if k < 0 || k >= len(row) {
			return errors.Errorf("Indicators: expected features in [0, %d), got %d", len(row), k)
		}
		if missing, _ := s.missing(row[k]); missing { // The error is that of the loop above.
			dst[len(row)+i] = 1
		}
	}
	return nil
}

func (s *SimpleImputer) applyTexts(c cells) (cells, error) {
	if err := c.of(len(s.StatisticTexts)); err != nil {
		return cells{}, err
	}
	out := cells{rows: c.rows, width: c.width, texts: slices.Clone(c.texts)}
	for i, v := range out.texts {
		if v == s.MissingText {
			out.texts[i] = s.StatisticTexts[i%c.width]
		}
	}
	return out, nil
}

// mostFrequent returns the value that occurs most often, the smallest of several. It reorders values.
func mostFrequent[T float64 | string](values []T) T {
	slices.Sort(values)
	best, most, run := values[0], 0, 0
	for i, v := range values {
		if i > 0 && v != values[i-1] {
			run = 0
		}
		if run++; run > most {
			best, most = v, run
		}
	}
	return best
}

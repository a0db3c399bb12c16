package preprocessing

import (
	"encoding/json"
	"math"
	"sync"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/gokeras/gokeras/keras/saving"
)

func of(width int, v ...float64) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(v)/width, width), tensor.WithBacking(v))
}

func words(width int, v ...string) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(v)/width, width), tensor.WithBacking(v))
}

// doubled is somebody else's transformer.
type doubled struct {
	Fitted bool
}

func init() { saving.Register[doubled]("Test>Doubled", "") }

func (d *doubled) Fit(*tensor.Dense) error { d.Fitted = true; return nil }

func (d *doubled) Transform(x *tensor.Dense) (*tensor.Dense, error) {
	if !d.Fitted {
		return nil, errors.New("not fitted")
	}
	return x.MulScalar(float32(2), true)
}

func TestPipelineOfOthers(t *testing.T) {
	t.Parallel()
	p := &Pipeline{Steps: []Transformer{&SimpleImputer{}, nil, &doubled{}, &MaxAbsScaler{}}}
	x := of(1, 1, nan, 3)
	y, err := p.FitTransform(x)
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{2.0 / 6, 4.0 / 6, 1}, asFloat64s(y), 1e-7)
	z, err := FitTransform(&Pipeline{Steps: []Transformer{&SimpleImputer{}, &doubled{}, &MaxAbsScaler{}}}, x)
	require.NoError(t, err)
	assert.Equal(t, y.Data(), z.Data())
	_, err = p.InverseTransform(y)
	require.ErrorContains(t, err, "step 2, *preprocessing.doubled: expected a transformer with InverseTransform, got *preprocessing.doubled")

	data, err := Encode(p)
	require.NoError(t, err)
	again, err := Decode[*Pipeline](data)
	require.NoError(t, err)
	assert.Equal(t, p, again)

	_, err = (&Pipeline{Steps: []Transformer{&MaxAbsScaler{}, (*StandardScaler)(nil)}}).FitTransform(of(1, 1))
	require.ErrorContains(t, err, "step 1, *preprocessing.StandardScaler: expected a transformer, got a nil *preprocessing.StandardScaler")
	_, err = (&Pipeline{Steps: []Transformer{&SimpleImputer{}, &MaxAbsScaler{}}}).InverseTransform(of(1, 1))
	require.ErrorContains(t, err, "step 1")
	same, err := (&Pipeline{}).Transform(of(1, 4))
	require.NoError(t, err)
	assert.Equal(t, []float32{4}, same.Data())
}

func asFloat64s(d *tensor.Dense) []float64 {
	wide := make([]float64, 0, d.Size())
	for _, v := range d.Float32s() {
		wide = append(wide, float64(v))
	}
	return wide
}

func TestPipelineKeepsFloat64Inside(t *testing.T) {
	t.Parallel()
	// Float32 holds no more than seven digits: between the steps nothing of the tenths would be left.
	x := of(1, 1e9+0.1, nan, 1e9+0.3, 1e9+0.5)
	p := &Pipeline{Steps: []Transformer{&SimpleImputer{Strategy: "median"}, &MinMaxScaler{}}}
	y, err := p.FitTransform(x)
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{0, 0.5, 0.5, 1}, asFloat64s(y), 1e-6)
}

func TestMissingAndInfinite(t *testing.T) {
	t.Parallel()
	for _, tr := range []Transformer{&StandardScaler{}, &MinMaxScaler{}, &MaxAbsScaler{}, &RobustScaler{}} {
		y, err := FitTransform(tr, of(1, nan, 2, 4))
		require.NoError(t, err)
		assert.True(t, math.IsNaN(float64(y.Float32s()[0])), "%T", tr)
		assert.False(t, math.IsNaN(float64(y.Float32s()[1])), "%T", tr)
		_, err = tr.Transform(of(1, math.Inf(-1)))
		require.ErrorContains(t, err, "Transform: x[0, 0]: expected a finite number, got -Inf")
		before, err := Encode(tr)
		require.NoError(t, err)
		require.ErrorContains(t, tr.Fit(of(2, 1, nan, 2, nan)), "feature 1: expected at least one number, got only missing values")
		require.ErrorContains(t, tr.Fit(words(1, "a")), "expected numbers, got texts")
		after, err := Encode(tr)
		require.NoError(t, err)
		assert.JSONEq(t, string(before), string(after), "a failed Fit changes nothing")
		_, err = tr.Transform(of(2, 1, 2))
		require.ErrorContains(t, err, "expected 1 features as in Fit, got 2")
		_, err = tr.(Inverter).InverseTransform(of(2, 1, 2))
		require.ErrorContains(t, err, "InverseTransform: expected 1 features as in Fit, got 2")
		require.ErrorContains(t, tr.Fit(tensor.New(tensor.WithShape(0, 2), tensor.Of(tensor.Float64))), "got shape (0, 2)")
	}
}

func TestWrongOptions(t *testing.T) {
	t.Parallel()
	x := of(1, 1, 2, 3)
	for says, tr := range map[string]Transformer{
		"FeatureRange: expected the lower end first, got [1 1]":                          &MinMaxScaler{FeatureRange: [2]float64{1, 1}},
		"QuantileRange: expected two percentages, the lower first, got [75 25]":          &RobustScaler{QuantileRange: [2]float64{75, 25}},
		"expected two different percentages in (0, 100)":                                 &RobustScaler{QuantileRange: [2]float64{0, 100}, UnitVariance: true},
		`Strategy: expected "mean", "median", "most_frequent" or "constant", got "mode"`: &SimpleImputer{Strategy: "mode"},
		"x[0, 0]: expected numbers or 1 for missing ones, got NaN":                       &SimpleImputer{MissingValues: new(1.0)},
		`Drop: expected "", "first" or "if_binary", got "last"`:                          &OneHotEncoder{Drop: "last"},
		`HandleUnknown: expected "error" or "ignore", got "warn"`:                        &OneHotEncoder{HandleUnknown: "warn"},
		"Categories: expected those of 1 features, got 2":                                &OneHotEncoder{Categories: make([]Categories, 2)},
		"Categories: feature 0: expected at least one category":                          &OneHotEncoder{Categories: make([]Categories, 1)},
		"expected finite numbers in ascending order, got [2 1]":                          &OneHotEncoder{Categories: []Categories{{Numbers: []float64{2, 1}}}},
		`expected different texts, none "", got ["a" "a"]`:                               &OneHotEncoder{Categories: []Categories{{Texts: []string{"a", "a"}}}},
		"expected numbers or texts, got both":                                            &OneHotEncoder{Categories: []Categories{{Texts: []string{"a"}, Numbers: []float64{1}}}},
		"feature 0: expected numbers or texts as in Fit":                                 &OneHotEncoder{Categories: []Categories{{Texts: []string{"a"}}}, HandleUnknown: "ignore"},
		"x[2, 0]: expected a category of Fit, got 3":                                     &OneHotEncoder{Categories: []Categories{{Numbers: []float64{1, 2}, Missing: true}}},
		`UnknownValue: expected nil unless HandleUnknown is "use_encoded_value"`:         &OrdinalEncoder{UnknownValue: new(-1.0)},
		"UnknownValue: expected the number of no category, got 2":                        &OrdinalEncoder{UnknownValue: new(2.0), HandleUnknown: "use_encoded_value"},
		"EncodedMissingValue: expected the number of no category, got 0":                 &OrdinalEncoder{EncodedMissingValue: new(0.0)},
		`HandleUnknown: expected "error" or "use_encoded_value", got "ignore"`:           &OrdinalEncoder{HandleUnknown: "ignore"},
	} {
		data := x
		if i, ok := tr.(*SimpleImputer); ok && i.MissingValues != nil {
			data = of(1, nan)
		}
		require.ErrorContains(t, tr.Fit(data), says)
	}
	require.ErrorContains(t, (&OneHotEncoder{Drop: "first"}).Fit(of(1, 7, 7)), "expected at least one category to be left")
	require.ErrorContains(t, (&SimpleImputer{}).Fit(of(1, nan)), "feature 0: expected at least one value")
	require.ErrorContains(t, (&SimpleImputer{}).Fit(words(1, "a")), `expected "most_frequent" or "constant" for texts, got ""`)
	require.ErrorContains(t, (&SimpleImputer{Strategy: "constant", AddIndicator: true}).Fit(words(1, "a")), "AddIndicator")
	require.ErrorContains(t, (&SimpleImputer{Strategy: "most_frequent"}).Fit(words(1, "", "")), "feature 0: expected at least one text")
	kept, err := FitTransform(&SimpleImputer{KeepEmptyFeatures: true}, of(2, nan, 1, nan, 3))
	require.NoError(t, err)
	assert.Equal(t, []float32{0, 1, 0, 3}, kept.Data())
}

func TestEncodersAndUnknownValues(t *testing.T) {
	t.Parallel()
	hot := &OneHotEncoder{}
	require.NoError(t, hot.Fit(words(2, "a", "x", "b", "", "a", "y")))
	assert.Equal(t, []Categories{{Texts: []string{"a", "b"}}, {Texts: []string{"x", "y"}, Missing: true}}, hot.Fitted)
	names, err := hot.FeatureNames("letter", "last")
	require.NoError(t, err)
	assert.Equal(t, []string{"letter_a", "letter_b", "last_x", "last_y", "last_missing"}, names)
	_, err = hot.FeatureNames("one")
	require.ErrorContains(t, err, "expected 2 names")
	_, err = hot.Transform(words(2, "b", "z"))
	require.ErrorContains(t, err, `preprocessing: OneHotEncoder: Transform: x[0, 1]: expected a category of Fit, got "z"`)
	_, err = hot.Transform(of(2, 1, 2))
	require.ErrorContains(t, err, "feature 0: expected numbers or texts as in Fit, got the other")
	_, err = hot.InverseTransform(of(5, 1, 0, 0, 0, 0))
	require.ErrorContains(t, err, "row 0, feature 1: expected a number other than 0")
	_, err = hot.InverseTransform(of(5, nan, 0, 0, 0, 0))
	require.ErrorContains(t, err, "expected numbers, got NaN")
	_, err = hot.InverseTransform(of(4, 1, 0, 0, 0))
	require.ErrorContains(t, err, "expected 5 features as Transform makes them, got 4")
	back, err := hot.InverseTransform(of(5, 0.2, 0.7, 0, 0, 1))
	require.NoError(t, err)
	assert.Equal(t, []string{"b", ""}, back.Data())
	_, err = (&OneHotEncoder{}).Transform(of(1, 1))
	require.ErrorContains(t, err, "expected 0 features as in Fit, got 1")

	ordinal := &OrdinalEncoder{}
	require.NoError(t, ordinal.Fit(of(1, 123456789, nan, 5)))
	back, err = ordinal.InverseTransform(of(1, 1, 0))
	require.NoError(t, err)
	assert.Equal(t, []float64{123456789, 5}, back.Data(), "exact, though float32 is not")
	_, err = ordinal.InverseTransform(of(1, 3))
	require.ErrorContains(t, err, "expected the number of one of 3 categories, got 3")
	_, err = ordinal.InverseTransform(words(1, "a"))
	require.ErrorContains(t, err, "expected numbers, got texts")

	labels := &LabelEncoder{}
	require.NoError(t, labels.Fit(words(1, "dog", "cat")))
	_, err = labels.Transform(words(1, "cow"))
	require.ErrorContains(t, err, `LabelEncoder: Transform: x[0, 0]: expected a category of Fit, got "cow"`)
	_, err = labels.InverseTransform(of(1, 0.5))
	require.ErrorContains(t, err, "y[0]: expected the number of one of 2 classes, got 0.5")
	require.ErrorContains(t, labels.Fit(of(2, 1, 2)), "expected [samples] or [samples, 1], got shape (1, 2)")
	require.ErrorContains(t, labels.Fit(nil), "got nil")
	assert.Equal(t, []string{"cat", "dog"}, labels.Classes.Texts)
}

func TestColumnsErrors(t *testing.T) {
	t.Parallel()
	scaler := &StandardScaler{}
	for says, c := range map[string]Columns{
		`Remainder: expected "drop" or "passthrough", got "keep"`:                     {Remainder: "keep"},
		"expected at least one step, got none":                                        {},
		`step 0, "a": preprocessing: Table: column "wing"`:                            {Steps: []ColumnStep{{Name: "a", Columns: []string{"wing"}}}},
		`step 0, "a": expected the names of columns, got none`:                        {Steps: []ColumnStep{{Name: "a"}}},
		`expected columns of numbers or columns of texts, got both: "mass" and "spec`: {Steps: []ColumnStep{{Columns: []string{"mass", "species"}}}},
		`step 0, "a": expected a transformer that makes numbers, got texts`:           {Steps: []ColumnStep{{Name: "a", Columns: []string{"species"}}}},
		`step 1, "remainder": expected columns of numbers or columns of texts`: {
			Remainder: "passthrough", Steps: []ColumnStep{{Transformer: scaler, Columns: []string{"mass"}}},
		},
		`step 1, "b": expected a transformer of its own, got that of step 0`: {
			Steps: []ColumnStep{{Transformer: scaler, Columns: []string{"mass"}}, {Name: "b", Transformer: scaler, Columns: []string{"year"}}},
		},
	} {
		_, err := c.FitTransform(penguins())
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "preprocessing: Columns: FitTransform")
	}
	c := Columns{Steps: []ColumnStep{{Transformer: scaler, Columns: []string{"mass"}}}}
	require.ErrorContains(t, c.Fit(nil), "expected a table with columns")
	require.ErrorContains(t, c.Fit(&Table{Columns: []Column{{Name: "mass", Numbers: []float64{}}}}), "expected at least one row")
	require.NoError(t, c.Fit(penguins()))
	_, err := c.Transform(&Table{Columns: []Column{{Name: "mass", Texts: []string{"heavy"}}}})
	require.ErrorContains(t, err, "expected numbers, got texts")
	other := Columns{Steps: []ColumnStep{{Name: "o", Transformer: &doubled{}, Columns: []string{"mass"}}}}
	_, err = other.FeatureNames()
	require.ErrorContains(t, err, `step 0, "o": the names of what a *preprocessing.doubled makes are not known`)
}

func TestEncodeErrors(t *testing.T) {
	t.Parallel()
	_, err := Encode(struct{ Transformer }{&StandardScaler{}})
	require.ErrorContains(t, err, "is not registered")
	_, err = Encode(nil)
	require.ErrorContains(t, err, "expected a struct")
	_, err = Encode(&LabelEncoder{Classes: Categories{Texts: []string{"\xff"}}})
	require.ErrorContains(t, err, `expected texts in UTF-8, got "\xff"`)
	for data, says := range map[string]string{
		"":                                       "EOF",
		"[]":                                     "cannot unmarshal array",
		"{}":                                     "expected an object with class_name",
		`{"class_name": "StandardScaler"} {}`:    "got more after it",
		`{"class_name": "Scaler", "config": {}}`: `class "Scaler" is unknown`,
		`{"class_name": "StandardScaler", "config": {"mean": "a"}}`:           "mean: [0]: expected a float64",
		`{"class_name": "StandardScaler", "config": {"copy": false}}`:         "copy: false is not supported",
		`{"class_name": "Categories", "config": {}}`:                          "expected a *preprocessing.Transformer, got a *preprocessing.Categories",
		`{"class_name": "Pipeline", "config": {"steps": [{"class_name":1}]}}`: "steps: [0]",
	} {
		_, err := Decode[Transformer]([]byte(data))
		require.ErrorContains(t, err, says, data)
	}
}

func TestEveryConfigRoundTrips(t *testing.T) {
	t.Parallel()
	c := &Columns{Remainder: "passthrough", Steps: []ColumnStep{
		{Name: "numbers", Columns: []string{"mass"}, Transformer: &Pipeline{Steps: []Transformer{
			&SimpleImputer{FillValue: new(0.0), Strategy: "constant", MissingValues: new(math.Copysign(0, -1))},
			&StandardScaler{WithMean: new(false)}, &RobustScaler{QuantileRange: [2]float64{10, 90}}, nil,
			&MinMaxScaler{FeatureRange: [2]float64{-1, 0}, Scale: []float64{math.SmallestNonzeroFloat64, 0.1, math.MaxFloat64}, Min: []float64{1.0 / 3}},
		}}},
		{Name: "words", Columns: []string{"species"}, Transformer: &OneHotEncoder{Fitted: []Categories{{Texts: []string{"ä\x00\u2028", "<&>"}, Missing: true}}}},
	}}
	data, err := Encode(c)
	require.NoError(t, err)
	again, err := Decode[*Columns](data)
	require.NoError(t, err)
	assert.Equal(t, c, again)
	imputer := again.Steps[0].Transformer.(*Pipeline).Steps[0].(*SimpleImputer)
	assert.True(t, math.Signbit(*imputer.MissingValues))
}

func TestTransformInParallel(t *testing.T) {
	t.Parallel()
	p := &Pipeline{Steps: []Transformer{&SimpleImputer{AddIndicator: true}, &RobustScaler{}, &OrdinalEncoder{HandleUnknown: "use_encoded_value"}}}
	x := of(2, 1, nan, 2, 5, 3, 7)
	want, err := p.FitTransform(x)
	require.NoError(t, err)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			got, err := p.Transform(x)
			assert.NoError(t, err)
			assert.Equal(t, bits(want), bits(got))
		})
	}
	group.Wait()
}

// FuzzDecode lets fitted transformers be anything: they must return errors, not panic.
func FuzzDecode(f *testing.F) {
	for _, tr := range []Transformer{
		&StandardScaler{Mean: []float64{1}, Scale: []float64{2}}, &MinMaxScaler{Min: []float64{1}, Scale: []float64{2}}, &MaxAbsScaler{Scale: []float64{2}},
		&RobustScaler{Center: []float64{1}, Scale: []float64{2}}, &SimpleImputer{Statistics: []float64{1}, Indicators: []int{0}},
		&SimpleImputer{StatisticTexts: []string{"a"}}, &OneHotEncoder{Fitted: []Categories{{Numbers: []float64{1}, Texts: []string{"a"}, Missing: true}}, Drop: "first"},
		&Pipeline{Steps: []Transformer{&OrdinalEncoder{Fitted: []Categories{{Texts: []string{"a"}, Missing: true}}}, nil}},
	} {
		data, err := Encode(tr)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tr, err := Decode[Transformer](data)
		if err != nil {
			return
		}
		for _, x := range []*tensor.Dense{of(1, 1, nan), of(2, 0, 1), words(1, "a", ""), words(2, "b", "a")} {
			y, err := tr.Transform(x)
			if i, ok := tr.(Inverter); ok && err == nil {
				_, _ = i.InverseTransform(y)
			} else if ok {
				_, _ = i.InverseTransform(x)
			}
		}
		if !json.Valid(data) {
			t.Fatal("what is no JSON was decoded")
		}
	})
}

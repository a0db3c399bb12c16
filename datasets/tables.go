package datasets

import (
	_ "embed" // for the files below
	"encoding/csv"
	"encoding/json"
	"math"
	"strings"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/keras/preprocessing"
)

//go:embed data/penguins.json
var penguinsFile string

//go:embed data/cars.json
var carsFile string

//go:embed data/seattle-weather.csv
var weatherFile string

//go:embed data/sunspots.csv
var sunspotsFile string

//go:embed data/co2.csv
var co2File string

// A field is a column of a table: its name in the file, and whether it holds texts.
type field struct {
	name string
	text bool
}

// Penguins returns measures of 344 penguins of three species at Palmer Station (Horst, Hill, Gorman 2020): the texts Species, Island and Sex (MALE, FEMALE,
// and "." once), the numbers "Beak Length (mm)", "Beak Depth (mm)", "Flipper Length (mm)" and "Body Mass (g)". Ten rows lack the sex, two of them all
// numbers as well.
func Penguins() (*preprocessing.Table, error) {
	t, err := jsonTable(penguinsFile, []field{
		{"Species", true},
		{"Island", true},
		{"Beak Length (mm)", false},
		{"Beak Depth (mm)", false},
		{"Flipper Length (mm)", false},
		{"Body Mass (g)", false},
		{"Sex", true},
	})
	return t, errors.WithMessage(err, "datasets: Penguins")
}

// Cars returns 406 cars of 1970 to 1982 from StatLib: the texts Name, Year (as in 1970-01-01) and Origin (USA, Europe, Japan), the numbers Miles_per_Gallon,
// Cylinders, Displacement (cubic inches), Horsepower, Weight_in_lbs and Acceleration (seconds to 60 miles an hour). Miles_per_Gallon lacks 8 values,
// Horsepower 6.
func Cars() (*preprocessing.Table, error) {
	t, err := jsonTable(carsFile, []field{
		{"Name", true},
		{"Miles_per_Gallon", false},
		{"Cylinders", false},
		{"Displacement", false},
		{"Horsepower", false},
		{"Weight_in_lbs", false},
		{"Acceleration", false},
		{"Year", true},
		{"Origin", true},
	})
	return t, errors.WithMessage(err, "datasets: Cars")
}

// Weather returns the weather of Seattle on the 1,461 days of 2012 to 2015 (NOAA): the text date (as in 2012-01-01), the numbers precipitation (mm),
// temp_max and temp_min (°C) and wind (m/s), and the text weather: drizzle, fog, rain, snow or sun.
func Weather() (*preprocessing.Table, error) {
	t, err := csvTable(weatherFile, []field{
		{"date", true}, {"precipitation", false}, {"temp_max", false}, {"temp_min", false}, {"wind", false}, {"weather", true},
	})
	return t, errors.WithMessage(err, "datasets: Weather")
}

// Sunspots returns the mean number of sunspots of the years 1700 to 2008: the text YEAR and the number SUNACTIVITY.
func Sunspots() (*preprocessing.Table, error) {
	t, err := csvTable(sunspotsFile, []field{{"YEAR", true}, {"SUNACTIVITY", false}})
	return t, errors.WithMessage(err, "datasets: Sunspots")
}

// CO2 returns the carbon dioxide in the air of Mauna Loa in the 2,284 weeks from March 1958 to December 2001 (Keeling and Whorf 2004): the text date, a
// Saturday (as in 1958-03-29), and the number co2 in parts per million of volume, of which 59 are missing.
func CO2() (*preprocessing.Table, error) {
	t, err := csvTable(co2File, []field{{"date", true}, {"co2", false}})
	if err != nil {
		return nil, errors.WithMessage(err, "datasets: CO2")
	}
	for i, d := range t.Columns[0].Texts {
		if len(d) != len("19580329") {
			return nil, errors.Errorf("datasets: CO2: row %d: expected a date of 8 digits, got %q", i, d)
		}
		t.Columns[0].Texts[i] = d[:4] + "-" + d[4:6] + "-" + d[6:]
	}
	return t, nil
}

// newTable returns a table of rows without values.
func newTable(fields []field, rows int) *preprocessing.Table {
	t := &preprocessing.Table{Columns: make([]preprocessing.Column, len(fields))}
	for k, f := range fields {
		c := &t.Columns[k]
		c.Name = f.name
		if f.text {
			c.Texts = make([]string, rows)
		} else {
			c.Numbers = make([]float64, rows)
		}
	}
	return t
}

// jsonTable reads a list of objects, in which null stands for a missing value.
func jsonTable(file string, fields []field) (*preprocessing.Table, error) {
	var rows []map[string]any
	if err := json.Unmarshal([]byte(file), &rows); err != nil {
		return nil, errors.Wrap(err, "json")
	}
	t := newTable(fields, len(rows))
	for i, row := range rows {
		for k, f := range fields {
			value := row[f.name]
			text, isText := value.(string)
			number, isNumber := value.(float64)
			switch {
			case value == nil:
				number = math.NaN()
			case f.text && !isText, !f.text && !isNumber:
				return nil, errors.Errorf("json: row %d: %s: expected text or number as in the column, got %v", i, f.name, value)
			}
			if f.text {
				t.Columns[k].Texts[i] = text
			} else {
				t.Columns[k].Numbers[i] = number
			}
		}
	}
	return t, nil
}

// csvTable reads a file whose first line has the names, in which nothing stands for a missing value.
func csvTable(file string, fields []field) (*preprocessing.Table, error) {
	records, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		return nil, errors.Wrap(err, "csv")
	}
	if len(records) == 0 || len(records[0]) != len(fields) {
		return nil, errors.Errorf("csv: expected a first line of %d names, got %q", len(fields), records)
	}
	t := newTable(fields, len(records)-1)
	for i, record := range records[1:] {
		for k, f := range fields {
			switch {
			case f.text:
				t.Columns[k].Texts[i] = record[k]
			case record[k] == "":
				t.Columns[k].Numbers[i] = math.NaN()
			default:
				if t.Columns[k].Numbers[i], err = parseNumber(record[k]); err != nil {
					return nil, errors.WithMessagef(err, "csv: line %d", i+2)
				}
			}
		}
	}
	return t, nil
}

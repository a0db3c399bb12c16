package preprocessing

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Columns transforms columns of a [Table], each step those that it names, and joins the results into one array.
//
// Source: scikit-learn's ColumnTransformer.
type Columns struct {
	Steps     []ColumnStep
	Remainder string // What becomes of columns that no step names: "drop", or "passthrough", as the last features; "": "drop".

	Names []string // the columns of the table that Fit has seen
	Rest  []string // the columns that pass through
}

// ColumnStep says how to transform some columns, which are all of numbers or all of texts.
type ColumnStep struct {
	Name        string      // for errors and for the names of the features
	Transformer Transformer // nil: numbers pass through as they are
	Columns     []string
}

// Fit fits each step's transformer to its columns of t.
func (c *Columns) Fit(t *Table) error {
	_, err := c.run(t, true)
	return errors.WithMessage(err, "preprocessing: Columns: Fit")
}

// Transform returns what the steps make of t's columns, [rows, features], float32, in the order of the steps. Columns that Fit has not seen are left out.
func (c *Columns) Transform(t *Table) (*tensor.Dense, error) {
	parts, err := c.run(t, false)
	if err != nil {
		return nil, errors.WithMessage(err, "preprocessing: Columns: Transform")
	}
	return join(parts).dense(), nil
}

// FitTransform fits the steps to t and returns what they make of it.
func (c *Columns) FitTransform(t *Table) (*tensor.Dense, error) {
	parts, err := c.run(t, true)
	if err != nil {
		return nil, errors.WithMessage(err, "preprocessing: Columns: FitTransform")
	}
	return join(parts).dense(), nil
}

// run returns what each step makes of its columns, after a fit if that is wanted.
func (c *Columns) run(t *Table, fit bool) ([]cells, error) {
	if fit {
		if err := c.settle(t); err != nil {
			return nil, err
		}
	}
	if c.Names == nil {
		return nil, errors.New("expected a call of Fit first")
	}
	steps := c.Steps
	if len(c.Rest) > 0 {
		steps = append(slices.Clone(steps), ColumnStep{Name: "remainder", Columns: c.Rest})
	}
	parts := make([]cells, len(steps))
	for i, cs := range steps {
		var err error
		if parts[i], err = cs.run(t, fit); err != nil {
			return nil, errors.WithMessagef(err, "step %d, %q", i, cs.Name)
		}
	}
	if len(parts) == 0 {
		return nil, errors.New("expected at least one step, got none")
	}
	return parts, nil
}

// settle notes the columns of t and which of them pass through.
func (c *Columns) settle(t *Table) error {
	if c.Remainder != "" && c.Remainder != "drop" && c.Remainder != "passthrough" {
		return errors.Errorf(`Remainder: expected "drop" or "passthrough", got %q`, c.Remainder)
	}
	if err := c.alone(); err != nil {
		return err
	}
	names := t.Names()
	if len(names) == 0 {
		return errors.New("expected a table with columns, got none")
	}
	var rest []string
	for _, name := range names {
		used := slices.ContainsFunc(c.Steps, func(s ColumnStep) bool { return slices.Contains(s.Columns, name) })
		if !used && c.Remainder == "passthrough" {
			rest = append(rest, name)
		}
	}
	c.Names, c.Rest = names, rest
	return nil
}

// alone refuses one transformer in two steps: the second Fit would undo the first.
func (c *Columns) alone() error {
	seen := map[Transformer]int{}
	for i, s := range c.Steps {
		if s.Transformer == nil || !reflect.TypeOf(s.Transformer).Comparable() {
			continue
		}
		if before, twice := seen[s.Transformer]; twice && reflect.TypeOf(s.Transformer).Kind() == reflect.Pointer {
			return errors.Errorf("step %d, %q: expected a transformer of its own, got that of step %d", i, s.Name, before)
		}
		seen[s.Transformer] = i
	}
	return nil
}

func (s ColumnStep) run(t *Table, fit bool) (cells, error) {
	x, err := t.cells(s.Columns)
	if err != nil {
		return cells{}, err
	}
	does, err := stepOf(s.Transformer)
	if err != nil {
		return cells{}, err
	}
	if fit {
		x, err = fitApply(does, x)
	} else {
		x, err = does.apply(x)
	}
	if err == nil && x.texts != nil {
		err = errors.New("expected a transformer that makes numbers, got texts")
	}
	return x, err
}

// cells returns columns that are all of numbers or all of texts.
func (t *Table) cells(names []string) (cells, error) {
	if len(names) == 0 {
		return cells{}, errors.New("expected the names of columns, got none")
	}
	picked, err := t.Select(names...)
	if err != nil {
		return cells{}, err
	}
	x := cells{rows: t.Len(), width: len(names)}
	if x.rows == 0 {
		return cells{}, errors.New("expected at least one row, got none")
	}
	if picked.Columns[0].Texts != nil {
		x.texts = make([]string, x.rows*x.width)
	} else {
		x.numbers = make([]float64, x.rows*x.width)
	}
	for k, c := range picked.Columns {
		if (c.Texts != nil) != (x.texts != nil) {
			return cells{}, errors.Errorf("expected columns of numbers or columns of texts, got both: %q and %q", picked.Columns[0].Name, c.Name)
		}
		for i := range c.Len() {
			if x.texts != nil {
				x.texts[i*x.width+k] = c.Texts[i]
			} else {
				x.numbers[i*x.width+k] = c.Numbers[i]
			}
		}
	}
	return x, nil
}

// join puts parts, of numbers, side by side.
func join(parts []cells) cells {
	width := 0
	for _, p := range parts {
		width += p.width
	}
	out := parts[0].like(width)
	from := 0
	for _, p := range parts {
		for i := range p.rows {
			copy(out.numbers[i*width+from:], p.numbers[i*p.width:(i+1)*p.width])
		}
		from += p.width
	}
	return out
}

// FeatureNames returns the name of each feature that Transform makes, the step's name before it: "words__color_red".
func (c *Columns) FeatureNames() ([]string, error) {
	var all []string
	for i, s := range c.Steps {
		names, err := featureNames(s.Transformer, s.Columns)
		if err != nil {
			return nil, errors.WithMessagef(err, "preprocessing: Columns: FeatureNames: step %d, %q", i, s.Name)
		}
		for _, name := range names {
			all = append(all, s.Name+"__"+name)
		}
	}
	for _, name := range c.Rest {
		all = append(all, "remainder__"+name)
	}
	return all, nil
}

// featureNames returns the names of what t makes of features with these names.
func featureNames(t Transformer, names []string) ([]string, error) {
	switch t := t.(type) {
	case nil, *StandardScaler, *MinMaxScaler, *MaxAbsScaler, *RobustScaler, *OrdinalEncoder:
		return names, nil
	case *OneHotEncoder:
		return t.FeatureNames(names...)
	case *SimpleImputer:
		all := slices.Clone(names)
		for _, k := range t.Indicators {
			if k < 0 || k >= len(names) {
				return nil, errors.Errorf("Indicators: expected features in [0, %d), got %d", len(names), k)
			}
			all = append(all, "missingindicator_"+names[k])
		}
		return all, nil
	case *Pipeline:
		for _, s := range t.Steps {
			var err error
			if names, err = featureNames(s, names); err != nil {
				return nil, err
			}
		}
		return names, nil
	}
	return nil, errors.New(fmt.Sprintf("the names of what a %T makes are not known", t))
}

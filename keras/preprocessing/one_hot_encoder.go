package preprocessing

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// OneHotEncoder turns each feature, of numbers or texts, into one feature for each of its categories: 1 for the category that the sample has, else 0.
//
// NaN and "" are a category too, the last, where Fit has seen them. Source: scikit-learn's OneHotEncoder, with dense results.
type OneHotEncoder struct {
	Categories    []Categories // The categories of each feature; nil: those that Fit sees.
	Drop          string       // "first" leaves out each feature's first category, "if_binary" that of features with two; "": none.
	HandleUnknown string       // What Transform does about a value that is no category: "error", or "ignore", which gives zeros; "": "error".

	Fitted []Categories // the categories of each feature, in the order of the results
}

// Fit takes the categories from x, which is [samples, features].
func (e *OneHotEncoder) Fit(x *tensor.Dense) error { return fitted("OneHotEncoder", e, x) }

// Transform returns [samples, categories of all features but the dropped] of zeros and ones, float32.
func (e *OneHotEncoder) Transform(x *tensor.Dense) (*tensor.Dense, error) {
	return transformed("OneHotEncoder", e, x)
}

// InverseTransform returns the categories with the largest number in x, [samples, features] of strings or float64. All zeros are the dropped category or,
// where none is dropped and unknown values are ignored, the missing value.
func (e *OneHotEncoder) InverseTransform(x *tensor.Dense) (*tensor.Dense, error) {
	return inverted("OneHotEncoder", e, x)
}

func (e *OneHotEncoder) check() error {
	switch e.Drop {
	case "", "first", "if_binary":
	default:
		return errors.Errorf(`Drop: expected "", "first" or "if_binary", got %q`, e.Drop)
	}
	switch e.HandleUnknown {
	case "", "error", "ignore":
		return nil
	}
	return errors.Errorf(`HandleUnknown: expected "error" or "ignore", got %q`, e.HandleUnknown)
}

func (e *OneHotEncoder) fit(c cells) error {
	if err := e.check(); err != nil {
		return err
	}
	all, err := settle(e.Categories, c, e.HandleUnknown != "ignore")
	if err != nil {
		return err
	}
	if width(e.blocks(all)) == 0 {
		return errors.Errorf("Drop: expected at least one category to be left, got one category in each of %d features", len(all))
	}
	e.Fitted = all
	return nil
}

// block is where the categories of a feature stand in the result.
type block struct {
	Categories
	from, drop int // drop is 1 where the first category is left out
}

func (b block) width() int { return b.Len() - b.drop }

func (e *OneHotEncoder) blocks(all []Categories) []block {
	blocks := make([]block, len(all))
	for k, c := range all {
		blocks[k].Categories = c
		if e.Drop == "first" && c.Len() > 0 || e.Drop == "if_binary" && c.Len() == 2 {
			blocks[k].drop = 1
		}
		if k > 0 {
			blocks[k].from = width(blocks[:k])
		}
	}
	return blocks
}

func width(blocks []block) int {
	if len(blocks) == 0 {
		return 0
	}
	last := blocks[len(blocks)-1]
	return last.from + last.width()
}

func (e *OneHotEncoder) apply(c cells) (cells, error) {
	if err := e.check(); err != nil {
		return cells{}, err
	}
	numbers, err := encode(e.Fitted, c, e.HandleUnknown != "ignore")
	if err != nil {
		return cells{}, err
	}
	blocks := e.blocks(e.Fitted)
	out := c.like(width(blocks))
	if out.width == 0 {
		return cells{}, errors.New("expected categories, got none: Fit is missing")
	}
	for at, number := range numbers {
		b := blocks[at%c.width]
		if number >= b.drop {
			out.numbers[at/c.width*out.width+b.from+number-b.drop] = 1
		}
	}
	return out, nil
}

func (e *OneHotEncoder) invert(c cells) (cells, error) {
	blocks := e.blocks(e.Fitted)
	if err := c.numeric(); err != nil {
		return cells{}, err
	}
	if c.width != width(blocks) {
		return cells{}, errors.Errorf("expected %d features as Transform makes them, got %d", width(blocks), c.width)
	}
	out := blank(e.Fitted, c.rows)
	for i := range c.rows {
		for k, b := range blocks {
			number, err := e.hottest(b, c.numbers[i*c.width+b.from:][:b.width()])
			if err != nil {
				return cells{}, errors.WithMessagef(err, "row %d, feature %d", i, k)
			}
			b.put(out, i*out.width+k, number)
		}
	}
	return out, nil
}

// hottest returns the number of the category with the largest value, -1 for none.
func (e *OneHotEncoder) hottest(b block, hot []float64) (int, error) {
	best, sum := 0, 0.0
	for i, v := range hot {
		if math.IsNaN(v) {
			return 0, errors.New("expected numbers, got NaN")
		}
		sum += v
		if v > hot[best] {
			best = i
		}
	}
	switch {
	case sum != 0:
		return best + b.drop, nil
	case b.drop == 1:
		return 0, nil
	case e.HandleUnknown == "ignore":
		return -1, nil
	}
	return 0, errors.New("expected a number other than 0, got zeros, which stand for no category")
}

// FeatureNames returns the name of each feature of the result, "color_red" for one, given those of the features of x.
func (e *OneHotEncoder) FeatureNames(names ...string) ([]string, error) {
	if len(names) != len(e.Fitted) {
		return nil, errors.Errorf("preprocessing: OneHotEncoder: FeatureNames: expected %d names, one for each feature of Fit, got %d", len(e.Fitted), len(names))
	}
	var all []string
	for k, b := range e.blocks(e.Fitted) {
		for i := b.drop; i < b.Len(); i++ {
			all = append(all, names[k]+"_"+b.word(i))
		}
	}
	return all, nil
}

// word returns category i as a text; a missing value is "missing".
func (c Categories) word(i int) string {
	switch {
	case i < len(c.Numbers):
		return fmt.Sprint(c.Numbers[i])
	case i < len(c.Texts):
		return c.Texts[i]
	}
	return "missing"
}

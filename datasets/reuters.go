package datasets

import (
	"context"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/randomstate"
)

// ReutersOptions are the arguments of keras.datasets.reuters.load_data.
type ReutersOptions struct {
	SequenceOptions
	TestSplit *float64 // the share of test newswires, in [0, 1); nil: 0.2
}

// Reuters returns 11,228 newswires of Reuters as word numbers, and their topics: Y is the number of one of 46, which TargetNames has. Samples, their order and
// their words are those of keras.datasets.reuters.load_data.
func (c Cache) Reuters(ctx context.Context, o ReutersOptions) (train, test Sequences, err error) {
	train, test, err = c.reuters(ctx, o)
	return train, test, errors.WithMessage(err, "datasets: Reuters")
}

func (c Cache) reuters(ctx context.Context, o ReutersOptions) (train, test Sequences, err error) {
	share, err := shareOf(o.TestSplit)
	if err != nil {
		return train, test, err
	}
	path, err := c.file(ctx, pinned{
		name: "reuters.npz", base: kerasFiles,
		hash: "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
	})
	if err != nil {
		return train, test, err
	}
	parts, err := readTexts(ctx, path, [2]string{"x", "y"})
	if err != nil {
		return train, test, err
	}
	all := parts[0].permuted(randomstate.New(o.seed()))
	all = o.begin(all)
	if all, err = o.cut(all); err != nil {
		return train, test, err
	}
	o.restrict(all)
	n := testStart(len(all.x), share)
	train, test = all.head(n).sequences(), all.tail(n).sequences()
	train.TargetNames, test.TargetNames = ReutersLabelNames(), ReutersLabelNames()
	return train, test, nil
}

// ReutersWordIndex returns the number of each word in [Cache.Reuters], counted from 1, to which IndexFrom is added there.
func (c Cache) ReutersWordIndex(ctx context.Context) (map[string]int, error) {
	index, err := c.wordIndex(ctx, pinned{name: "reuters_word_index.json", base: kerasFiles, hash: "4d44cc38712099c9e383dc6e5f11a921"})
	return index, errors.WithMessage(err, "datasets: ReutersWordIndex")
}

// ReutersLabelNames returns the topics of [Cache.Reuters] in the order of their numbers.
func ReutersLabelNames() []string {
	return []string{
		"cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply", "coffee", "sugar", "trade",
		"reserves", "ship", "cotton", "carcass", "crude", "nat-gas", "cpi", "money-fx", "interest", "gnp", "meal-feed",
		"alum", "oilseed", "gold", "tin", "strategic-metal", "livestock", "retail", "ipi", "iron-steel", "rubber", "heat",
		"jobs", "lei", "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog", "lead",
	}
}

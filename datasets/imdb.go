package datasets

import (
	"context"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/randomstate"
)

// IMDBOptions are the arguments of keras.datasets.imdb.load_data.
type IMDBOptions struct {
	SequenceOptions
}

// IMDB returns 25,000 training and 25,000 test reviews of films as word numbers; Y is 1 for praise and 0 for the opposite. Samples, their order and their words
// are those of keras.datasets.imdb.load_data.
func (c Cache) IMDB(ctx context.Context, o IMDBOptions) (train, test Sequences, err error) {
	train, test, err = c.imdb(ctx, o)
	return train, test, errors.WithMessage(err, "datasets: IMDB")
}

func (c Cache) imdb(ctx context.Context, o IMDBOptions) (train, test Sequences, err error) {
	path, err := c.file(ctx, pinned{
		name: "imdb.npz", base: kerasFiles,
		hash: "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
	})
	if err != nil {
		return train, test, err
	}
	parts, err := readTexts(ctx, path, [2]string{"x_train", "y_train"}, [2]string{"x_test", "y_test"})
	if err != nil {
		return train, test, err
	}
	m := randomstate.New(o.seed())
	for i, part := range parts {
		if parts[i], err = o.cut(o.begin(part.permuted(m))); err != nil {
			return train, test, err
		}
	}
	o.restrict(parts...)
	return parts[0].sequences(), parts[1].sequences(), nil
}

// IMDBWordIndex returns the number of each word in [Cache.IMDB], counted from 1, to which IndexFrom is added there.
func (c Cache) IMDBWordIndex(ctx context.Context) (map[string]int, error) {
	index, err := c.wordIndex(ctx, pinned{name: "imdb_word_index.json", base: kerasFiles, hash: "bfafd718b763782e994055a2d397834f"})
	return index, errors.WithMessage(err, "datasets: IMDBWordIndex")
}

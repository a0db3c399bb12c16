package datasets

import (
	_ "embed" // for the files below
	"encoding/csv"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

//go:embed data/movie_sentences.csv
var movieSentencesFile string

//go:embed data/moby-dick.txt.gz
var mobyDickFile string

// MovieSentences returns 4,000 sentences of film reviews (Pang and Lee 2005): X is [4000] of string, in lower case, words and marks separated by blanks; Y is
// [4000] int32: 1 for praise, 0 for the opposite. All praise comes before the rest, so they have to be shuffled before they are split.
func MovieSentences() (Split, error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(movieSentencesFile, "\ufeff")))
	r.FieldsPerRecord = 2
	records, err := r.ReadAll()
	if err != nil {
		return Split{}, errors.Wrap(err, "datasets: MovieSentences: csv")
	}
	x, y := make([]string, len(records)), make([]int32, len(records))
	for i, record := range records {
		x[i] = strings.TrimSpace(record[1])
		switch record[0] {
		case "1":
			y[i] = 1
		case "-1":
		default:
			return Split{}, errors.Errorf("datasets: MovieSentences: sentence %d: expected 1 or -1, got %q", i, record[0])
		}
	}
	return Split{
		X:           tensor.New(tensor.WithShape(len(x)), tensor.WithBacking(x)),
		Y:           tensor.New(tensor.WithShape(len(y)), tensor.WithBacking(y)),
		TargetNames: []string{"negative", "positive"},
	}, nil
}

// MobyDick returns the text of Moby-Dick; or, The Whale (Melville 1851) from its first chapter on, 1.2 MB of UTF-8.
func MobyDick() (string, error) {
	book, err := gunzip(mobyDickFile)
	return book, errors.WithMessage(err, "datasets: MobyDick")
}

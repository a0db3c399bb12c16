package layers

import (
	"strings"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// A tokenizer makes tokens of texts. It belongs to one goroutine.
type tokenizer struct {
	standardize Standardizer
	split       Splitter
	widths      []int // of n-grams; none: tokens stay as they are
	tokens      []string
	grams       []string
}

func (t *TextVectorization) tokenizer() *tokenizer {
	k := &tokenizer{standardize: t.Standardize, split: t.Split, widths: t.NGramWidths}
	if k.standardize == nil {
		k.standardize = LowerAndStripPunctuation
	}
	if k.split == nil {
		k.split = SplitWhitespace
	}
	for n := 1; n <= t.NGrams; n++ {
		k.widths = append(k.widths, n)
	}
	return k
}

func (k *tokenizer) splits() bool { return k.split != NoSplitting }

// row makes the tokens of a row of texts, which are good until the next one.
func (k *tokenizer) row(texts []string) []string {
	k.tokens = k.tokens[:0]
	for _, s := range texts {
		s = k.standardize.Standardize(s)
		if usual, ok := k.split.(Splitting); ok {
			k.tokens = usual.split(k.tokens, s)
		} else {
			k.tokens = append(k.tokens, k.split.Split(s)...)
		}
	}
	if k.widths == nil {
		return k.tokens
	}
	k.grams = k.grams[:0]
	for _, n := range k.widths {
		for i := range max(0, len(k.tokens)-n+1) {
			k.grams = append(k.grams, strings.Join(k.tokens[i:i+n], " "))
		}
	}
	return k.grams
}

// length is the number of tokens that n tokens make.
func (k *tokenizer) length(n int) int {
	if k.widths == nil || n == ops.Unknown {
		return n
	}
	sum := 0
	for _, w := range k.widths {
		sum += max(0, n-w+1)
	}
	return sum
}

// rows is the shape of the rows of texts, and how many texts a row has.
func (k *tokenizer) rows(shape []int) (lead []int, width int, err error) {
	if !k.splits() {
		if len(shape) == 0 {
			return nil, 1, nil
		}
		return shape[:len(shape)-1], shape[len(shape)-1], nil
	}
	if len(shape) < 2 {
		return shape, 1, nil
	}
	if shape[len(shape)-1] != 1 {
		return nil, 0, errors.Errorf("an input of shape %v: expected texts of shape [batch] or [batch, 1]", shape)
	}
	return shape[:len(shape)-1], 1, nil
}

func eachRow(k *tokenizer, texts []string, rows int, f func(i int, tokens []string) error) error {
	width := len(texts) / max(rows, 1)
	for i := range rows {
		if err := f(i, k.row(texts[i*width:(i+1)*width])); err != nil {
			return errors.WithMessagef(err, "row %d", i)
		}
	}
	return nil
}

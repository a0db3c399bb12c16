package layers

import (
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// Tokens are the tokens of all indices, special ones included; none where the arguments contradict each other or nothing was learned.
func (t *TextVectorization) Tokens() []string { return t.inner().Tokens() }

// SetVocabulary sets the tokens in use, as Vocabulary and IDFWeights do: idf is nil but in tf_idf mode. They are kept beside the weights in a
// model's file.
func (t *TextVectorization) SetVocabulary(tokens []string, idf []float64) error {
	return t.inner().SetVocabulary(tokens, idf)
}

// Assets implements [AssetKeeper].
func (t *TextVectorization) Assets() map[string][]byte { return t.inner().Assets() }

// SetAssets implements [AssetKeeper].
func (t *TextVectorization) SetAssets(files map[string][]byte) error {
	return t.inner().SetAssets(files)
}

// OwnState implements [StateKeeper].
func (t *TextVectorization) OwnState() map[string][]float32 { return t.inner().OwnState() }

// SetOwnState implements [StateKeeper].
func (t *TextVectorization) SetOwnState(arrays map[string][]float32) error {
	return t.inner().SetOwnState(arrays)
}

// SaveConfig implements [saving.ConfigSaver]: Keras wants to find these keys, with null for what is not done.
func (t *TextVectorization) SaveConfig(config map[string]any) error {
	switch t.Standardize {
	case nil:
		config["standardize"] = string(LowerAndStripPunctuation)
	case NoStandardization:
		config["standardize"] = nil
	}
	switch t.Split {
	case nil:
		config["split"] = string(SplitWhitespace)
	case NoSplitting:
		config["split"] = nil
	}
	if t.NGramWidths != nil {
		config["ngrams"] = numbersAsJSON(t.NGramWidths)
	} else if t.NGrams == 0 {
		config["ngrams"] = nil
	}
	return t.inner().SaveConfig(config)
}

func numbersAsJSON(v []int) []any {
	out := make([]any, len(v))
	for i, n := range v {
		out[i] = n
	}
	return out
}

// LoadConfig implements [saving.ConfigLoader].
func (t *TextVectorization) LoadConfig(config map[string]any) error {
	if s, ok := config["standardize"]; ok && s == nil {
		t.Standardize = NoStandardization
	}
	if s, ok := config["split"]; ok && s == nil {
		t.Split = NoSplitting
	}
	grams := config["ngrams"]
	if m, ok := grams.(map[string]any); ok && m["class_name"] == "__tuple__" {
		grams = m["items"]
	}
	if list, ok := grams.([]any); ok {
		widths, err := saving.Decode[[]int](list)
		if err != nil {
			return errors.WithMessage(err, "ngrams")
		}
		t.NGramWidths = widths
		delete(config, "ngrams")
	}
	var err error
	t.promised, err = dropKnown(config)
	return err
}

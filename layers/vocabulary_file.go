package layers

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// vocabularyName is Keras's file of the tokens of all indices, a line each.
const vocabularyName = "vocabulary.txt"

// vocabularyExact is a file beside it, of which Keras knows nothing, for tokens that lines cannot hold: those with a line break, and empty
// ones at the end.
const vocabularyExact = "vocabulary.json"

func writeVocabulary(tokens []string) (map[string][]byte, error) {
	files := map[string][]byte{vocabularyName: []byte(strings.Join(tokens, "\n"))}
	if slices.Equal(vocabularyLines(files[vocabularyName]), tokens) {
		return files, nil
	}
	exact, err := json.Marshal(tokens)
	files[vocabularyExact] = exact
	return files, err
}

func readVocabulary(files map[string][]byte) ([]string, error) {
	if exact, ok := files[vocabularyExact]; ok {
		var tokens []string
		err := json.Unmarshal(exact, &tokens)
		return tokens, errors.Wrap(err, vocabularyExact)
	}
	text, ok := files[vocabularyName]
	if !ok {
		return nil, errors.Errorf("expected a file %s, got none", vocabularyName)
	}
	return vocabularyLines(text), nil
}

// vocabularyLines leaves out empty lines at the end, as Keras does.
func vocabularyLines(text []byte) []string {
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func decimals(numbers []int) []string {
	out := make([]string, len(numbers))
	for i, n := range numbers {
		out[i] = strconv.Itoa(n)
	}
	return out
}

func wholeNumbers(texts []string) ([]int, error) {
	out := make([]int, len(texts))
	for i, s := range texts {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil {
			return nil, errors.Wrapf(err, "token %d", i)
		}
		out[i] = n
	}
	return out, nil
}

// dropKnown takes keys out of a config that say what a lookup does anyway. size is that of a vocabulary which is not in the config.
func dropKnown(config map[string]any) (size int, err error) {
	if config["vocabulary"] == nil {
		if size, err = saving.Decode[int](config["vocabulary_size"]); err != nil {
			return 0, errors.WithMessage(err, "vocabulary_size")
		}
	}
	delete(config, "vocabulary_size")
	delete(config, "has_input_vocabulary")
	delete(config, "vocabulary_dtype")
	if oov, ok := config["oov_token"]; ok && oov == nil {
		return 0, errors.New("oov_token: expected a token, got none")
	}
	if path, ok := config["vocabulary"].(string); ok {
		return 0, errors.Errorf("vocabulary: expected tokens, got the file %q, which must be read first", path)
	}
	return size, nil
}

// checkEncoding refuses all encodings but UTF-8, Go's.
func checkEncoding(name string) error {
	switch strings.ToLower(strings.ReplaceAll(name, "_", "-")) {
	case "", "utf-8", "utf8":
		return nil
	}
	return errors.Errorf("encoding %q: expected utf-8", name)
}

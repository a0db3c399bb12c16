package data

import (
	"io"
	"os"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// TextDirectoryOptions are those of keras.utils.text_dataset_from_directory.
type TextDirectoryOptions struct {
	DirectoryOptions
	// MaxLength is the number of bytes that is read of a text. Default: 0, which is all.
	MaxLength int
}

// TextDatasetFromDirectory returns the .txt files of a directory, X string [batch], with the folders directly in it as classes. It lists the files; their
// texts are read while iterating, and errors name the file.
func TextDatasetFromDirectory(directory string, o TextDirectoryOptions) (Directory, error) {
	if o.MaxLength < 0 {
		return Directory{}, errors.Errorf("data: TextDatasetFromDirectory: max length: expected a number above 0, or 0 for all, got %d", o.MaxLength)
	}
	l, err := o.list(directory, []string{".txt"})
	if err != nil {
		return Directory{}, errors.WithMessage(err, "data: TextDatasetFromDirectory")
	}
	d := o.pipeline(l, func(path string) (*tensor.Dense, error) {
		text, err := readText(path, o.MaxLength)
		return tensor.New(tensor.WithShape(), tensor.WithBacking([]string{text})), err
	})
	return d, d.err
}

func readText(path string, most int) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", errors.WithStack(err)
	}
	defer func() { _ = f.Close() }() // It was only read.
	var r io.Reader = f
	if most > 0 {
		r = io.LimitReader(f, int64(most))
	}
	text, err := io.ReadAll(r)
	return string(text), errors.WithStack(err)
}

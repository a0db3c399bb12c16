package data

import (
	"bufio"
	"io"
	"os"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// TextLines returns the lines of files, one after the other, as string scalars without their ends. Files are read while iterating; errors name
// file and line.
func TextLines(paths ...string) Pipeline {
	if len(paths) == 0 {
		return Pipeline{}.failf("TextLines: expected paths, got none")
	}
	return Pipeline{length: unknown, examples: true, stream: func(pass) elements {
		return func(yield func(Batch, error) bool) {
			x := newArray(tensor.String, tensor.Shape{})
			b := Batch{X: []*tensor.Dense{x}}
			for _, path := range paths {
				more := true
				err := readFile(path, func(r *bufio.Reader) error {
					var err error
					more, err = eachLine(r, func(line string) bool {
						x.Strings()[0] = line
						return yield(b, nil)
					})
					return err
				})
				if !more {
					return
				}
				if err != nil {
					yield(Batch{}, errors.WithMessage(err, "data: TextLines"))
					return
				}
			}
		}
	}}
}

// readFile opens a file for read, whose errors it gives the file's name.
func readFile(path string, read func(*bufio.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() { _ = f.Close() }() // It was only read.
	return errors.WithMessage(read(bufio.NewReader(f)), path)
}

// eachLine reports whether more is wanted.
func eachLine(r *bufio.Reader, use func(line string) bool) (more bool, err error) {
	for number := 1; ; number++ {
		line, err := r.ReadString('\n')
		ended := errors.Is(err, io.EOF)
		if err != nil && !ended {
			return true, errors.Wrapf(err, "line %d", number)
		}
		if line == "" {
			return true, nil
		}
		line = strings.TrimSuffix(line, "\n")
		if !use(strings.TrimSuffix(line, "\r")) {
			return false, nil
		}
		if ended {
			return true, nil
		}
	}
}

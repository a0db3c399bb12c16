// Command coverage compares the installed Keras, as internal/golden/coverage.py has listed it, with gokeras, as its source stands: every class, function,
// argument and default. It writes docs/coverage.md.
//
//	go run ./internal/coverage
//
// Ours are found by what is registered with keras/saving, or under Keras's name. A field's default is what its comment says that the zero value means. What
// differs needs a reason, in reasons.go; the test fails where one is missing or not needed any more.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:forbidigo // This is main.
	}
}

func run() error {
	r, root, err := compared()
	if err != nil {
		return err
	}
	for _, g := range r.unexplained() {
		fmt.Fprintln(os.Stderr, g)
	}
	for _, why := range r.unneeded() {
		fmt.Fprintf(os.Stderr, "reason not needed: %s %s\n", why.kind, why.of)
	}
	return os.WriteFile(filepath.Join(root, document), []byte(r.markdown()), 0o644)
}

// document is what is written, below the module's directory.
const document = "docs/coverage.md"

// compared compares Keras with the source.
func compared() (r *report, root string, err error) {
	k, err := readKeras()
	if err != nil {
		return nil, "", err
	}
	s, err := load(patterns()...)
	if err != nil {
		return nil, "", err
	}
	r, err = compare(k, finder{s, s.learn()})
	return r, s.root, err
}

// unexplained are the gaps without a reason.
func (r *report) unexplained() []gap {
	var all []gap
	for _, s := range r.sections {
		for _, w := range s.rows {
			for _, g := range w.gaps {
				if g.reason < 0 {
					all = append(all, g)
				}
			}
		}
	}
	return all
}

// unneeded are the reasons that explain nothing.
func (r *report) unneeded() []reason {
	var all []reason
	for i, n := range r.used {
		if n == 0 {
			all = append(all, reasons[i])
		}
	}
	return all
}

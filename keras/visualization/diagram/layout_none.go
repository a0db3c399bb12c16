//go:build js || wasip1

package diagram

import (
	"runtime"

	"github.com/pkg/errors"
)

// layout is not there: the library of Graphviz looks for fonts of the machine, which has none.
func layout(string) ([]byte, error) {
	return nil, errors.Errorf("there is no Graphviz on %s: Dot gives the diagram in its language", runtime.GOOS)
}

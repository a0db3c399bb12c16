//go:build !js && !wasip1

package diagram

import (
	"bytes"
	"context"
	"sync"

	"github.com/goccy/go-graphviz"
	"github.com/pkg/errors"
)

// Graphviz is one machine with one memory.
var graphvizLock sync.Mutex

// layout asks Graphviz where everything lies, in its JSON.
func layout(dot string) (text []byte, err error) {
	graphvizLock.Lock()
	defer graphvizLock.Unlock()
	defer func() {
		if p := recover(); p != nil {
			err = errors.Errorf("graphviz: %v", p)
		}
	}()
	ctx := context.Background()
	engine, err := graphviz.New(ctx)
	if err != nil {
		return nil, errors.Wrap(err, "graphviz")
	}
	defer func() {
		if cerr := engine.Close(); err == nil {
			err = errors.Wrap(cerr, "graphviz")
		}
	}()
	g, err := graphviz.ParseBytes([]byte(dot))
	if err != nil {
		return nil, errors.Wrap(err, "graphviz")
	}
	defer func() {
		if cerr := g.Close(); err == nil {
			err = errors.Wrap(cerr, "graphviz")
		}
	}()
	var b bytes.Buffer
	if err := engine.Render(ctx, g, "json", &b); err != nil {
		return nil, errors.Wrap(err, "graphviz")
	}
	return b.Bytes(), nil
}

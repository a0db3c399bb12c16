package main

import (
	"bytes"
	"compress/gzip"
	_ "embed" // of Keras's listing
	"encoding/json"
	"strings"

	"github.com/pkg/errors"
)

// listing is what internal/golden/coverage.py has found in the installed Keras.
//
//go:embed testdata/keras.json.gz
var listing []byte

type kerasModules struct {
	Version string        `json:"version"`
	Modules []kerasModule `json:"modules"`
}

type kerasModule struct {
	Name    string       `json:"name"`
	Entries []kerasEntry `json:"entries"`
}

// A kerasEntry is a class or a function, or with Alias another name for one that is listed under that path.
type kerasEntry struct {
	Name      string          `json:"name"`
	Kind      string          `json:"kind"`
	Alias     string          `json:"alias"`
	Arguments []kerasArgument `json:"arguments"`
	Old       []string        `json:"old"` // names that are taken from **kwargs
}

type kerasArgument struct {
	Name     string          `json:"name"`
	Default  json.RawMessage `json:"default"`
	Means    any             `json:"means"` // what None is to an object
	Required bool            `json:"required"`
}

func readKeras() (kerasModules, error) {
	var k kerasModules
	z, err := gzip.NewReader(bytes.NewReader(listing))
	if err != nil {
		return k, errors.Wrap(err, "coverage: Keras's listing")
	}
	return k, errors.Wrap(json.NewDecoder(z).Decode(&k), "coverage: Keras's listing")
}

// value is the default; ok is false where there is none. Numbers are float64.
func (a kerasArgument) value() (v any, ok bool) {
	if len(a.Default) == 0 {
		return nil, false
	}
	if json.Unmarshal(a.Default, &v) != nil {
		return nil, false
	}
	return v, true
}

// normalized drops what tells use_bias and UseBias, RMSprop and rmsprop apart.
func normalized(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}

package keras

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wrongValues take the place of each value of a configuration in turn.
var wrongValues = []any{
	nil, true, "x", "", json.Number("0"), json.Number("-1"), json.Number("1.5"), json.Number("1000000000000000000"), json.Number("1e400"),
	[]any{},
	[]any{json.Number("-7"), json.Number("7")},
	[]any{"a", json.Number("9"), json.Number("9")},
	map[string]any{},
	map[string]any{"class_name": "Dense"},
}

// Whatever a value is replaced by, a file is loaded or refused; nothing worse happens, and what was loaded can be saved.
func TestEachValueOfAConfigurationMayBeWrong(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "models", "*.keras"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	const stride = 17 // Trying all of them takes 20 seconds.
	n := 0
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		config, _ := readArchive(t, data)
		walkValues(config, "", func(at string, replace func(any)) {
			for i, v := range wrongValues {
				if n++; n%stride != 0 {
					continue
				}
				replace(v)
				assert.NotPanics(t, func() { tryConfig(t, config) }, "%s: %s = %v (%d)", path, at, v, i)
			}
		})
	}
	assert.Greater(t, n, 10_000)
}

// walkValues calls f for each value within v, which it can replace until f returns.
func walkValues(v any, at string, f func(at string, replace func(any))) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			old := v[key]
			f(at+"."+key, func(x any) { v[key] = x })
			v[key] = old
			walkValues(old, at+"."+key, f)
		}
	case []any:
		for i, old := range v {
			f(at+"."+strconv.Itoa(i), func(x any) { v[i] = x })
			v[i] = old
			walkValues(old, at+"."+strconv.Itoa(i), f)
		}
	}
}

// tryConfig does with a configuration what loading does before it takes memory for weights, and saves the model.
func tryConfig(t *testing.T, config map[string]any) {
	t.Helper()
	m, err := decodeModel(config, 0)
	if err != nil {
		return
	}
	in, err := m.loadedInputs(config)
	if err != nil || in == nil {
		return
	}
	if _, _, err := m.trace(in); err != nil {
		return
	}
	if compile, ok := config["compile_config"].(map[string]any); ok {
		if _, err := decodeCompiled(compile, m.OutputNames()); err != nil {
			return
		}
	}
	assert.NoError(t, m.Summary(&bytes.Buffer{}))
	o, err := encodeModel(m, "again", in)
	assert.NoError(t, err)
	_, err = json.Marshal(o)
	assert.NoError(t, err)
}

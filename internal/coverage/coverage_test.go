package main

import (
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	_ "github.com/gokeras/gokeras/keras" // registers all that it imports
	"github.com/gokeras/gokeras/keras/saving"
)

// whole is the comparison of the source as it stands.
var whole = sync.OnceValues(func() (*report, error) {
	r, root, err := compared()
	moduleDir = root
	return r, err
})

// moduleDir is set by whole.
var moduleDir string

func TestEveryDifferenceHasAReason(t *testing.T) {
	r, err := whole()
	require.NoError(t, err)
	assert.Empty(t, r.unexplained(), "a gap without a reason: close it, or explain it in reasons.go")
	assert.Empty(t, r.unneeded(), "a reason that explains nothing any more")
}

func TestDocumentIsCurrent(t *testing.T) {
	r, err := whole()
	require.NoError(t, err)
	written, err := os.ReadFile(filepath.Join(moduleDir, document))
	require.NoError(t, err)
	assert.True(t, string(written) == r.markdown(), "%s is not current: go run ./internal/coverage", document)
}

func TestNamesAreNeeded(t *testing.T) {
	k, err := readKeras()
	require.NoError(t, err)
	listed := map[string]bool{}
	for _, m := range k.Modules {
		for _, e := range m.Entries {
			listed[m.Name+"."+e.Name] = true
		}
	}
	for name := range names {
		assert.Contains(t, listed, name, "not in Keras")
	}
}

// An object that is saved has no keys but Keras's arguments, in Keras's spelling.
func TestSavedKeysAreArguments(t *testing.T) {
	k, err := readKeras()
	require.NoError(t, err)
	classes := 0
	for _, m := range k.Modules {
		for _, e := range m.Entries {
			object, err := saving.FromConfig(map[string]any{"module": m.Name, "class_name": e.Name, "config": map[string]any{}})
			if e.Kind != "class" || err != nil {
				continue
			}
			classes++
			t.Run(m.Name+"."+e.Name, func(t *testing.T) { checkKeys(t, e, reflect.ValueOf(object).Elem()) })
		}
	}
	assert.Greater(t, classes, 100, "classes that are registered")
}

func checkKeys(t *testing.T, e kerasEntry, object reflect.Value) {
	arguments := map[string]bool{}
	for _, a := range e.Arguments {
		arguments[a.Name] = true
	}
	for _, old := range e.Old {
		arguments[old] = true
	}
	for _, f := range reflect.VisibleFields(object.Type()) {
		if !f.IsExported() || f.Anonymous || f.Name == "Trainable" { // Trainable has its reason in reasons.go.
			continue
		}
		changed := reflect.New(object.Type())
		if !setSome(changed.Elem().FieldByIndex(f.Index)) {
			continue
		}
		config, err := saving.ToConfig(changed.Interface())
		if err != nil { // A value that this class refuses.
			continue
		}
		for key := range config["config"].(map[string]any) {
			assert.Contains(t, arguments, key, "%s is no argument of Keras's", f.Name)
		}
	}
}

// setSome gives a field a value that is not zero.
func setSome(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(3)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.String:
		v.SetString("x")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	default:
		return false
	}
	return true
}

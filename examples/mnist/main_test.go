package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDigitsAreLearnt(t *testing.T) {
	var out bytes.Buffer
	accuracy, err := run(t.Context(), &out, filepath.Join(t.TempDir(), "mnist.keras"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, accuracy, 0.97)
	require.Contains(t, out.String(), "Epoch 10/10")
}

package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIntentsAreFound(t *testing.T) {
	right, err := run(t.Context(), io.Discard, t.TempDir())
	require.NoError(t, err)
	require.GreaterOrEqual(t, right, 0.9-1e-9)
}

func TestLinesWithoutIntentAreRefused(t *testing.T) {
	_, err := read("greeting: hello\nhello\n")
	require.ErrorContains(t, err, `got "hello\n"`)
}

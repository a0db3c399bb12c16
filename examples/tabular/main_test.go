package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPenguinsAreNamed(t *testing.T) {
	accuracy, err := run(t.Context(), io.Discard, t.TempDir())
	require.NoError(t, err)
	require.Greater(t, accuracy, 0.95)
}

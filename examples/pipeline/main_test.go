package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLoadedModelKnowsPrices(t *testing.T) {
	off, err := run(t.Context(), io.Discard, t.TempDir())
	require.NoError(t, err)
	require.Less(t, off, 3.5)
}

package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatWasLearnedHelps(t *testing.T) {
	var out bytes.Buffer
	r, err := run(t.Context(), &out)
	require.NoError(t, err)
	require.Greater(t, r.before, 0.97)
	require.Greater(t, r.transfer, 0.7)
	require.Greater(t, r.transfer, r.scratch+0.05)
	require.Zero(t, r.trained, "the features stay as they are")
}

package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTastesAreFound(t *testing.T) {
	var out bytes.Buffer
	r, err := run(t.Context(), &out)
	require.NoError(t, err)
	require.Less(t, r.rmse, 0.6*r.guess, "far better than the mean")
	require.Greater(t, r.auc, 0.85)
	require.Greater(t, r.joy, r.mean+1, "the films that are recommended please")
	require.Contains(t, out.String(), "should see the films")
}

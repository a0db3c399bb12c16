package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPairsAreToldApart(t *testing.T) {
	var out bytes.Buffer
	r, err := run(t.Context(), &out)
	require.NoError(t, err)
	require.Greater(t, r.pairs, 0.9)
	require.Greater(t, r.read, 0.85, "by one example of each digit")
	require.Contains(t, out.String(), "tower (Sequential)")
}

package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestByHandAndByFitAgree(t *testing.T) {
	testError, err := run(t.Context(), io.Discard)
	require.NoError(t, err) // which would say where the weights differ
	require.Less(t, testError, 30.0)
}

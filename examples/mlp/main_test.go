package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDigitsAreLearnt(t *testing.T) {
	var out bytes.Buffer
	accuracy, err := run(t.Context(), &out)
	require.NoError(t, err)
	require.GreaterOrEqual(t, accuracy, 0.90)
	require.Contains(t, out.String(), "1,000 random rows, 10 epochs")
}

package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestForecastBeatsTheLastValue(t *testing.T) {
	model, naive, err := run(t.Context(), io.Discard)
	require.NoError(t, err)
	require.Less(t, model, 0.6*naive)
}

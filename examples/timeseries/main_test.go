package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestForecastBeatsTodaysWeather(t *testing.T) {
	r, err := run(t.Context(), io.Discard)
	require.NoError(t, err)
	require.Greater(t, r.naive, 1.0, "weather changes")
	require.Less(t, r.model, 0.9*r.naive)
}

package summarytable

import (
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errFull = errors.New("disk full")

type fullWriter struct{}

func (fullWriter) Write([]byte) (int, error) { return 0, errFull }

func TestRenderErrors(t *testing.T) {
	cases := []struct {
		name    string
		w       io.Writer
		options Options
		want    string
	}{
		{"no writer", nil, Options{}, "summarytable: expected a writer, got nil"},
		{"full", fullWriter{}, Options{}, "summarytable: write: disk full"},
		{"narrow", io.Discard, Options{Name: "m", LineLength: 15}, `summarytable: model "m": insufficient width: column 3 of 3 would be 3 wide in a line of 15`},
		{"negative line", io.Discard, Options{LineLength: -80}, "insufficient width"},
		{"long line", io.Discard, Options{LineLength: math.MaxInt}, "expected a line of up to 65536 columns"},
		{"negative screen", io.Discard, Options{LineLength: 80, Columns: -1}, "a screen of at least 1, got 80 on -1"},
		{"positions", io.Discard, Options{Functional: true, Positions: []float64{.5, .7, 1}}, "expected 4 positions, one for each column, got 3"},
		{"infinite position", io.Discard, Options{Positions: []float64{.5, .7, math.Inf(1)}}, "expected positions from 0 to 1, got +Inf for column 3"},
		{"no position", io.Discard, Options{Positions: []float64{math.NaN(), .7, 1}}, "expected positions from 0 to 1, got NaN for column 1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.ErrorContains(t, Render(c.w, c.options), c.want)
		})
	}
}

func TestRenderLeavesPositionsAlone(t *testing.T) {
	positions := []float64{.5, .7, 1}
	require.NoError(t, Render(io.Discard, Options{Positions: positions, ShowTrainable: true}))
	require.Equal(t, []float64{.5, .7, 1}, positions)
}

func TestNoShapeIsAQuestionMark(t *testing.T) {
	var with, without strings.Builder
	require.NoError(t, Render(&with, Options{Rows: []Row{{Name: "a", Class: "B", OutputShape: "?"}}}))
	require.NoError(t, Render(&without, Options{Rows: []Row{{Name: "a", Class: "B"}}}))
	require.Equal(t, with.String(), without.String())
}

// pair is a number and its text.
type pair[T any] struct {
	value T
	text  string
}

func (p *pair[T]) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&p.value, &p.text})
}

func TestNumbersAreWrittenAsInKeras(t *testing.T) {
	type formats struct {
		Counts []pair[int]
		Sizes  []pair[float64]
	}
	f := load[formats](t, "formats.json")[0]
	for _, p := range f.Counts {
		assert.Equal(t, p.text, thousands(p.value))
	}
	for _, p := range f.Sizes {
		assert.Equal(t, p.text, memory(p.value), "%v bytes", p.value)
	}
	assert.Len(t, f.Counts, 13)
	assert.Len(t, f.Sizes, 16)
}

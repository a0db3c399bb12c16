package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLettersBecomeWords(t *testing.T) {
	var out bytes.Buffer
	r, err := run(t.Context(), &out)
	require.NoError(t, err)
	require.Less(t, r.loss, 1.75, "%.2f would be to know nothing", math.Log(float64(len(letters))))
	require.Len(t, r.known, len(temperatures))
	require.Greater(t, r.known[0], 0.85, "with a low temperature, words are those of the book")
	require.Greater(t, r.known[0], r.known[len(r.known)-1], "daring makes up words")
	require.Contains(t, out.String(), start)
}

func TestTemperatureIsHowDaringADrawIs(t *testing.T) {
	logits := []float32{0, 2, 1}
	for _, temperature := range []float64{0.1, 1, 10} {
		rng, hits := rand.New(rand.NewPCG(3, 4)), make([]float64, len(logits))
		const n = 20_000
		total := 0.0
		for range n {
			hits[draw(rng, logits, temperature)] += 1.0 / n
		}
		for _, v := range logits {
			total += math.Exp(float64(v) / temperature)
		}
		for i, v := range logits {
			require.InDelta(t, math.Exp(float64(v)/temperature)/total, hits[i], 0.02, "letter %d at temperature %v", i, temperature)
		}
	}
}

func TestPlainTextHasKnownLettersOnly(t *testing.T) {
	require.Equal(t, "call me ishmael. some-\nyears ago", plain("Call me\r\nIshmael. “Some—\n\nyears* ago"))
}

func TestShareOfKnownWords(t *testing.T) {
	known := vocabulary("call me, ishmael")
	for text, expected := range map[string]float64{"call me ishmaelo": 1, "me, wail call": 0.5, "wail me": 0, "call": 1, "": 0} {
		require.InDelta(t, expected, share(text, known), 1e-9, text)
	}
}

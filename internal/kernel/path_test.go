package kernel

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// eachPath runs f as a subtest on every path that the CPU has.
func eachPath(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	for _, p := range tierPaths[:best+1] {
		t.Run(string(p), func(t *testing.T) {
			restore, err := Use(p)
			require.NoError(t, err)
			defer restore()
			f(t)
		})
	}
}

func TestUse(t *testing.T) {
	before := Active()
	for _, p := range tierPaths[:best+1] {
		restore, err := Use(p)
		require.NoError(t, err)
		assert.Equal(t, p, Active())
		restore()
		assert.Equal(t, before, Active())
	}
	for _, p := range tierPaths[best+1:] {
		_, err := Use(p)
		assert.ErrorContains(t, err, string(p))
	}
	_, err := Use("sse")
	assert.ErrorContains(t, err, `"sse"`)
	assert.Equal(t, before, Active())
}

func TestStartTierLowersOnly(t *testing.T) {
	for _, c := range []struct {
		best  tier
		force string
		want  tier
	}{
		{tierAVX512, "", tierAVX512},
		{tierAVX512, "avx2", tierAVX2},
		{tierAVX512, "portable", tierPortable},
		{tierAVX2, "avx512", tierAVX2},
		{tierPortable, "avx512", tierPortable},
		{tierAVX2, "neon", tierAVX2},
	} {
		assert.EqualValues(t, c.want, startTier(c.best, c.force).Load(), "best %d, force %q", c.best, c.force)
	}
}

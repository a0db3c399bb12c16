package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const dir = "../.."

func TestTableIsCurrent(t *testing.T) {
	want, err := table(dir)
	require.NoError(t, err)
	got, err := os.ReadFile(dir + "/TABLE.md")
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "run go run ./gen/table in internal/kernel")
}

func TestEveryKernelHasATest(t *testing.T) {
	p, err := load(dir)
	require.NoError(t, err)
	ks := p.kernels()
	require.Greater(t, len(ks), 50)
	for _, k := range ks {
		assert.NotEmpty(t, k.test, "%s needs a test that is named after it", k.name)
	}
}

// The table can tell assembly from Go.
func TestAssembly(t *testing.T) {
	p, err := load(dir)
	require.NoError(t, err)
	reaches := map[string]bool{}
	for _, k := range p.kernels() {
		reaches[k.name] = k.avx512 && k.avx2
	}
	assert.True(t, reaches["Map"])
	assert.True(t, reaches["RecurrenceState.Forward"])
	assert.False(t, reaches["CompareZip"])
	assert.False(t, reaches["CumSum"])
}

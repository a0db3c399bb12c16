package data

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// counted counts the elements that come through.
func counted(p Pipeline, n *atomic.Int32) Pipeline {
	return p.Map(func(b Batch) (Batch, error) { n.Add(1); return b, nil })
}

func TestCache(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "elements")
	for _, o := range []CacheOptions{{}, {Filename: path}} {
		var n atomic.Int32
		before := numbers(30).Shuffle(30)
		p := counted(before, &n).Cache(o)
		want := order(t, before, 3, 0)
		assert.Len(t, order(t, p.Take(4), 3, 0), 4)
		n.Store(0)
		assert.Equal(t, want, order(t, p, 3, 5), "what is cached is epoch 0")
		assert.EqualValues(t, 30, n.Load(), "an iteration that was left keeps nothing")
		// Who gets elements may write to them.
		order(t, p.Map(func(b Batch) (Batch, error) { b.X[0].Int64s()[0] = -1; return b, nil }), 3, 1)
		assert.Equal(t, want, order(t, p, 3, 0))
		assert.EqualValues(t, 30, n.Load(), "nothing is made again")
		assert.Equal(t, order(t, before, 4, 0), order(t, p, 4, 0), "another seed")
		assert.EqualValues(t, 60, n.Load())
		assert.Equal(t, 30, p.length)
		var all sync.WaitGroup
		for s := range uint64(4) {
			all.Go(func() { assert.Equal(t, order(t, before, s, 0), order(t, p, s, 3)) })
		}
		all.Wait()
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "no half files")
}

func TestCacheFileHoldsEveryType(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "elements")
	whole := Batch{SampleWeight: []*tensor.Dense{scalar(3)}}
	for _, backing := range []any{
		[]float32{1, 0},
		[]float64{1, 0},
		[]int{1, 0},
		[]int8{1, 0},
		[]int16{1, 0},
		[]int32{1, 0},
		[]int64{1, 0},
		[]uint{1, 0},
		[]uint8{1, 0},
		[]uint16{1, 0},
		[]uint32{1, 0},
		[]uint64{1, 0},
		[]bool{true, false},
		[]string{"ä\x00", ""},
	} {
		whole.X = append(whole.X, tensor.New(tensor.WithShape(2, 1), tensor.WithBacking(backing)))
	}
	whole.Y = whole.X[3:5]
	for _, err := range FromTensors(whole).Cache(CacheOptions{Filename: path}).Elements(1, 0) {
		require.NoError(t, err)
	}
	n := 0
	for b, err := range FromTensors(Batch{X: whole.X[:1]}).Cache(CacheOptions{Filename: path}).Elements(1, 1) {
		require.NoError(t, err)
		n++
		require.Equal(t, groupsOf(whole), groupsOf(b), "the file's, not the pipeline's")
		for i, a := range b.all(nil) {
			want := whole.all(nil)[i]
			assert.Equal(t, want.Data(), a.Data())
			assert.True(t, want.Shape().Eq(a.Shape()))
		}
	}
	assert.Equal(t, 1, n)

	// A broken file is an error that names it.
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	flipped := 0
	for _, raw := range [][]byte{good[:len(good)-3], good[:40], []byte("x"), {}, bytes.Replace(good, []byte("elements 1"), []byte("elements 9"), 1)} {
		require.NoError(t, os.WriteFile(path, raw, 0o600))
		var last error
		for _, err := range FromTensors(whole).Cache(CacheOptions{Filename: path}).Elements(1, 0) {
			last = err
		}
		require.ErrorContains(t, last, path)
	}
	for i := 0; i < len(good); i += 7 { // Whatever is wrong with a file, it is no panic.
		raw := bytes.Clone(good)
		raw[i] ^= 0x15
		require.NoError(t, os.WriteFile(path, raw, 0o600))
		for _, err := range FromTensors(whole).Cache(CacheOptions{Filename: path}).Elements(1, 0) {
			if err != nil {
				flipped++
			}
		}
		require.NoError(t, os.WriteFile(path, good, 0o600))
	}
	assert.Positive(t, flipped)
	missing := FromTensors(whole).Cache(CacheOptions{Filename: filepath.Join(path, "below", "a file")})
	for _, err := range missing.Elements(0, 0) {
		require.ErrorContains(t, err, path)
	}
}

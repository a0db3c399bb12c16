package datasets

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// testFiles answers every request with the file of that name in a directory, without a network.
type testFiles struct {
	dir  string
	mu   sync.Mutex
	urls []string
}

func (f *testFiles) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.urls = append(f.urls, r.URL.String())
	f.mu.Unlock()
	raw, err := os.ReadFile(filepath.Join(f.dir, path.Base(r.URL.Path)))
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", ContentLength: int64(len(raw)), Body: io.NopCloser(strings.NewReader(string(raw))), Request: r,
	}, nil
}

// testCache is a cache whose downloads are the files of testdata.
func testCache(t *testing.T) Cache {
	t.Helper()
	hashes := map[string]string{}
	files, err := os.ReadDir("testdata")
	require.NoError(t, err)
	for _, f := range files {
		raw, err := os.ReadFile("testdata/" + f.Name())
		require.NoError(t, err)
		sum := sha256.Sum256(raw)
		hashes[f.Name()] = hex.EncodeToString(sum[:])
		if strings.HasSuffix(f.Name(), ".json") {
			sum := md5.Sum(raw)
			hashes[f.Name()] = hex.EncodeToString(sum[:])
		}
	}
	return Cache{Dir: t.TempDir(), Client: &http.Client{Transport: &testFiles{dir: "testdata"}}, hashes: hashes}
}

func (g goldenSplits) check(t *testing.T, train, test Split) {
	t.Helper()
	if g.Shape[0] == 0 {
		assert.Nil(t, train.X)
	} else {
		assert.Equal(t, tensor.Shape(g.Shape), train.X.Shape())
		assert.Equal(t, tensor.Shape(g.YShape), train.Y.Shape())
		assert.Equal(t, g.X, weighted(numbers(t, train.X)))
		y := numbers(t, train.Y)
		assert.Equal(t, g.Y, y[:len(g.Y)])
		assert.Equal(t, g.Sum, weighted(y))
	}
	if g.TestShape[0] == 0 {
		assert.Nil(t, test.X)
		return
	}
	assert.Equal(t, tensor.Shape(g.TestShape), test.X.Shape())
	assert.Equal(t, g.Xt, weighted(numbers(t, test.X)))
	assert.Equal(t, g.Yt, numbers(t, test.Y)[:len(g.Yt)])
}

func TestImagesAreKeras(t *testing.T) {
	t.Parallel()
	g, c := load(t).Loaders, testCache(t)
	train, test, err := c.MNIST(t.Context())
	require.NoError(t, err)
	g.MNIST.check(t, train, test)

	train, test, err = c.FashionMNIST(t.Context())
	require.NoError(t, err)
	g.Fashion.check(t, train, test)
	assert.Equal(t, "Ankle boot", test.TargetNames[9])
	assert.FileExists(t, filepath.Join(c.Dir, "datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz"))

	train, test, err = c.CIFAR10(t.Context())
	require.NoError(t, err)
	g.CIFAR10.check(t, train, test)
	assert.Equal(t, []string{"airplane", "truck"}, []string{train.TargetNames[0], test.TargetNames[9]})

	for _, want := range g.CIFAR100 {
		mode := want.Options.LabelMode
		train, test, err = c.CIFAR100(t.Context(), mode)
		require.NoError(t, err)
		want.check(t, train, test)
		assert.Equal(t, mode+"7", test.TargetNames[7])
	}
	train, _, err = c.CIFAR100(t.Context(), "")
	require.NoError(t, err)
	assert.Len(t, train.TargetNames, 100)
	_, _, err = c.CIFAR100(t.Context(), "medium")
	require.EqualError(t, err, `datasets: CIFAR100: labelMode: expected "fine" or "coarse", got "medium"`)
}

func TestHousingIsKeras(t *testing.T) {
	t.Parallel()
	g, c := load(t).Loaders, testCache(t)
	for _, want := range g.Boston {
		train, test, err := c.BostonHousing(t.Context(), HousingOptions{TestSplit: want.Options.TestSplit, Seed: want.Options.Seed})
		require.NoError(t, err)
		want.check(t, train, test)
		assert.Equal(t, "LSTAT", test.FeatureNames[12])
	}
	for _, want := range g.California {
		o := HousingOptions{Version: want.Options.Version, TestSplit: want.Options.TestSplit, Seed: want.Options.Seed}
		train, test, err := c.CaliforniaHousing(t.Context(), o)
		require.NoError(t, err)
		want.check(t, train, test)
		assert.Equal(t, "MedInc", train.FeatureNames[0])
	}
	for says, o := range map[string]HousingOptions{
		"CaliforniaHousing: Version: expected": {Version: "medium"},
		"TestSplit: expected a share":          {TestSplit: new(1.0)},
	} {
		_, _, err := c.CaliforniaHousing(t.Context(), o)
		require.ErrorContains(t, err, says)
	}
	_, _, err := c.BostonHousing(t.Context(), HousingOptions{Version: "small"})
	require.ErrorContains(t, err, "Version: expected none")
}

// options are Keras's; a value that is there but null is None.
func (g goldenTexts) options() SequenceOptions {
	integer := func(name string) int {
		if v := g.Options[name]; v != nil {
			return int(*v)
		}
		return 0
	}
	char := func(name string) (*int32, bool) {
		v, given := g.Options[name]
		if v == nil {
			return nil, given
		}
		return new(int32(*v)), false
	}
	o := SequenceOptions{NumWords: integer("num_words"), SkipTop: integer("skip_top"), MaxLen: integer("maxlen")}
	o.StartChar, o.NoStartChar = char("start_char")
	o.OOVChar, o.NoOOVChar = char("oov_char")
	o.IndexFrom, _ = char("index_from")
	if v := g.Options["seed"]; v != nil {
		o.Seed = new(uint32(*v))
	}
	return o
}

func (g goldenTexts) check(t *testing.T, train, test Sequences) {
	t.Helper()
	for _, part := range []struct {
		x   [][]int32
		y   []int32
		got Sequences
	}{{g.X, g.Y, train}, {g.Xt, g.Yt, test}} {
		require.Len(t, part.got.X, len(part.x), "%v", g.Options)
		for i, x := range part.x {
			assert.Equal(t, append([]int32{}, x...), append([]int32{}, part.got.X[i]...), "%v", g.Options)
		}
		if len(part.y) == 0 {
			assert.Nil(t, part.got.Y)
			continue
		}
		assert.Equal(t, part.y, part.got.Y.Int32s(), "%v", g.Options)
	}
}

func TestIMDBIsKeras(t *testing.T) {
	t.Parallel()
	g, c := load(t).Loaders, testCache(t)
	for _, want := range g.IMDB {
		train, test, err := c.IMDB(t.Context(), IMDBOptions{want.options()})
		if want.Refused {
			require.ErrorContains(t, err, "datasets: IMDB: MaxLen: expected a length that some text is below", "%v", want.Options)
			continue
		}
		require.NoError(t, err)
		want.check(t, train, test)
	}
	words, err := c.IMDBWordIndex(t.Context())
	require.NoError(t, err)
	assert.Equal(t, g.IMDBWords, words)
}

func TestReutersIsKeras(t *testing.T) {
	t.Parallel()
	g, c := load(t).Loaders, testCache(t)
	for _, want := range g.Reuters {
		train, test, err := c.Reuters(t.Context(), ReutersOptions{want.options(), want.Options["test_split"]})
		if want.Refused || len(want.X)+len(want.Xt) == 0 {
			require.ErrorContains(t, err, "datasets: Reuters: MaxLen: expected a length that some text is below", "%v", want.Options)
			continue
		}
		require.NoError(t, err)
		want.check(t, train, test)
		assert.Len(t, test.TargetNames, 46)
	}
	words, err := c.ReutersWordIndex(t.Context())
	require.NoError(t, err)
	assert.Equal(t, g.ReutersWords, words)
	assert.Equal(t, g.Labels, ReutersLabelNames())
}

// loaders are the calls that download.
func loaders(ctx context.Context, c Cache) map[string]func() error {
	return map[string]func() error{
		"mnist.npz":                  func() error { _, _, err := c.MNIST(ctx); return err },
		"train-images-idx3-ubyte.gz": func() error { _, _, err := c.FashionMNIST(ctx); return err },
		"cifar-10-binary.tar.gz":     func() error { _, _, err := c.CIFAR10(ctx); return err },
		"cifar-100-python.tar.gz":    func() error { _, _, err := c.CIFAR100(ctx, ""); return err },
		"imdb.npz":                   func() error { _, _, err := c.IMDB(ctx, IMDBOptions{}); return err },
		"imdb_word_index.json":       func() error { _, err := c.IMDBWordIndex(ctx); return err },
		"reuters.npz":                func() error { _, _, err := c.Reuters(ctx, ReutersOptions{}); return err },
		"reuters_word_index.json":    func() error { _, err := c.ReutersWordIndex(ctx); return err },
		"boston_housing.npz":         func() error { _, _, err := c.BostonHousing(ctx, HousingOptions{}); return err },
		"california_housing.npz":     func() error { _, _, err := c.CaliforniaHousing(ctx, HousingOptions{}); return err },
	}
}

func TestLoadersTakeOnlyKerasFiles(t *testing.T) {
	t.Parallel()
	hashes := load(t).Loaders.Hashes
	for name := range loaders(t.Context(), Cache{}) {
		files := &testFiles{dir: "testdata"}
		c := Cache{Dir: t.TempDir(), Client: &http.Client{Transport: files}}
		err := loaders(t.Context(), c)[name]()
		require.Error(t, err, name)
		require.Len(t, files.urls, 1)
		url := files.urls[0]
		if name == "cifar-10-binary.tar.gz" {
			// Keras takes the same images as pickles; the project's description has this one's hash.
			assert.Equal(t, "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", url)
			assert.ErrorContains(t, err, "sha256 c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")
		} else {
			hash, known := hashes[url]
			assert.True(t, known, url)
			assert.ErrorContains(t, err, hash)
		}
		assert.ErrorContains(t, err, "got ")
		left, err := os.ReadDir(filepath.Join(c.Dir, "datasets"))
		require.NoError(t, err)
		for _, f := range left {
			assert.True(t, f.IsDir(), "%s is left of %s", f.Name(), name)
		}
	}
}

func TestLoadersSayWhatToPutWhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	offline := Cache{Dir: dir, Client: &http.Client{Transport: &testFiles{dir: "nowhere"}}}
	for name, run := range loaders(t.Context(), offline) {
		err := run()
		require.ErrorContains(t, err, name)
		require.ErrorContains(t, err, "is not there and could not be downloaded; it may be put there by hand")
		require.ErrorIs(t, err, os.ErrNotExist)
	}

	// And a file that is put there by hand does.
	c := testCache(t)
	offline.hashes = c.hashes
	for _, name := range []string{"mnist.npz", "imdb.npz", "cifar-100-python.tar.gz"} {
		raw, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "datasets", name), raw, 0o400))
		require.NoError(t, loaders(t.Context(), offline)[name]())
	}
}

func TestLoadersRefuseOtherContents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, as, says string }{
		{"mnist.npz", "imdb.npz", `array "x_train": expected an array of objects, got elements of type "|u1"`},
		{"imdb.npz", "mnist.npz", `array "x_train": expected elements of type uint8`},
		{"boston_housing.npz", "reuters.npz", `array "x": expected an array of objects`},
		{"reuters.npz", "boston_housing.npz", `array "x": expected elements of type`},
		{"imdb.npz", "boston_housing.npz", `array "x": expected it in the archive`},
		{"cifar-100-python.tar.gz", "cifar-10-binary.tar.gz", "expected a file cifar-10-batches-bin/test_batch.bin"},
		{"mnist.npz", "cifar-100-python.tar.gz", "gzip: invalid header"},
		{"mnist.npz", "train-images-idx3-ubyte.gz", "images: gzip"},
		{"cifar-10-binary.tar.gz", "california_housing.npz", "not a valid zip file"},
		{"mnist.npz", "imdb_word_index.json", "invalid character"},
	} {
		files := &testFiles{dir: t.TempDir()}
		entries, err := os.ReadDir("testdata")
		require.NoError(t, err)
		for _, e := range entries {
			raw, err := os.ReadFile("testdata/" + e.Name())
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(files.dir, e.Name()), raw, 0o600))
		}
		raw, err := os.ReadFile("testdata/" + c.file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(files.dir, c.as), raw, 0o600))
		cache := testCache(t)
		cache.Client = &http.Client{Transport: files}
		cache.hashes[c.as] = cache.hashes[c.file]
		require.ErrorContains(t, loaders(t.Context(), cache)[c.as](), c.says, "%s as %s", c.file, c.as)
	}
}

func TestCIFARRefusesBrokenRecords(t *testing.T) {
	t.Parallel()
	record := make([]byte, 3073)
	record[0] = 3
	s, err := cifarRecords(record)
	require.NoError(t, err)
	assert.Equal(t, tensor.Shape{1, 32, 32, 3}, s.X.Shape())
	record[0] = 10
	_, err = cifarRecords(record)
	require.ErrorContains(t, err, "image 0: expected a class below 10, got 10")
	_, err = cifarRecords(record[:3000])
	require.ErrorContains(t, err, "expected records of 3073 bytes, got 3000 bytes")
	_, err = cifarRecords(nil)
	require.ErrorContains(t, err, "got 0 bytes")
}

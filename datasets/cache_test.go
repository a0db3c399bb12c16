package datasets

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tarOf is an archive of one file.
func tarOf(t *testing.T, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o600, Size: int64(len(content))}))
	_, err := w.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// serve answers every request with content and counts them.
func serve(t *testing.T, content []byte) (url string, requests *atomic.Int32) {
	t.Helper()
	requests = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, err := w.Write(content)
		assert.NoError(t, err)
	}))
	t.Cleanup(s.Close)
	return s.URL, requests
}

func sha(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, rerr := filepath.Rel(dir, path)
			require.NoError(t, rerr)
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	}))
	return files
}

func TestGetFileHasKerasNames(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, tarOf(t, "inner/file.txt", "content"))
	for _, want := range load(t).GetFile {
		c := Cache{Dir: t.TempDir()}
		got, err := c.GetFile(t.Context(), GetFileOptions{
			Fname: want.Fname, Origin: url + "/some.set.tar.gz?size=1", Extract: want.Extract, CacheSubdir: want.Subdir,
		})
		require.NoError(t, err)
		assert.Equal(t, filepath.Join(c.Dir, filepath.FromSlash(want.Path)), got)
		assert.ElementsMatch(t, want.Files, filesIn(t, c.Dir))
	}
}

func TestGetFileDownloadsOnce(t *testing.T) {
	t.Parallel()
	content := []byte("some content")
	url, requests := serve(t, content)
	c := Cache{Dir: t.TempDir()}
	o := GetFileOptions{Origin: url + "/a.txt", FileHash: sha(content)}
	for range 2 {
		path, err := c.GetFile(t.Context(), o)
		require.NoError(t, err)
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, content, got)
	}
	assert.EqualValues(t, 1, requests.Load())

	o.ForceDownload = true
	path, err := c.GetFile(t.Context(), o)
	require.NoError(t, err)
	assert.EqualValues(t, 2, requests.Load())

	// A file with another hash is replaced, by Keras's rule.
	o.ForceDownload = false
	require.NoError(t, os.WriteFile(path, []byte("outdated"), 0o600))
	_, err = c.GetFile(t.Context(), o)
	require.NoError(t, err)
	assert.EqualValues(t, 3, requests.Load())
	assert.Equal(t, []string{"datasets/a.txt"}, filesIn(t, c.Dir))
}

func TestGetFileExtractsAgainWhatIsNew(t *testing.T) {
	t.Parallel()
	content := tarOf(t, "a.txt", "first")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, err := w.Write(content)
		assert.NoError(t, err)
	}))
	t.Cleanup(s.Close)
	c := Cache{Dir: t.TempDir()}
	o := GetFileOptions{Fname: "set", Origin: s.URL, Extract: true}
	dir, err := c.GetFile(t.Context(), o)
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "mine.txt"), nil, 0o600))
	_, err = c.GetFile(t.Context(), o)
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"a.txt", "mine.txt"}, filesIn(t, dir), "left as it is")

	// A file's time is no finer than some milliseconds: let what is there be of an hour ago.
	age := func() {
		past := time.Now().Add(-time.Hour)
		for _, path := range []string{dir, dir + "_archive"} {
			require.NoError(t, os.Chtimes(path, past, past))
		}
	}
	age()
	content = tarOf(t, "b.txt", "second")
	o.FileHash = sha(content)
	_, err = c.GetFile(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, []string{"b.txt"}, filesIn(t, dir))

	age()
	content = []byte("no archive at all")
	o.FileHash = sha(content)
	_, err = c.GetFile(t.Context(), o)
	require.ErrorContains(t, err, `expected an archive of format ["tar" "zip"], got something else`)
	assert.Equal(t, []string{"b.txt"}, filesIn(t, dir), "the old directory stays")
	assert.ElementsMatch(t, []string{"datasets/set/b.txt", "datasets/set_archive"}, filesIn(t, c.Dir))
}

func TestGetFileSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, tarOf(t, "a.txt", "0123456789"))
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for says, c := range map[string]struct {
		dir string
		o   GetFileOptions
	}{
		`Origin: expected a URL, got ""`:                     {},
		`Origin: expected a URL, got "a.txt"`:                {o: GetFileOptions{Origin: "a.txt"}},
		`Fname: expected a name without a directory, got "`:  {o: GetFileOptions{Origin: url}},
		`without a directory, got "a/b"`:                     {o: GetFileOptions{Origin: url, Fname: "a/b"}},
		`without a directory, got ".."`:                      {o: GetFileOptions{Origin: url, Fname: ".."}},
		`without a directory, got "..\\x"`:                   {o: GetFileOptions{Origin: url, Fname: `..\x`}},
		`hash: expected 64 hexadecimal digits of sha256`:     {o: GetFileOptions{Origin: url, Fname: "a", FileHash: "12", HashAlgorithm: "sha256"}},
		`hash: expected 32 hexadecimal digits of md5`:        {o: GetFileOptions{Origin: url, Fname: "a", FileHash: "zz"}},
		`hash algorithm: expected "auto", "sha256" or "md5"`: {o: GetFileOptions{Origin: url, Fname: "a", HashAlgorithm: "sha1"}},
		`ArchiveFormat: expected "auto", "tar" or "zip"`:     {o: GetFileOptions{Origin: url, Fname: "a", ArchiveFormat: "rar"}},
		`expected an archive of format ["zip"]`:              {o: GetFileOptions{Origin: url, Fname: "a", Extract: true, ArchiveFormat: "zip"}},
		`"a.txt": expected fewer bytes in the archive`:       {o: GetFileOptions{Origin: url, Fname: "a", Extract: true, MaxExtracted: 9}},
		`not a directory`:                                    {dir: file, o: GetFileOptions{Origin: url, Fname: "a"}},
		`unsupported protocol scheme "gopher"`:               {o: GetFileOptions{Origin: "gopher://host/a"}},
	} {
		if c.dir == "" {
			c.dir = t.TempDir()
		}
		_, err := Cache{Dir: c.dir}.GetFile(t.Context(), c.o)
		require.ErrorContains(t, err, "datasets: GetFile: ")
		require.ErrorContains(t, err, says)
	}
}

func TestGetFileShowsKerasBar(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("x"), 200000)
	url, _ := serve(t, content)
	var shown bytes.Buffer
	c := Cache{Dir: t.TempDir(), Progress: &shown}
	_, err := c.GetFile(t.Context(), GetFileOptions{Origin: url + "/a.txt"})
	require.NoError(t, err)
	assert.True(t, bytes.HasPrefix(shown.Bytes(), []byte("Downloading data from "+url+"/a.txt\n")))
	assert.Contains(t, shown.String(), "━━━━━━━━━━━━━━━━━━━━")
	shown.Reset()
	_, err = c.GetFile(t.Context(), GetFileOptions{Origin: url + "/a.txt"})
	require.NoError(t, err)
	assert.Empty(t, shown.String())

	c.Progress = brokenWriter{}
	_, err = c.GetFile(t.Context(), GetFileOptions{Origin: url + "/b.txt"})
	require.ErrorIs(t, err, errBroken)
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestCacheDirectories(t *testing.T) {
	t.Parallel()
	abs := t.TempDir()
	for _, c := range []struct{ dir, subdir, want string }{
		{abs, "", filepath.Join(abs, "datasets")},
		{abs, ".", abs},
		{"x", "a/b", filepath.Join("x", "a", "b")},
		{"x", abs, abs},
	} {
		got, err := Cache{Dir: c.dir}.parent(c.subdir)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
	user, err := os.UserCacheDir()
	require.NoError(t, err)
	got, err := Cache{}.parent("")
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(user, "gokeras", "datasets"), got)
}

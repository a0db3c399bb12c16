package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// content is what the servers have: no two places look alike.
var content = func() []byte {
	var b bytes.Buffer
	for i := range 40000 {
		fmt.Fprintf(&b, "%d,", i)
	}
	return b.Bytes()
}()

func digestOf(b []byte) Digest {
	sum := sha256.Sum256(b)
	return Digest{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}
}

// A server has content and misbehaves.
type server struct {
	cut      int    // breaks off after so many bytes of an answer, if there are more; 0: never
	deaf     bool   // ignores Range
	etag     string // "": none
	modified string
	status   int // answers with nothing else

	content func() []byte // nil: the package's

	mu     sync.Mutex
	ranges []string // of the requests
	ifs    []string // their If-Range
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.ranges, s.ifs = append(s.ranges, r.Header.Get("Range")), append(s.ifs, r.Header.Get("If-Range"))
	s.mu.Unlock()
	if s.status != 0 {
		w.WriteHeader(s.status)
		return
	}
	body, from := content, 0
	if s.content != nil {
		body = s.content()
	}
	if s.etag != "" {
		w.Header().Set("ETag", s.etag)
	}
	if s.modified != "" {
		w.Header().Set("Last-Modified", s.modified)
	}
	asked, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes=")
	if condition := r.Header.Get("If-Range"); ok && !s.deaf && (condition == "" || condition == s.etag || condition == s.modified) {
		from, _ = strconv.Atoi(strings.TrimSuffix(asked, "-"))
		if from >= len(body) {
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(body)-1, len(body)))
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)-from))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	rest := body[from:]
	if s.cut > 0 && s.cut < len(rest) {
		_, _ = w.Write(rest[:s.cut])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(rest)
}

// start returns a request for the server's file to a new directory.
func start(t *testing.T, s http.Handler) Request {
	t.Helper()
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return Request{URL: h.URL + "/file", Path: filepath.Join(t.TempDir(), "sub", "file")}
}

func (r Request) requireContent(t *testing.T) {
	t.Helper()
	got, err := os.ReadFile(r.Path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(content, got), "%d bytes", len(got))
	require.Equal(t, []string{"file"}, r.left(t))
}

// left are the files in the directory.
func (r Request) left(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(r.Path))
	require.NoError(t, err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server *server
		named  bool // the server names its version, so that it can go on without a digest
	}{
		"plain":                      {&server{}, true},
		"cut, strong tag":            {&server{cut: 100000, etag: `"v1"`}, true},
		"cut, date":                  {&server{cut: 100000, modified: "Mon, 01 Jan 2024 00:00:00 GMT"}, true},
		"cut, weak tag":              {&server{cut: 100000, etag: `W/"v1"`}, false},
		"cut, nothing to compare by": {&server{cut: 100000}, false},
	} {
		for _, digest := range []Digest{{}, digestOf(content)} {
			s := &server{cut: c.server.cut, etag: c.server.etag, modified: c.server.modified}
			r := start(t, s)
			r.Digest = digest
			err := Client{}.File(t.Context(), r)
			if !c.named && digest == (Digest{}) {
				require.ErrorContains(t, err, "unexpected EOF", name)
				assert.Len(t, s.ranges, 1)
				continue
			}
			require.NoError(t, err, name)
			r.requireContent(t)
			require.Empty(t, s.ranges[0], name)
			for i, asked := range s.ranges[1:] {
				assert.Equal(t, fmt.Sprintf("bytes=%d-", (i+1)*s.cut), asked, name)
			}
			if s.cut > 0 {
				assert.Len(t, s.ranges, (len(content)+s.cut-1)/s.cut, name)
			}
		}
	}
}

func TestFileOfADeafServer(t *testing.T) {
	t.Parallel()
	// It always begins anew, so it has to be let finish once.
	s := &server{deaf: true, cut: 100000, etag: `"v1"`}
	r := start(t, s)
	err := Client{}.File(t.Context(), r)
	require.ErrorContains(t, err, "unexpected EOF")
	s.cut = 0
	require.NoError(t, Client{}.File(t.Context(), r))
	r.requireContent(t)
}

func TestFileGoesOnInTheNextCall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		etag   string
		digest Digest
		says   string
		want   string // what is asked for next
	}{
		"tag":    {etag: `"v1"`, says: "no more", want: "bytes=100000-"},
		"digest": {digest: digestOf(content), says: "no more", want: "bytes=100000-"},
		"none":   {says: "unexpected EOF"}, // It might be another version, and no one would notice.
	} {
		s := &server{cut: 100000, etag: c.etag}
		failing := &http.Client{Transport: &once{}}
		r := start(t, s)
		r.Digest = c.digest
		require.ErrorContains(t, Client{HTTP: failing}.File(t.Context(), r), c.says, name)
		assert.Equal(t, []string{"file.part", "file.part.origin"}, r.left(t), name)
		s.cut = 0
		require.NoError(t, Client{}.File(t.Context(), r), name)
		r.requireContent(t)
		assert.Equal(t, []string{"", c.want}, s.ranges, name)
		assert.Equal(t, []string{"", c.etag}, s.ifs, name)
	}
}

// once lets one request through.
type once struct{ done bool }

func (o *once) RoundTrip(r *http.Request) (*http.Response, error) {
	if o.done {
		return nil, errors.New("no more")
	}
	o.done = true
	return http.DefaultTransport.RoundTrip(r)
}

func TestFileOfAnotherVersion(t *testing.T) {
	t.Parallel()
	old := bytes.Repeat([]byte("old"), 100000)
	for name, c := range map[string]struct {
		etag   string // of the old version; the new one's is "v2"
		digest Digest
		url    string // of the old version; "": the same
	}{
		"told by the tag":    {etag: `"v1"`},
		"told by the digest": {digest: digestOf(content)},
		"of another address": {etag: `"v2"`, url: "/other"},
	} {
		s := &server{cut: 100000, etag: c.etag, content: func() []byte { return old }}
		r := start(t, s)
		r.Digest = c.digest
		before := r
		before.URL += c.url
		require.Error(t, Client{HTTP: &http.Client{Transport: &once{}}}.File(t.Context(), before), name)
		s.content, s.cut = nil, 0
		if c.etag != "" {
			s.etag = `"v2"`
		}
		require.NoError(t, Client{}.File(t.Context(), r), name)
		r.requireContent(t)
	}
}

func TestFileIsCompleteAlready(t *testing.T) {
	t.Parallel()
	for name, part := range map[string][]byte{"whole": content, "too much": append([]byte("x"), content...)} {
		s := &server{}
		r := start(t, s)
		r.Digest = digestOf(content)
		require.NoError(t, os.MkdirAll(filepath.Dir(r.Path), 0o700))
		require.NoError(t, os.WriteFile(r.Path+partSuffix, part, 0o600))
		require.NoError(t, os.WriteFile(r.Path+originSuffix, []byte(r.URL+"\n"), 0o600))
		require.NoError(t, Client{}.File(t.Context(), r), name)
		r.requireContent(t)
	}
}

func TestFileWithWrongRange(t *testing.T) {
	t.Parallel()
	requests := 0
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		if r.Header.Get("Range") == "" {
			_, _ = w.Write(content)
			return
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 7-%d/%d", len(content)-1, len(content)))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(content[7:])
	}))
	r.Digest = digestOf(content)
	require.NoError(t, os.MkdirAll(filepath.Dir(r.Path), 0o700))
	require.NoError(t, os.WriteFile(r.Path+partSuffix, content[:5], 0o600))
	require.NoError(t, os.WriteFile(r.Path+originSuffix, []byte(r.URL+"\n"), 0o600))
	require.NoError(t, Client{}.File(t.Context(), r))
	r.requireContent(t)
	assert.Equal(t, 2, requests)
}

func TestFileWithWrongDigest(t *testing.T) {
	t.Parallel()
	s := &server{}
	r := start(t, s)
	r.Digest = digestOf([]byte("other"))
	err := Client{}.File(t.Context(), r)
	require.ErrorContains(t, err, r.URL+": expected "+r.Digest.String()+", got "+digestOf(content).Hex)
	assert.Empty(t, r.left(t))
	assert.Len(t, s.ranges, 1)

	// What is there with the wrong digest stays until there is a better one.
	require.NoError(t, os.WriteFile(r.Path, []byte("mine"), 0o600))
	require.Error(t, Client{}.File(t.Context(), r))
	assert.Equal(t, []string{"file"}, r.left(t))
	got, err := os.ReadFile(r.Path)
	require.NoError(t, err)
	assert.Equal(t, "mine", string(got))
}

func TestFileWithoutAnswer(t *testing.T) {
	t.Parallel()
	for status, says := range map[int]string{
		http.StatusNotFound:                     `expected status 200, got "404 Not Found"`,
		http.StatusInternalServerError:          `got "500 Internal Server Error"`,
		http.StatusPartialContent:               `expected the whole file, got status "206 Partial Content"`,
		http.StatusRequestedRangeNotSatisfiable: `expected the whole file, got status "416`,
		http.StatusNoContent:                    `got "204 No Content"`,
	} {
		r := start(t, &server{status: status})
		err := Client{}.File(t.Context(), r)
		require.ErrorContains(t, err, r.URL)
		require.ErrorContains(t, err, says)
		assert.Equal(t, []string{"file.part"}, r.left(t))
	}
	h := httptest.NewServer(&server{})
	h.Close()
	r := Request{URL: h.URL, Path: filepath.Join(t.TempDir(), "file")}
	require.ErrorContains(t, Client{}.File(t.Context(), r), "connection refused")
}

func TestFileIsRedirected(t *testing.T) {
	t.Parallel()
	s := &server{cut: 150000, etag: `"v1"`}
	target := start(t, s)
	r := start(t, http.RedirectHandler(target.URL, http.StatusFound))
	require.NoError(t, Client{}.File(t.Context(), r))
	r.requireContent(t)
	assert.Equal(t, []string{"", "bytes=150000-"}, s.ranges, "the headers go along")

	loop := start(t, http.RedirectHandler("/file", http.StatusFound))
	require.ErrorContains(t, Client{}.File(t.Context(), loop), "stopped after 10 redirects")
}

func TestFileOfTooMany(t *testing.T) {
	t.Parallel()
	r := start(t, &server{})
	r.Most = int64(len(content))
	require.NoError(t, Client{}.File(t.Context(), r))
	r.requireContent(t)

	r.Force, r.Most = true, r.Most-1
	require.ErrorContains(t, Client{}.File(t.Context(), r), fmt.Sprintf("expected at most %d bytes, got %d", r.Most, len(content)))
	r.requireContent(t)

	endless := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write(content)
		}
	}))
	endless.Most = 1 << 20
	require.ErrorContains(t, Client{}.File(t.Context(), endless), "expected at most 1048576 bytes, got more")
	assert.Empty(t, endless.left(t))
}

func TestFileIsCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(content)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	client := Client{Progress: func(done, total int64) error {
		assert.Zero(t, total)
		if done == int64(len(content)) {
			cancel()
		}
		return nil
	}}
	require.ErrorIs(t, client.File(ctx, r), context.Canceled)
	assert.Equal(t, []string{"file.part", "file.part.origin"}, r.left(t))

	require.ErrorIs(t, Client{}.File(ctx, start(t, &server{})), context.Canceled)
	require.NoError(t, os.WriteFile(r.Path, content, 0o600))
	r.Digest = digestOf(content)
	require.ErrorIs(t, client.File(ctx, r), context.Canceled, "also while a file is checked")
}

func TestFileHasNoPlace(t *testing.T) {
	t.Parallel()
	r := start(t, &server{})
	require.NoError(t, os.MkdirAll(r.Path, 0o700))
	require.ErrorContains(t, Client{}.File(t.Context(), r), r.Path+": expected a file, got d")

	r = start(t, &server{})
	require.NoError(t, os.MkdirAll(r.Path+partSuffix, 0o700))
	require.ErrorContains(t, Client{}.File(t.Context(), r), "is a directory")

	r = start(t, &server{})
	require.NoError(t, os.WriteFile(filepath.Dir(r.Path), nil, 0o600))
	require.ErrorContains(t, Client{}.File(t.Context(), r), "not a directory")
}

func TestFileTellsProgress(t *testing.T) {
	t.Parallel()
	r := start(t, &server{cut: 100000, etag: `"v1"`})
	last := int64(0)
	client := Client{Progress: func(done, total int64) error {
		assert.Greater(t, done, last)
		assert.EqualValues(t, len(content), total)
		last = done
		return nil
	}}
	require.NoError(t, client.File(t.Context(), r))
	assert.EqualValues(t, len(content), last)

	stop := errors.New("stop")
	r = start(t, &server{})
	require.ErrorIs(t, Client{Progress: func(int64, int64) error { return stop }}.File(t.Context(), r), stop)
}

func TestFileBySeveralAtOnce(t *testing.T) {
	t.Parallel()
	s := &server{cut: 50000, etag: `"v1"`}
	r := start(t, s)
	r.Digest = digestOf(content)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { assert.NoError(t, Client{}.File(t.Context(), r)) })
	}
	all.Wait()
	r.requireContent(t)
	assert.Len(t, s.ranges, (len(content)+s.cut-1)/s.cut, "downloaded once")
}

// TestMain lets the test's program be the other process of the test below.
func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == "fetch" {
		r := Request{URL: os.Args[2], Path: os.Args[3], Digest: Digest{Algorithm: "sha256", Hex: os.Args[4]}}
		if err := (Client{}).File(context.Background(), r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestFileBySeveralProcesses(t *testing.T) {
	t.Parallel()
	s := &server{cut: 50000, etag: `"v1"`}
	r := start(t, s)
	r.Digest = digestOf(content)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			out, err := exec.CommandContext(t.Context(), os.Args[0], "fetch", r.URL, r.Path, r.Digest.Hex).CombinedOutput()
			assert.NoError(t, err, "%s", out)
		})
	}
	all.Wait()
	r.requireContent(t)
	assert.Len(t, s.ranges, (len(content)+s.cut-1)/s.cut, "downloaded once")
}

func TestLockIsWaitedFor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	held := make(chan struct{})
	release := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		assert.NoError(t, withLock(t.Context(), path, func() error {
			close(held)
			<-release
			return nil
		}))
	})
	<-held
	ctx, cancel := context.WithTimeout(t.Context(), 3*poll)
	defer cancel()
	require.ErrorIs(t, withLock(ctx, path, func() error { return errors.New("entered") }), context.DeadlineExceeded)
	close(release)
	all.Wait()
	failed := errors.New("failed")
	require.ErrorIs(t, withLock(t.Context(), path, func() error { return failed }), failed)
	assert.NoFileExists(t, path)
	assert.Less(t, poll, time.Second)
}

func TestDigest(t *testing.T) {
	t.Parallel()
	const md5 = "900150983cd24fb0d6963f7d28e17f72" // of "abc", RFC 1321
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte("abc"), 0o600))
	for _, c := range []struct{ algorithm, digits string }{
		{"", md5},
		{"auto", strings.ToUpper(md5)},
		{"md5", md5},
		{"auto", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}, // FIPS 180
		{"sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"sha256", ""},
	} {
		d, err := NewDigest(c.algorithm, c.digits)
		require.NoError(t, err)
		require.NoError(t, d.check(t.Context(), path))
	}
	d, err := NewDigest("", strings.Repeat("0", 32))
	require.NoError(t, err)
	err = d.check(t.Context(), path)
	require.ErrorContains(t, err, "expected md5 00000000000000000000000000000000, got "+md5)
	assert.True(t, isWrong(err))
	require.ErrorIs(t, d.check(t.Context(), path+"x"), os.ErrNotExist)
	_, err = io.ReadAll(reader{t.Context(), strings.NewReader("x")})
	require.NoError(t, err)
}

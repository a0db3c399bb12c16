package fetch

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An entry of a tar archive.
type entry struct {
	name, content, link string
	kind                byte
}

func tarred(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if e.kind == 0 {
			e.kind = tar.TypeReg
		}
		require.NoError(t, w.WriteHeader(&tar.Header{Name: e.name, Linkname: e.link, Typeflag: e.kind, Mode: 0o777, Size: int64(len(e.content))}))
		_, err := w.Write([]byte(e.content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func gzipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(b)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func zipped(t *testing.T, mode os.FileMode, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if len(e.content) < 10 {
			h.Method = zip.Store
		}
		if mode != 0 {
			h.SetMode(mode)
		}
		f, err := w.CreateHeader(h)
		require.NoError(t, err)
		_, err = f.Write([]byte(e.content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// bzipped is "a/b.txt" with "bz\n" as tar and bzip2 write it.
var bzipped = []byte{
	0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0xb9, 0x01, 0x1d, 0x0d, 0x00, 0x00, 0x6e, 0x7b, 0x80, 0xc9,
	0x90, 0x00, 0x00, 0xc0, 0x01, 0xed, 0x80, 0x00, 0x20, 0x70, 0x00, 0x1e, 0x50, 0x08, 0x08, 0x20, 0x00, 0x54, 0x34, 0xa6,
	0x9a, 0x62, 0x64, 0xc9, 0x8d, 0x4f, 0x41, 0xa8, 0x24, 0x92, 0x3d, 0x4d, 0x03, 0x4d, 0x01, 0xea, 0x07, 0xd1, 0x91, 0x24,
	0x20, 0x9d, 0xa8, 0x42, 0x2c, 0xea, 0xb3, 0x2b, 0x8b, 0xdc, 0x81, 0x0c, 0x1e, 0xc8, 0x88, 0xab, 0xe0, 0xc8, 0x76, 0x10,
	0x46, 0x10, 0x62, 0x57, 0xaf, 0x91, 0xce, 0xe0, 0x19, 0xa2, 0xcf, 0x6a, 0xbb, 0x58, 0x1c, 0x88, 0x88, 0x0f, 0xc5, 0xdc,
	0x91, 0x4e, 0x14, 0x24, 0x2e, 0x40, 0x47, 0x43, 0x40,
}

// extract puts the archive into a directory of its own, beside which nothing may be left.
func extract(t *testing.T, archive []byte, a Archive) (dir string, err error) {
	t.Helper()
	parent := t.TempDir()
	a.Path, dir = filepath.Join(parent, "archive"), filepath.Join(parent, "out")
	require.NoError(t, os.WriteFile(a.Path, archive, 0o600))
	if a.Most == 0 {
		a.Most = 1000
	}
	if a.Formats == nil {
		a.Formats = []string{Tar, Zip}
	}
	err = a.Extract(t.Context(), dir)
	want := []string{"archive"}
	if err == nil {
		want = append(want, "out")
	}
	entries, rerr := os.ReadDir(parent)
	require.NoError(t, rerr)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	require.Equal(t, want, names)
	return dir, err
}

func TestExtract(t *testing.T) {
	t.Parallel()
	entries := []entry{{name: "./a/b/c.txt", content: "deep"}, {name: "top.txt", content: "top"}, {name: "a/b/c.txt", content: "again"}, {name: "empty"}}
	packed := tarred(t, append(entries, entry{name: "dir/", kind: tar.TypeDir})...)
	for name, archive := range map[string][]byte{"tar": packed, "tar.gz": gzipped(t, packed), "zip": zipped(t, 0, append(entries, entry{name: "dir/"})...)} {
		dir, err := extract(t, archive, Archive{})
		require.NoError(t, err, name)
		for path, want := range map[string]string{"a/b/c.txt": "again", "top.txt": "top", "empty": ""} {
			got, err := os.ReadFile(filepath.Join(dir, path))
			require.NoError(t, err, name)
			assert.Equal(t, want, string(got), name)
			info, err := os.Stat(filepath.Join(dir, path))
			require.NoError(t, err)
			assert.Zero(t, info.Mode()&0o133, "nothing is executable, nor written to by others")
		}
		assert.DirExists(t, filepath.Join(dir, "dir"), name)
	}
	dir, err := extract(t, bzipped, Archive{})
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(dir, "a/b.txt"))
	require.NoError(t, err)
	assert.Equal(t, "bz\n", string(got))
}

func TestExtractRefuses(t *testing.T) {
	t.Parallel()
	good := entry{name: "good.txt", content: "good"}
	bomb := bytes.Repeat([]byte{0}, 1<<20)
	for says, archive := range map[string][]byte{
		`"../evil": expected a path below`:                     tarred(t, good, entry{name: "../evil", content: "x"}),
		`"a/../../evil": expected a path below`:                tarred(t, good, entry{name: "a/../../evil", content: "x"}),
		`"/tmp/evil": expected a path below`:                   tarred(t, good, entry{name: "/tmp/evil", content: "x"}),
		`"../dir/": expected a path below`:                     tarred(t, good, entry{name: "../dir/", kind: tar.TypeDir}),
		`"link": expected a file or a directory, got type '2'`: tarred(t, entry{name: "link", link: "/etc/passwd", kind: tar.TypeSymlink}),
		`"hard": expected a file or a directory, got type '1'`: tarred(t, entry{name: "hard", link: "/etc/passwd", kind: tar.TypeLink}),
		`"pipe": expected a file or a directory, got type '6'`: tarred(t, entry{name: "pipe", kind: tar.TypeFifo}),
		`"big": expected fewer bytes in the archive`:           gzipped(t, tarred(t, good, entry{name: "big", content: string(bomb)})),
		`"b": expected fewer bytes in the archive`:             zipped(t, 0, entry{name: "a", content: string(bomb[:600])}, entry{name: "b", content: string(bomb[:600])}),
		`"../z": expected a path below`:                        zipped(t, 0, entry{name: "../z"}),
		`"sym": expected a file or a directory, got mode L`:    zipped(t, 0o777|os.ModeSymlink, entry{name: "sym", content: "/etc"}),
		`zip: checksum error`:                                  bytes.Replace(zipped(t, 0, good), []byte("goodPK"), []byte("bookPK"), 1),
		`tar: entry 1: "x": unexpected EOF`:                    tarred(t, good, entry{name: "x", content: string(bomb[:900])})[:2000],
		`tar: entry 1: mkdirat good.txt`:                       tarred(t, good, entry{name: "good.txt/below", content: "x"}),
		`got something else`:                                   []byte("neither"),
		`gzip: `:                                               {0x1f, 0x8b, 0, 0},
	} {
		_, err := extract(t, archive, Archive{})
		require.ErrorContains(t, err, says, "%q", archive[:min(len(archive), 200)])
	}
	for _, archive := range [][]byte{nil, tarred(t), gzipped(t, nil)} {
		_, err := extract(t, archive, Archive{})
		require.ErrorContains(t, err, "got something else")
	}
	_, err := extract(t, tarred(t, good), Archive{Formats: []string{Zip}})
	require.ErrorContains(t, err, `expected an archive of format ["zip"]`)
}

func TestExtractIsCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(t.TempDir(), "archive")
	require.NoError(t, os.WriteFile(path, tarred(t, entry{name: "a", content: "b"}), 0o600))
	a := Archive{Path: path, Formats: []string{Tar}, Most: 10}
	require.ErrorIs(t, a.Extract(ctx, path+"-out"), context.Canceled)
	assert.NoDirExists(t, path+"-out")
}

func TestExtractToAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "archive")
	require.NoError(t, os.WriteFile(path, tarred(t, entry{name: "a", content: "b"}), 0o600))
	a := Archive{Path: path, Formats: []string{Tar}, Most: 10}
	require.ErrorContains(t, a.Extract(t.Context(), path), path+": expected a directory, got -rw")
	a.Path += "x"
	require.ErrorIs(t, a.Extract(t.Context(), path+"-out"), os.ErrNotExist)
}

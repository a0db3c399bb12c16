package fetch

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/pkg/errors"
)

// Formats of archives.
const (
	Tar = "tar" // also compressed by gzip or bzip2
	Zip = "zip"
)

// maxEntries bounds the files and directories of an archive; the largest sets of images have some millions.
const maxEntries = 1 << 23

// An Archive is a file that holds files.
type Archive struct {
	Path    string
	Formats []string // Tar or Zip, in the order in which they are tried
	Most    int64    // bytes that may come out of it
}

// Extract puts what the archive holds into a directory, which replaces the one of that name once it is complete; a directory that is not older than the
// archive is left as it is. An entry that points out of the directory, is a link or a device, or exceeds the bound is an error, after which nothing is left.
func (a Archive) Extract(ctx context.Context, dir string) error {
	return withLock(ctx, dir+lockSuffix, func() error {
		archive, err := os.Stat(a.Path)
		if err != nil {
			return errors.WithStack(err)
		}
		extracted, err := os.Stat(dir)
		switch {
		case os.IsNotExist(err):
			return a.replace(ctx, dir)
		case err != nil:
			return errors.WithStack(err)
		case !extracted.IsDir():
			return errors.Errorf("%s: expected a directory, got %v", dir, extracted.Mode())
		case extracted.ModTime().Before(archive.ModTime()):
			return a.replace(ctx, dir)
		}
		return nil
	})
}

// replace extracts the archive beside the directory and puts it in its place.
func (a Archive) replace(ctx context.Context, dir string) (err error) {
	temporary, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".extract-*")
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() {
		if rerr := os.RemoveAll(temporary); err == nil {
			err = errors.WithStack(rerr)
		}
	}()
	complete, old := filepath.Join(temporary, "new"), filepath.Join(temporary, "old")
	if err := os.Mkdir(complete, 0o755); err != nil {
		return errors.WithStack(err)
	}
	if err := a.into(ctx, complete); err != nil {
		return errors.WithMessage(err, a.Path)
	}
	if err := os.Rename(dir, old); err != nil && !os.IsNotExist(err) {
		return errors.WithStack(err)
	}
	if err := os.Rename(complete, dir); err != nil {
		if rerr := os.Rename(old, dir); rerr != nil && !os.IsNotExist(rerr) {
			err = errors.WithMessage(err, rerr.Error())
		}
		return errors.WithStack(err)
	}
	return nil
}

// into tries the formats.
func (a Archive) into(ctx context.Context, dir string) (err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() {
		if cerr := root.Close(); err == nil {
			err = errors.WithStack(cerr)
		}
	}()
	o := &output{ctx: ctx, root: root, left: a.Most}
	for _, format := range a.Formats {
		extract := a.tar
		if format == Zip {
			extract = a.zip
		}
		known, err := extract(o)
		if known || err != nil {
			return err
		}
	}
	return errors.Errorf("expected an archive of format %q, got something else", a.Formats)
}

// tar extracts the archive if it is one of tar's.
func (a Archive) tar(o *output) (known bool, err error) {
	f, err := os.Open(a.Path)
	if err != nil {
		return false, errors.WithStack(err)
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = errors.WithStack(cerr)
		}
	}()
	plain, err := uncompressed(reader{o.ctx, f})
	if err != nil {
		return false, err
	}
	t := tar.NewReader(plain)
	for entry := 0; ; entry++ {
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF):
			return entry > 0, nil
		case err != nil && entry == 0 && o.ctx.Err() == nil:
			return false, nil // Not an archive of this kind.
		case err != nil:
			return true, errors.Wrapf(err, "tar: entry %d", entry)
		}
		if err := o.tarEntry(h, t); err != nil {
			return true, errors.WithMessagef(err, "tar: entry %d", entry)
		}
	}
}

// uncompressed looks through what a tar archive may be compressed by.
func uncompressed(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	head, err := b.Peek(3)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, errors.WithStack(err)
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(b)
		return z, errors.Wrap(err, "gzip")
	case bytes.Equal(head, []byte("BZh")):
		return bzip2.NewReader(b), nil
	}
	return b, nil
}

// zip extracts the archive if it is one of zip's.
func (a Archive) zip(o *output) (known bool, err error) {
	z, err := zip.OpenReader(a.Path)
	if errors.Is(err, zip.ErrFormat) {
		return false, nil
	}
	if err != nil {
		return false, errors.Wrap(err, "zip")
	}
	defer func() {
		if cerr := z.Close(); err == nil {
			err = errors.WithStack(cerr)
		}
	}()
	for i, f := range z.File {
		if err := o.zipEntry(f); err != nil {
			return true, errors.WithMessagef(err, "zip: entry %d", i)
		}
	}
	return true, nil
}

// An output is the directory that an archive is extracted to.
type output struct {
	ctx     context.Context
	root    *os.Root
	left    int64 // bytes that may still come
	entries int
}

func (o *output) tarEntry(h *tar.Header, r io.Reader) error {
	switch h.Typeflag {
	case tar.TypeReg:
		return o.file(h.Name, r)
	case tar.TypeDir:
		return o.directory(h.Name)
	case tar.TypeXGlobalHeader:
		return nil // Says nothing of files.
	}
	return errors.Errorf("%q: expected a file or a directory, got type %q to %q, which is not extracted", h.Name, h.Typeflag, h.Linkname)
}

func (o *output) zipEntry(f *zip.File) (err error) {
	mode := f.Mode()
	if mode.IsDir() {
		return o.directory(f.Name)
	}
	if !mode.IsRegular() {
		return errors.Errorf("%q: expected a file or a directory, got mode %v, which is not extracted", f.Name, mode)
	}
	r, err := f.Open()
	if err != nil {
		return errors.Wrapf(err, "%q", f.Name)
	}
	defer func() {
		if cerr := r.Close(); err == nil {
			err = errors.WithStack(cerr)
		}
	}()
	return o.file(f.Name, r)
}

// place returns an entry's path below the root.
func (o *output) place(name string) (string, error) {
	o.entries++
	if o.entries > maxEntries {
		return "", errors.Errorf("expected at most %d entries, got more", maxEntries)
	}
	local := filepath.FromSlash(path.Clean(name))
	if name == "" || !filepath.IsLocal(local) {
		return "", errors.Errorf("%q: expected a path below the archive's root", name)
	}
	return local, nil
}

func (o *output) directory(name string) error {
	local, err := o.place(name)
	if err != nil {
		return err
	}
	return errors.WithStack(o.root.MkdirAll(local, 0o755))
}

func (o *output) file(name string, r io.Reader) (err error) {
	local, err := o.place(name)
	if err != nil {
		return err
	}
	if err := o.root.MkdirAll(filepath.Dir(local), 0o755); err != nil {
		return errors.WithStack(err)
	}
	f, err := o.root.OpenFile(local, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = errors.WithStack(cerr)
		}
	}()
	n, err := io.Copy(f, io.LimitReader(reader{o.ctx, r}, o.left+1))
	if err != nil {
		return errors.Wrapf(err, "%q", name)
	}
	o.left -= n
	if o.left < 0 {
		return errors.Errorf("%q: expected fewer bytes in the archive: the bound is reached", name)
	}
	return nil
}

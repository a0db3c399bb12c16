package fetch

import (
	"context"
	"net/http"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// A Request says which file is to lie where.
type Request struct {
	URL    string
	Path   string
	Digest Digest
	Most   int64 // bytes; 0: any number
	Force  bool  // download it even if it is there
}

// A Client downloads.
type Client struct {
	HTTP *http.Client // nil: http.DefaultClient

	// Progress is told, from one goroutine, how many bytes are there of how many; total is 0 where the server does not say. Nil: nobody is.
	Progress func(done, total int64) error
}

// Beside a file's path lie, while it is on its way: what has come so far, what it is the beginning of, and the lock.
const (
	partSuffix   = ".part"
	originSuffix = ".part.origin"
	lockSuffix   = ".lock"
)

// File brings the file to its path. A file that is there and has the digest is left alone; one with another digest is replaced once the right one is there.
// What has come before a failure is kept for the next call, except for a file whose digest is wrong, which is removed. Of several calls at once, in
// any number of processes, one downloads.
func (c Client) File(ctx context.Context, r Request) error {
	if !r.Force {
		if there, err := r.isThere(ctx); there || err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(r.Path), 0o755); err != nil {
		return errors.WithStack(err)
	}
	return withLock(ctx, r.Path+lockSuffix, func() error {
		if !r.Force {
			// Another one may have brought it meanwhile.
			if there, err := r.isThere(ctx); there || err != nil {
				return err
			}
		}
		return c.download(ctx, r)
	})
}

// isThere reports whether the file lies at its path.
func (r Request) isThere(ctx context.Context) (bool, error) {
	info, err := os.Stat(r.Path)
	if os.IsNotExist(err) {
		return false, nil
	}
	if err != nil {
		return false, errors.WithStack(err)
	}
	if !info.Mode().IsRegular() {
		return false, errors.Errorf("%s: expected a file, got %v", r.Path, info.Mode())
	}
	err = r.Digest.check(ctx, r.Path)
	if isWrong(err) {
		return false, nil
	}
	return err == nil, err
}

// download brings the file while no one else does. What came in an earlier call is given up where it leads to the wrong file.
func (c Client) download(ctx context.Context, r Request) error {
	resumed, err := c.try(ctx, r)
	if !isWrong(err) {
		return err
	}
	if err := r.discard(err); !resumed {
		return err
	}
	if _, err = c.try(ctx, r); isWrong(err) {
		return r.discard(err)
	}
	return err
}

// try downloads, checks and moves the file to its place. It reports whether it built on what was there.
func (c Client) try(ctx context.Context, r Request) (resumed bool, err error) {
	p, err := openPart(r)
	if err != nil {
		return false, err
	}
	resumed = p.size > 0
	err = c.complete(ctx, r, p)
	if err == nil {
		err = errors.WithStack(p.file.Sync())
	}
	if cerr := p.file.Close(); err == nil {
		err = errors.WithStack(cerr)
	}
	if err == nil {
		err = errors.WithMessage(r.Digest.check(ctx, p.file.Name()), r.URL)
	}
	if err != nil {
		return resumed, err
	}
	if err := os.Rename(p.file.Name(), r.Path); err != nil {
		return resumed, errors.WithStack(err)
	}
	return resumed, errors.WithStack(removeAny(r.Path + originSuffix))
}

// discard removes what turned out to be the wrong file, and returns why.
func (r Request) discard(why error) error {
	for _, suffix := range []string{partSuffix, originSuffix} {
		if err := removeAny(r.Path + suffix); err != nil {
			return errors.WithMessage(why, err.Error())
		}
	}
	return why
}

func removeAny(path string) error {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

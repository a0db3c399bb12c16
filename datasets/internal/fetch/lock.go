package fetch

import (
	"context"
	"os"
	"time"

	"github.com/pkg/errors"
)

// poll is how often a file is looked at that another process or goroutine has locked.
const poll = 20 * time.Millisecond

// withLock calls f while no one else does under the same path, be it in this process or another. A process that dies lets go.
func withLock(ctx context.Context, path string, f func() error) error {
	held, err := acquire(ctx, path)
	if err != nil {
		return err
	}
	err = f()
	// The file goes before the lock does, so that who waits for it sees that it is not the path's any more.
	rerr := os.Remove(path)
	cerr := held.Close()
	switch {
	case err != nil:
		return err
	case rerr != nil && !os.IsNotExist(rerr) && removable:
		return errors.WithStack(rerr)
	}
	return errors.WithStack(cerr)
}

// acquire waits for the lock of a file.
func acquire(ctx context.Context, path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		got, err := tryLock(f)
		if err == nil && got && isAt(f, path) {
			return f, nil
		}
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return nil, errors.Wrapf(err, "lock %s", path)
		}
		if got {
			continue // The one before has removed the file meanwhile.
		}
		select {
		case <-ctx.Done():
			return nil, errors.Wrapf(ctx.Err(), "lock %s", path)
		case <-time.After(poll):
		}
	}
}

// isAt reports whether the open file is the one that the path names.
func isAt(f *os.File, path string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(open, named)
}

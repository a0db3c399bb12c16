// Package wholefile writes files that are complete or not there.
package wholefile

import (
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// Replace writes a file beside its place and moves it there when it is complete, so that an old one stays whole if anything fails. Its mode stays; a new
// file may be read by all.
func Replace(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = withCleanup(err, f)
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	if err = f.Chmod(modeOf(path)); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// withCleanup removes what was written so far; the error that led here is what counts.
func withCleanup(err error, f *os.File) error {
	if cerr := f.Close(); cerr != nil && !errors.Is(cerr, os.ErrClosed) {
		err = errors.WithMessage(err, cerr.Error())
	}
	if rerr := os.Remove(f.Name()); rerr != nil {
		err = errors.WithMessage(err, rerr.Error())
	}
	return err
}

// modeOf is the mode of the file that is replaced; a new one may be read by all.
func modeOf(path string) os.FileMode {
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}

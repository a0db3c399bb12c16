package fetch

import (
	"os"

	"github.com/pkg/errors"
	"golang.org/x/sys/windows"
)

// removable says whether a locked file can be removed.
const removable = false

// tryLock locks an open file unless it is locked already.
func tryLock(f *os.File) (bool, error) {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}

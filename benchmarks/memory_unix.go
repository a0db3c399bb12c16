//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// endedPeak is what wait4 reports as the largest resident set of a process that has ended, in bytes.
func endedPeak(s *os.ProcessState) int64 {
	u, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(u.Maxrss) //nolint:unconvert // 32 bits wide on some systems
	}
	return int64(u.Maxrss) << 10 //nolint:unconvert // 32 bits wide on some systems; kilobytes elsewhere than on Darwin
}

package main

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// livePeak is the largest resident set, in bytes, of a process that still lives; 0 where the system does not tell. Linux counts the starting
// process's own memory into what wait4 reports, so that it is asked here.
func livePeak(pid int) int64 {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	peak, err := statusPeak(string(raw))
	if err != nil {
		return 0
	}
	return peak
}

// statusPeak reads the peak out of a process's status.
func statusPeak(status string) (int64, error) {
	for line := range strings.Lines(status) {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] != "VmHWM:" {
			continue
		}
		if f[2] != "kB" {
			return 0, errors.Errorf("VmHWM in %q: expected kB", f[2])
		}
		kb, err := strconv.ParseInt(f[1], 10, 64)
		return kb << 10, errors.WithStack(err)
	}
	return 0, errors.New("no line VmHWM")
}

// loadAverage is the mean number of processes that wanted to run in the last minute; 0 where the system does not tell.
func loadAverage() float64 {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return load
}

// cpuName is the processor's name, or its architecture where the system does not tell.
func cpuName() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

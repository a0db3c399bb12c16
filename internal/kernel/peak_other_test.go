//go:build !amd64

package kernel

func measurePeak(int)   {}
func peakWork(int) int  { return 0 }
func peakRate() float64 { return 0 }

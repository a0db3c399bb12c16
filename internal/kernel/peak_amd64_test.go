package kernel

import (
	"sync"
	"time"
)

// measurePeak runs n rounds of nothing but multiply-adds on the active path.
func measurePeak(n int) {
	switch activeTier() {
	case tierAVX512:
		peakZ(n)
	case tierAVX2:
		peakY(n)
	}
}

// peakWork is the number of floating-point operations of n rounds: 16 chains of 16 lanes, or 12 of 8.
func peakWork(n int) int {
	switch activeTier() {
	case tierAVX512:
		return n * 16 * 16 * 2
	case tierAVX2:
		return n * 12 * 8 * 2
	default:
		return 0
	}
}

// peakRate is the best rate of one thread in GFLOP/s on the active path; 0 where there is no loop for it.
func peakRate() float64 { return [...]float64{0, peakRateAVX2(), peakRateAVX512()}[activeTier()] }

var (
	peakRateAVX512 = sync.OnceValue(bestPeak)
	peakRateAVX2   = sync.OnceValue(bestPeak)
)

func bestPeak() (rate float64) {
	const rounds = 20_000
	for range 20 {
		start := time.Now()
		measurePeak(rounds)
		rate = max(rate, float64(peakWork(rounds))/float64(time.Since(start).Nanoseconds()))
	}
	return rate
}

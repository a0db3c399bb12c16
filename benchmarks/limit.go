package main

import (
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// speed is what the machine can do at best.
type speed struct {
	CoreFlops float64   `json:"core_flops"` // multiply-adds of one core, in floating-point operations per second
	Cores     int       `json:"cores"`
	Copies    []float64 `json:"copies"` // bytes per second that all cores read and write, for each working set asked for
	Path      string    `json:"path"`   // of the kernels
}

// memorySet is a working set that no cache holds.
const memorySet = 512 << 20

// limit measures the machine, for the working sets in args, in bytes.
func (c *child) limit(args []string) error {
	var sets []int
	for _, a := range args {
		n, err := strconv.Atoi(a)
		if err != nil {
			return errors.Wrap(err, "child limit")
		}
		sets = append(sets, n)
	}
	s := &speed{Cores: runtime.GOMAXPROCS(0), Path: string(kernel.Active()), CoreFlops: coreFlops()}
	for _, n := range sets {
		s.Copies = append(s.Copies, copySpeed(n, s.Cores))
	}
	return c.out.Encode(answer{Speed: s})
}

// coreFlops is the best rate of one core over a second of large products, whose arithmetic hides everything else.
func coreFlops() (best float64) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, n := range []int{192, 256, 384, 512} {
		a, b, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
		fillKernel(a, []int{n, n}, 0)
		fillKernel(b, []int{n, n}, 1)
		p := kernel.Product{M: n, N: n, K: n}
		for end := time.Now().Add(time.Second / 4); time.Now().Before(end); {
			begin := time.Now()
			kernel.Gemm(p, a, b, c, kernel.Epilogue[float32]{})
			best = max(best, float64(2*n*n*n)/time.Since(begin).Seconds())
		}
	}
	return best
}

// copySpeed is the best rate at which the cores copy within a working set of so many bytes, each in its own part.
func copySpeed(held, cores int) (best float64) {
	const rounds, least = 8, 16 << 20 // a round moves at least so many bytes, so that starting it counts for little
	part := max(64, held/(2*cores))
	times := 1 + least/part
	from, to := make([][]byte, cores), make([][]byte, cores)
	for i := range cores {
		from[i], to[i] = make([]byte, part), make([]byte, part)
		for k := range from[i] {
			from[i][k] = byte(k) // touched, or the zero page would be read
		}
	}
	for range rounds {
		begin := time.Now()
		var all sync.WaitGroup
		for i := range cores {
			all.Go(func() {
				for range times {
					copy(to[i], from[i])
				}
			})
		}
		all.Wait()
		best = max(best, float64(2*cores*times*part)/time.Since(begin).Seconds())
	}
	return best
}

// limitSeconds is the least time of a step: its arithmetic at the peak of all cores, and its bytes at the rate of the level that holds
// them.
func limitSeconds(w work, coreFlops float64, cores int, copied float64) float64 {
	return float64(w.Flops)/(coreFlops*float64(cores)) + float64(w.Bytes)/copied
}

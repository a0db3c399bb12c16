// Command compare times matrix products of package kernel: it reads shapes such as 32x784x64NN (rows, steps, columns, and how
// each side is stored) and prints each with the shortest time of a call in nanoseconds. compare.py holds it against others.
package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/gokeras/gokeras/internal/kernel"
)

const (
	runTime = 40 * time.Microsecond // of one run of many calls
	runs    = 300
	longest = 200 * time.Millisecond // for a shape
)

func main() {
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var m, k, n int
		var sides string
		if _, err := fmt.Sscanf(in.Text(), "%dx%dx%d%2s", &m, &k, &n, &sides); err != nil {
			fmt.Fprintf(os.Stderr, "compare: %q: expected a shape such as 32x784x64NN: %v\n", in.Text(), err)
			os.Exit(1)
		}
		p := kernel.Product{M: m, N: n, K: k, TransA: sides[0] == 'T', TransB: sides[1] == 'T'}
		fmt.Println(in.Text(), shortest(p))
	}
}

// shortest returns the shortest mean time of a call in a run, in nanoseconds.
func shortest(p kernel.Product) float64 {
	r := rand.New(rand.NewPCG(1, 1))
	a, b, c := numbers(r, p.M*p.K), numbers(r, p.K*p.N), make([]float32, p.M*p.N)
	calls := 1
	best, begin := 0.0, time.Now()
	for i := 0; i < runs && time.Since(begin) < longest; i++ {
		start := time.Now()
		for range calls {
			kernel.Gemm(p, a, b, c, kernel.Epilogue[float32]{})
		}
		spent := time.Since(start)
		if t := float64(spent.Nanoseconds()) / float64(calls); best == 0 || t < best {
			best = t
		}
		if spent < runTime/2 {
			calls *= 2
		}
	}
	return best
}

func numbers(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = r.Float32() - 0.5
	}
	return x
}

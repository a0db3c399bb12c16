// Command elementwise writes the vector kernels of package kernel other than products: one set for AVX-512, one for AVX2.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	for _, wide := range []bool{true, false} {
		flat(wide)
		grids(wide)
		rows(wide)
		recurrent(wide)
		pooling(wide)
		random(wide)
	}
	Generate()
}

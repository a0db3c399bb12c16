// Package kernel holds the loops that gokeras computes with: matrix products, convolutions, elementwise maps, reductions,
// normalization, pooling, recurrences and optimizer updates, over plain row-major slices.
//
// Element types are float32 and float64. A float32 call runs on the path chosen for the CPU when the program starts: AVX-512,
// AVX2 with FMA, or portable Go; see [Active]. A float64 call runs plain serial loops: the reference that gradients are
// checked with.
//
// The same arguments give the same bits on the same path, whatever GOMAXPROCS is and whoever else is running: work is cut into
// blocks, and partial sums are joined, by rules that look at shapes and the path only. Threads decide only who computes a block.
//
// Callers are trusted inside the module: a slice that is too short for its shape panics like any Go index, except that the
// exported functions check the lengths that assembly would otherwise run past.
package kernel

//go:generate go run -C gen/gemm . -out ../../gemm_amd64.s -stubs ../../gemm_stub_amd64.go -pkg kernel

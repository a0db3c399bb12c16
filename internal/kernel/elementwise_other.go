//go:build !amd64

package kernel

// vectorKernels holds the assembly of each path.
var vectorKernels = [...]vectors{tierPortable: {}, tierAVX2: {}, tierAVX512: {}}

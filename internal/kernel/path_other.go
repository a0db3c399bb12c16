//go:build !amd64

package kernel

func detect() tier { return tierPortable }

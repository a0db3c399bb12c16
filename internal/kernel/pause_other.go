//go:build !amd64

package kernel

// pause waits for a moment that grows with n.
func pause(n int) {
	for range 32 * n {
	}
}

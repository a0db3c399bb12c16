package kernel

// pause tells the core n times that the thread is spinning.
//
//go:noescape
func pause(n int)

package kernel

import (
	"sync/atomic"

	"github.com/pkg/errors"
)

// Path names a family of float32 kernels.
type Path string

// The paths, from the fastest to the one that every machine has.
const (
	AVX512   Path = "avx512"   // AVX-512 F, BW, DQ and VL
	AVX2     Path = "avx2"     // AVX2 and FMA
	Portable Path = "portable" // Go
)

// tier is a Path as a number that grows with what the CPU must have.
type tier uint32

const (
	tierPortable tier = iota
	tierAVX2
	tierAVX512
)

var tierPaths = [...]Path{tierPortable: Portable, tierAVX2: AVX2, tierAVX512: AVX512}

// force lowers the path when the program is linked:
// -ldflags "-X github.com/gokeras/gokeras/internal/kernel.force=avx2".
var force string

// best is what the CPU can run; current is what runs now.
var (
	best    = detect()
	current = startTier(best, force)
)

// startTier is the tier that a program starts with: the best, or a lower one whose path was forced.
func startTier(best tier, force string) *atomic.Uint32 {
	t := best
	if f, ok := tierOf(Path(force)); ok && f < best {
		t = f
	}
	c := new(atomic.Uint32)
	c.Store(uint32(t))
	return c
}

func tierOf(p Path) (tier, bool) {
	for t, q := range tierPaths {
		if p == q {
			return tier(t), true
		}
	}
	return 0, false
}

// activeTier is Active as a number, for dispatch: one atomic load.
func activeTier() tier { return tier(current.Load()) }

// Active returns the path that float32 kernels run on: chosen when the program starts, from what the CPU has.
func Active() Path { return tierPaths[activeTier()] }

// Use switches to path p and returns a function that switches back. It is meant for tests: the path is one for the whole
// process. It returns an error if the CPU cannot run p or if there is no such path.
func Use(p Path) (restore func(), err error) {
	t, ok := tierOf(p)
	if !ok {
		return nil, errors.Errorf("kernel: use path %q: expected one of %q", p, tierPaths)
	}
	if t > best {
		return nil, errors.Errorf("kernel: use path %q: this CPU has nothing above %q", p, tierPaths[best])
	}
	old := current.Swap(uint32(t))
	return func() { current.Store(old) }, nil
}

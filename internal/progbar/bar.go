package progbar

import (
	"io"
	"slices"
	"time"

	"github.com/pkg/errors"
)

// An Entry is a value shown under a name, such as the mean loss since the epoch began.
type Entry struct {
	Name  string
	Value float64
}

// The settings of [Bar.Verbose].
const (
	Silent = 0 // nothing is printed
	Drawn  = 1 // an animated bar
	Lines  = 2 // one line at the end
)

const (
	defaultWidth    = 20
	defaultInterval = 50 * time.Millisecond
	defaultUnit     = "step"
)

// A Bar shows how many of a number of steps are done, how long a step takes, and values; it is keras.utils.Progbar. The steps' time leaves
// out the first step, which is seldom like the others.
//
// Fields are set before the first call and left alone after it. A Bar is for one goroutine.
type Bar struct {
	W       io.Writer
	Target  int // steps expected; 0 or less: not known
	Verbose int // 0: nothing is printed; Keras's default is 1
	Width   int // of the bar, in characters; 0: 20

	// Interval is the least time between two drawings; nil: 50 ms. The last drawing is always made.
	Interval *time.Duration

	// StatefulMetrics are shown as they come and all others as means over the steps; StatelessMetrics are shown as means and all others as they
	// come. Nil: not given; neither given: all are means. At most one may be given.
	StatefulMetrics, StatelessMetrics []string

	UnitName string // "": "step"

	// Dynamic redraws in place, with backspaces and a carriage return; otherwise every drawing is a line of its own. Keras does so on any POSIX
	// system, to a file too; elsewhere on a terminal and in notebooks.
	Dynamic bool

	Now func() time.Time // nil: time.Now

	started, firstDone, drawn bool
	start, first, last        time.Time // of the bar, of the end of step 1, of the last drawing

	seen   int
	values []value
	shown  int // characters of the last drawing, without escapes
	line   line
}

// value is what is shown under a name: sum / count.
type value struct {
	name  string
	sum   float64
	count int
	mean  bool
}

// Start sets the clock, forgets what was shown, and begins anew. The first call of another method starts a bar that was not started.
func (b *Bar) Start() {
	b.started, b.firstDone, b.drawn = true, false, false
	b.start = b.now()
	b.seen, b.shown = 0, 0
	b.values = b.values[:0]
}

// Update shows that current steps of the target are done, and values of the last of them. The bar ends when current reaches the target.
func (b *Bar) Update(current int, entries []Entry) error {
	return b.update(current, entries, b.Target > 0 && current >= b.Target)
}

// Add shows that n more steps are done.
func (b *Bar) Add(n int, entries []Entry) error {
	return b.Update(b.seen+n, entries)
}

// Finish ends the bar at current steps, whatever the target. The entries are shown as they are, not as means.
func (b *Bar) Finish(current int, entries []Entry) error {
	return b.update(current, entries, true)
}

func (b *Bar) now() time.Time {
	if b.Now == nil {
		return time.Now()
	}
	return b.Now()
}

func (b *Bar) update(current int, entries []Entry, final bool) error {
	if b.StatefulMetrics != nil && b.StatelessMetrics != nil {
		return errors.New("progbar: expected StatefulMetrics or StatelessMetrics, got both")
	}
	if !b.started {
		b.Start()
	}
	b.record(current, entries, final)
	now := b.now()
	step := b.stepSeconds(current, now)
	switch b.Verbose {
	case Drawn:
		if b.tooSoon(now) && !final {
			return nil
		}
		b.last, b.drawn = now, true
		b.draw(current, now.Sub(b.start).Seconds(), step, final)
	case Lines:
		if !final || b.Target <= 0 {
			return nil
		}
		b.summarize(current, now.Sub(b.start).Seconds(), step)
	default:
		return nil
	}
	return b.write()
}

func (b *Bar) tooSoon(now time.Time) bool {
	interval := defaultInterval
	if b.Interval != nil {
		interval = *b.Interval
	}
	return b.drawn && now.Sub(b.last) < interval
}

func (b *Bar) write() error {
	if b.W == nil {
		return errors.New("progbar: expected a writer in W, got nil")
	}
	_, err := b.W.Write(b.line.text)
	return errors.Wrap(err, "progbar: write")
}

// record takes the values of the steps since the last call, in the order in which names were first seen.
func (b *Bar) record(current int, entries []Entry, final bool) {
	steps := max(current-b.seen, 1)
	for i := range entries {
		e := &entries[i]
		v := b.find(e.Name, i)
		if final || !v.mean {
			v.sum, v.count = e.Value, 1
			continue
		}
		v.sum += float64(e.Value * float64(steps)) // rounded, so that no processor fuses it with the sum
		v.count += steps
	}
	b.seen = current
}

// find returns the value of a name, which is most often at the same place as in the call before.
func (b *Bar) find(name string, hint int) *value {
	if hint < len(b.values) && b.values[hint].name == name {
		return &b.values[hint]
	}
	for i := range b.values {
		if b.values[i].name == name {
			return &b.values[i]
		}
	}
	b.values = append(b.values, value{name: name, mean: b.isMean(name)})
	return &b.values[len(b.values)-1]
}

func (b *Bar) isMean(name string) bool {
	if b.StatelessMetrics != nil {
		return slices.Contains(b.StatelessMetrics, name)
	}
	return !slices.Contains(b.StatefulMetrics, name)
}

// stepSeconds estimates the duration of a step: over all but the first where its end is known.
func (b *Bar) stepSeconds(current int, now time.Time) float64 {
	if current == 0 {
		return 0
	}
	if b.firstDone && current > 1 {
		return now.Sub(b.first).Seconds() / float64(current-1)
	}
	if current == 1 {
		b.first, b.firstDone = now, true
	}
	return now.Sub(b.start).Seconds() / float64(current)
}

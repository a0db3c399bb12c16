package progbar

import "math"

// small is the value up to which numbers are written in scientific notation.
const small = 1e-3

// draw makes the line of verbose 1, beginning with what goes back over the line before it.
func (b *Bar) draw(current int, elapsed, step float64, final bool) {
	l := &b.line
	l.text, l.escapes = l.text[:0], 0
	if b.Dynamic {
		l.repeat("\b", b.shown)
		l.add("\r")
	} else {
		l.add("\n")
	}
	begin := len(l.text)
	b.drawSteps(current)
	l.add(" ")
	l.open(bold)
	if b.Target > 0 && !final {
		b.drawRemaining(step * float64(b.Target-current))
	} else {
		l.round(elapsed)
		l.add("s")
	}
	l.close()
	b.addStepTime(step)
	for i := range b.values {
		v := &b.values[i]
		b.addValue(v, math.Abs(v.shown()) > small)
	}
	width := l.width(begin)
	l.repeat(" ", b.shown-width) // what is left of a longer line
	if final {
		l.add("\n")
	}
	b.shown = width
}

// drawSteps makes the counter and the bar itself.
func (b *Bar) drawSteps(current int) {
	l := &b.line
	if b.Target <= 0 {
		l.padded(current, 7)
		l.add("/Unknown")
		return
	}
	l.open(bold)
	b.addCounter(current)
	l.close()
	l.add(" ")
	width := b.Width
	if width == 0 {
		width = defaultWidth
	}
	full := int(float64(width) * (float64(current) / float64(b.Target)))
	if full > 0 {
		l.open(green)
		l.repeat("━", full)
		l.close()
	}
	l.open(white)
	l.repeat("━", width-full)
	l.close()
}

// drawRemaining makes the time that is left, in seconds.
func (b *Bar) drawRemaining(eta float64) {
	l, seconds := &b.line, int(eta)
	switch {
	case eta > 3600:
		l.integer(seconds / 3600)
		l.clock(seconds % 3600 / 60)
		l.clock(seconds % 60)
	case eta > 60:
		l.integer(seconds / 60)
		l.clock(seconds % 60)
	default:
		l.integer(seconds)
		l.add("s")
	}
}

// summarize makes the line of verbose 2.
func (b *Bar) summarize(current int, elapsed, step float64) {
	l := &b.line
	l.text = l.text[:0]
	b.addCounter(current)
	l.add(" - ")
	l.round(elapsed)
	l.add("s -")
	b.addStepTime(step)
	for i := range b.values {
		v := &b.values[i]
		b.addValue(v, v.shown() > small) // unlike the bar, for which Keras compares the magnitude
	}
	l.add("\n")
}

// addCounter writes how many steps of the target are done, in a width that stays the same.
func (b *Bar) addCounter(current int) {
	b.line.padded(current, digits(b.Target))
	b.line.add("/")
	b.line.integer(b.Target)
}

func (b *Bar) addStepTime(seconds float64) {
	l := &b.line
	l.add(" ")
	switch {
	case seconds >= 1 || seconds == 0:
		l.round(seconds)
		l.add("s/")
	case seconds >= 1e-3:
		l.round(seconds * 1e3)
		l.add("ms/")
	default:
		l.round(seconds * 1e6)
		l.add("us/")
	}
	if b.UnitName == "" {
		l.add(defaultUnit)
		return
	}
	l.add(b.UnitName)
}

func (b *Bar) addValue(v *value, fixed bool) {
	l := &b.line
	l.add(" - ")
	l.add(v.name)
	l.add(": ")
	if fixed {
		l.number(v.shown(), 'f')
		return
	}
	l.number(v.shown(), 'e')
}

func (v *value) shown() float64 { return v.sum / float64(max(v.count, 1)) }

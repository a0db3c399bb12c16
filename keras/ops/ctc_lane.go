package ops

import (
	"math"
	"slices"

	"github.com/gokeras/gokeras/internal/kernel"
)

// impossible is the logarithm of the probability of what cannot happen. It is finite, as in Keras on JAX, so that labels without an
// alignment have a loss and a gradient all the same.
const impossible = -1e5

// A ctcLane computes one sequence at a time. After t steps and n labels, the last step was a blank (or there was none yet), phi[t][n],
// or emitted label n-1 of [0, n), emit[t][n-1]: the logarithms of these probabilities, over all alignments so far.
//
// Step t reaches them so: first, label n may be followed at once by the next, which joins phi[n+1]: in. Then phi gets a blank, and emit
// repeats its label or gets it from in. Between equal labels a blank has to lie, so that they join phi with it, not before.
// The shares of what is joined are kept, [time, width]: gradients go back in these shares.
type ctcLane struct {
	labels                 []int32
	steps                  int
	blank, classes         int
	width                  int
	prob, logProb, grad    []float64 // [time, classes]; the gradient of the loss is by logProb
	phi, emit              []float64 // [2, width+1] and [2, width]: before and after a step
	dPhi, dEmit            []float64 // gradients by the same
	skipped, again, stayed []float64 // the shares of emit: in in, in the next phi, and in the next emit
}

func newCTCLane(time, classes, width int) *ctcLane {
	rows := func(n, m int) []float64 { return make([]float64, n*m) }
	return &ctcLane{
		classes: classes, width: width,
		prob: rows(time, classes), logProb: rows(time, classes), grad: rows(time, classes),
		phi: rows(2, width+1), emit: rows(2, width), dPhi: rows(2, width+1), dEmit: rows(2, width),
		skipped: rows(time, width), again: rows(time, width), stayed: rows(time, width),
	}
}

// penalties are what it takes label n to go on without a blank, and with one that only a repetition needs.
func (l *ctcLane) penalties(n int) (without, with float64) {
	if n+1 < len(l.labels) && l.labels[n] == l.labels[n+1] {
		return impossible, 0
	}
	return 0, impossible
}

// two cuts memory into that of two states.
func two(x []float64, n int) (a, b []float64) { return x[:n], x[len(x)/2:][:n] }

// forward is the loss, and starts its gradients by the last state.
func (l *ctcLane) forward() float64 {
	n := len(l.labels)
	phi, nextPhi := two(l.phi, n+1)
	emit, nextEmit := two(l.emit, n)
	setAll(phi, impossible)
	setAll(emit, impossible)
	phi[0] = 0
	for t := range l.steps {
		l.advance(t, phi, emit, nextPhi, nextEmit)
		phi, nextPhi, emit, nextEmit = nextPhi, phi, nextEmit, emit
	}
	clear(l.dPhi)
	clear(l.dEmit)
	l.dPhi[n] = -1
	if n == 0 {
		return -phi[0]
	}
	sum, share := logAdd(phi[n], emit[n-1])
	l.dPhi[n], l.dEmit[n-1] = share-1, -share
	return -sum
}

// advance makes the state after step t of that before it.
func (l *ctcLane) advance(t int, phi, emit, nextPhi, nextEmit []float64) {
	p := l.logProb[t*l.classes:][:l.classes]
	skipped, again, stayed := l.shares(t)
	blank, in := p[l.blank], phi[0]
	nextPhi[0] = in + blank
	for n, label := range l.labels {
		sum, share := logAdd(in, emit[n])
		nextEmit[n], stayed[n] = sum+p[label], share
		without, with := l.penalties(n)
		in, skipped[n] = logAdd(phi[n+1], emit[n]+without)
		sum, again[n] = logAdd(in, emit[n]+with)
		nextPhi[n+1] = sum + blank
	}
}

func (l *ctcLane) shares(t int) (skipped, again, stayed []float64) {
	from, to := t*l.width, t*l.width+len(l.labels)
	return l.skipped[from:to], l.again[from:to], l.stayed[from:to]
}

// backward is the gradient of the loss by the logarithms of the probabilities, after forward.
func (l *ctcLane) backward() {
	n := len(l.labels)
	dPhi, before := two(l.dPhi, n+1)
	dEmit, beforeEmit := two(l.dEmit, n)
	clear(l.grad)
	for t := l.steps - 1; t >= 0; t-- {
		l.retreat(t, dPhi, dEmit, before, beforeEmit)
		dPhi, before, dEmit, beforeEmit = before, dPhi, beforeEmit, dEmit
	}
}

// retreat makes the gradients by the state before step t of those by the state after it.
func (l *ctcLane) retreat(t int, dPhi, dEmit, before, beforeEmit []float64) {
	grad := l.grad[t*l.classes:][:l.classes]
	skipped, again, stayed := l.shares(t)
	dIn := dPhi[0]
	grad[l.blank] += dPhi[0]
	for n, label := range l.labels {
		grad[label] += dEmit[n]
		grad[l.blank] += dPhi[n+1]
		dIn += dEmit[n] * (1 - stayed[n])
		beforeEmit[n] = dEmit[n]*stayed[n] + dPhi[n+1]*again[n]
		if n == 0 {
			before[0] = dIn
		} else {
			before[n] = dIn * (1 - skipped[n-1])
			beforeEmit[n-1] += dIn * skipped[n-1]
		}
		dIn = dPhi[n+1] * (1 - again[n])
	}
	n := len(l.labels)
	if n == 0 {
		before[0] = dIn
		return
	}
	before[n] = dIn * (1 - skipped[n-1])
	beforeEmit[n-1] += dIn * skipped[n-1]
}

// logAdd is log(exp(a)+exp(b)), and the share of exp(b) in the sum.
func logAdd(a, b float64) (sum, share float64) {
	const nothing = 40 // exp(-40) is below the last bit of 1
	d := b - a
	switch {
	case d < -nothing:
		return a, 0
	case d > nothing:
		return b, 1
	case d > 0:
		e := math.Exp(-d)
		return b + math.Log(1+e), 1 / (1 + e)
	}
	e := math.Exp(d)
	return a + math.Log(1+e), e / (1 + e)
}

// readLogits fills the probabilities of each step.
func readLogits[T kernel.Float](l *ctcLane, x []T) {
	n := l.classes
	for r := 0; r < l.steps*n; r += n {
		top := slices.Max(x[r : r+n])
		p, log := l.prob[r:r+n], l.logProb[r:r+n]
		sum := 0.0
		for i, v := range x[r : r+n] {
			log[i] = float64(v - top)
			p[i] = math.Exp(log[i])
			sum += p[i]
		}
		logSum := math.Log(sum)
		for i := range p {
			p[i] /= sum
			log[i] -= logSum
		}
	}
}

// writeGradient turns the gradient by the logarithms of the probabilities into that by the logits. Steps that do not count get 0.
func writeGradient[T kernel.Float](l *ctcLane, dx []T) {
	n := l.classes
	clear(dx[l.steps*n:])
	for r := 0; r < l.steps*n; r += n {
		sum := 0.0
		for _, v := range l.grad[r : r+n] {
			sum += v
		}
		for i := r; i < r+n; i++ {
			dx[i] = T(l.grad[i] - l.prob[i]*sum)
		}
	}
}

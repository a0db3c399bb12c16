package metrics

import (
	"math"
	"slices"

	"gorgonia.org/tensor"
)

// A histogram counts weighted labels by how many thresholds their predictions are above, so that a batch costs the same for any number of
// thresholds. From it follow true and false positives and negatives at each of them.
type histogram struct {
	batch
	thresholds []float32 // ascending
	order      []int     // where the thresholds as given are among them
	even       bool      // they are 0, 1/(n-1), ... 1
	open       bool      // even but for a first one below 0 and a last one above 1
	labels     int       // that are counted apart
	yes, no    []float64 // for each label and number of thresholds
	curve      []point   // one label's counts at each threshold
	out        []float64
	changed    []float32 // predictions
	row        []float32
}

// IgnoresMask returns true, as in Keras.
func (*histogram) IgnoresMask() bool { return true }

// A point is the weighted counts at a threshold.
type point struct{ tp, fp, tn, fn float64 }

// A count says what of a batch is counted.
type count struct {
	name         string
	topK         int  // 0: all
	class        *int // nil: all
	logits       bool
	labelWeights []float64
	apart        bool // each label counts for itself
}

// set makes the histogram for thresholds.
func (h *histogram) set(thresholds []float64, even, open bool) {
	h.order = make([]int, len(thresholds))
	sorted := make([]int, len(thresholds))
	for i := range sorted {
		sorted[i] = i
	}
	slices.SortStableFunc(sorted, func(a, b int) int {
		switch {
		case thresholds[a] < thresholds[b]:
			return -1
		case thresholds[a] > thresholds[b]:
			return 1
		}
		return 0
	})
	h.thresholds = make([]float32, len(thresholds))
	for at, i := range sorted {
		h.thresholds[at] = float32(thresholds[i])
		h.order[i] = at
	}
	h.even, h.open = even, open
	h.curve = make([]point, len(thresholds))
	h.out = make([]float64, 0, len(thresholds))
}

// Reset implements [Metric].
func (h *histogram) Reset() {
	clear(h.yes)
	clear(h.no)
}

// update counts a batch.
func (h *histogram) update(c count, yTrue, yPred, weight *tensor.Dense) error {
	if err := h.read(c.name, yTrue, yPred, weight); err != nil {
		return err
	}
	if err := h.alike(); err != nil {
		return err
	}
	if err := h.prepare(c); err != nil {
		return err
	}
	last := h.p.shape[len(h.p.shape)-1]
	class, err := h.class(c, last)
	if err != nil {
		return err
	}
	w, err := h.weigh(c)
	if err != nil {
		return err
	}
	if h.yes == nil {
		h.labels = 1
		if c.apart {
			h.labels = last
		}
		all := make([]float64, 2*h.labels*(len(h.thresholds)+1))
		h.yes, h.no = all[:len(all)/2], all[len(all)/2:]
	}
	for i, p := range h.p.x {
		if c.class != nil && i%last != class {
			continue
		}
		v := 1.0
		switch {
		case w == nil:
		case c.class != nil:
			v = float64(w[i/last])
		default:
			v = float64(w[i])
		}
		if c.labelWeights != nil && !c.apart {
			v *= c.labelWeights[i%last]
		}
		at := h.above(p)
		if c.apart {
			at += i % last * (len(h.thresholds) + 1)
		}
		if h.t.x[i] != 0 {
			h.yes[at] += v
		} else {
			h.no[at] += v
		}
	}
	return nil
}

// prepare changes a copy of the predictions where that is asked for.
func (h *histogram) prepare(c count) error {
	shape := h.p.shape
	last := shape[len(shape)-1]
	if c.apart {
		if len(shape) != 2 {
			return h.errorf("expected predictions [batch, labels], got yPred %v", shape)
		}
		if h.labels > 0 && last != h.labels {
			return h.errorf("expected predictions [batch, %d], got yPred %v", h.labels, shape)
		}
	}
	if n := len(c.labelWeights); n > 0 && (len(shape) < 2 || n != last) {
		return h.errorf("LabelWeights: expected one for each label, got %d and yPred %v", n, shape)
	}
	if c.topK < 0 || c.topK > last {
		return h.errorf("TopK: expected 1 to %d, got %d", last, c.topK)
	}
	if c.topK == 0 && !c.logits {
		return nil
	}
	h.changed = append(h.changed[:0], h.p.x...)
	h.p.x = h.changed
	if c.logits {
		for i, v := range h.p.x {
			h.p.x[i] = float32(1 / (1 + math.Exp(-float64(v))))
		}
	}
	if c.topK > 0 {
		for row := h.p.x; len(row) > 0; row = row[last:] {
			h.keepTop(row[:last], c.topK)
		}
	}
	return nil
}

// lowest is what Keras puts in place of predictions that are not among the top ones.
const lowest = -1e10

// keepTop leaves the k largest numbers of a row, of equal ones the first.
func (h *histogram) keepTop(row []float32, k int) {
	h.row = append(h.row[:0], row...)
	slices.Sort(h.row)
	top := h.row[len(row)-k:]
	limit, keep := top[0], 0
	for _, v := range top {
		if v == limit {
			keep++
		}
	}
	for i, v := range row {
		switch {
		case v > limit:
		case v == limit && keep > 0:
			keep--
		default:
			row[i] = lowest
		}
	}
}

// class is the number of the class that counts.
func (h *histogram) class(c count, last int) (int, error) {
	if c.class == nil {
		return 0, nil
	}
	class := *c.class
	if class < 0 {
		class += last
	}
	if len(h.p.shape) < 2 || class < 0 || class >= last {
		return 0, h.errorf("ClassID: expected a class of predictions [batch, ..., classes], got %d and yPred %v", *c.class, h.p.shape)
	}
	return class, nil
}

// weigh returns a weight for each prediction that counts; nil: all are 1. Weights have the predictions' shape, or that without the last axis,
// and are repeated along axes of size 1.
func (h *histogram) weigh(c count) ([]float32, error) {
	if !h.weighted {
		return nil, nil
	}
	if len(h.w.shape) != len(h.t.shape) {
		h.w.shape = append(h.w.shape, 1)
	}
	shape := h.p.shape
	if c.class != nil {
		shape[len(shape)-1] = 1
	}
	return h.repeat(shape)
}

// above is how many thresholds a prediction is above. For even ones Keras computes it from the prediction, in float32.
func (h *histogram) above(p float32) int {
	if h.even {
		n := int(math.Ceil(float64(min(max(p, 0), 1) * float32(len(h.thresholds)-1))))
		if h.open {
			n = max(n, 1)
		}
		return min(max(n, 0), len(h.thresholds))
	}
	lo, hi := 0, len(h.thresholds)
	for lo < hi {
		mid := (lo + hi) / 2
		if h.thresholds[mid] < p {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// points computes a label's counts at each threshold.
func (h *histogram) points(label int) []point {
	n := len(h.thresholds)
	if h.yes == nil {
		return h.curve
	}
	yes, no := h.yes[label*(n+1):][:n+1], h.no[label*(n+1):][:n+1]
	// Both ways are sums of what there is, never differences: a count of nothing is exactly 0.
	negative := point{}
	for i := range h.curve {
		negative.fn += yes[i]
		negative.tn += no[i]
		h.curve[i] = negative
	}
	tp, fp := 0.0, 0.0
	for i := range slices.Backward(h.curve) {
		tp += yes[i+1]
		fp += no[i+1]
		h.curve[i].tp, h.curve[i].fp = tp, fp
	}
	return h.curve
}

// over lists a measure of each threshold's counts in the order in which the thresholds were given.
func (h *histogram) over(measure func(point) float64) []float64 {
	points := h.points(0)
	h.out = h.out[:0]
	for _, at := range h.order {
		h.out = append(h.out, measure(points[at]))
	}
	return h.out
}

// ratio is a/b, or 0 where b is.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

package metrics

import (
	"slices"

	"gorgonia.org/tensor"
)

// fit says how the shapes of labels and predictions must match.
type fit uint8

const (
	elements fit = iota // number by number
	single              // the same array twice
	alike               // row by row along an axis; an axis of size 1 may be missing at the end
	exact               // row by row along an axis
	classes             // the same; rows are classes and have an axis of their own
	sparse              // labels are numbers of classes, which are the predictions' axis
)

// A rule says how a row is measured and what rows are.
type rule struct {
	name string
	fit  fit
	axis *int // along which rows go; nil: the last
	// row measures one row: numbers of labels, 1 if they are sparse, and predictions.
	row func(t, p []float32, r *rule) float64
	// each measures number by number, in place of row.
	each func(values []float64, t, p []float32, r *rule)

	k         int     // of the top-k accuracies
	threshold float32 // of BinaryAccuracy
	smoothing float64 // of labels
	smoothed  int     // how many classes share the smoothing
	logits    bool
	signs     bool // labels that are all 0 or 1 stand for -1 and 1
	binary    bool // and this batch's are
	bounded   bool // a label that is no class is an error
	ignored   *int // the class that counts as masked
}

// running is the weighted mean of values, with the buffers of a batch.
type running struct {
	total, count float64
	batch
	by         rule
	values     []float64
	shape      []int // of values
	rowT, rowP []float32
}

// Reset implements [Metric].
func (r *running) Reset() { r.total, r.count = 0, 0 }

// Result implements [Metric].
func (r *running) Result() float64 {
	if r.count == 0 {
		return 0
	}
	return r.total / r.count
}

// update measures a batch and adds it.
func (r *running) update(by rule, yTrue, yPred, weight *tensor.Dense) error {
	if err := r.measure(by, yTrue, yPred, weight); err != nil {
		return err
	}
	return r.add()
}

// measure reads a batch and computes its values.
func (r *running) measure(by rule, yTrue, yPred, weight *tensor.Dense) error {
	if err := r.read(by.name, yTrue, yPred, weight); err != nil {
		return err
	}
	r.by = by
	axis, err := r.match()
	if err != nil {
		return err
	}
	if by.bounded {
		if err := r.within(axis); err != nil {
			return err
		}
	}
	r.by.binary = by.signs && binary(r.t.x)
	r.by.smoothed = r.t.shape[len(r.t.shape)-1]
	r.rows(axis)
	return nil
}

// match checks the shapes by the rule and returns the axis of rows.
func (r *running) match() (axis int, err error) {
	switch r.by.fit {
	case elements, alike:
		err = r.alike()
	case exact, classes:
		err = r.equal()
	}
	if err != nil {
		return 0, err
	}
	switch r.by.fit {
	case classes, sparse:
		if len(r.p.shape) < 2 {
			return 0, r.errorf("expected predictions [batch, ..., classes], got yPred %v", r.p.shape)
		}
	case elements, single:
		r.p.shape = append(r.p.shape, 1)
		return len(r.p.shape) - 1, nil
	}
	if axis, err = r.axisOf(r.by.axis, r.p.shape); err != nil || r.by.fit != sparse {
		return axis, err
	}
	return axis, r.labels(axis)
}

// labels checks that there is a label for each row.
func (r *running) labels(axis int) error {
	t, p := r.t.shape, r.p.shape
	if len(t) == len(p) && t[axis] == 1 {
		r.shape = append(append(r.shape[:0], t[:axis]...), t[axis+1:]...)
		t = r.shape
	}
	if len(t) == len(p)-1 && slices.Equal(t[:axis], p[:axis]) && slices.Equal(t[axis:], p[axis+1:]) {
		return nil
	}
	return r.errorf("expected a label for each row of predictions along axis %d, got yTrue %v and yPred %v", axis, r.t.shape, p)
}

// within checks that all labels are classes, or the ignored one.
func (r *running) within(axis int) error {
	n := r.p.shape[axis]
	for i, v := range r.t.x {
		if r.by.ignored != nil && v == float32(*r.by.ignored) {
			continue
		}
		if !(v > -1 && v < float32(n)) {
			return r.errorf("label %v at position %d is outside [0, %d)", v, i, n)
		}
	}
	return nil
}

// rows measures all rows, which go along an axis of the predictions.
func (r *running) rows(axis int) {
	shape := r.p.shape
	n, inner := shape[axis], size(shape[axis+1:])
	r.shape = append(append(r.shape[:0], shape[:axis]...), shape[axis+1:]...)
	r.values = grown(r.values, size(r.shape))
	if r.by.each != nil {
		r.by.each(r.values, r.t.x, r.p.x, &r.by)
		return
	}
	nt := n
	if r.by.fit == sparse {
		nt = 1
	}
	for i := range r.values {
		t, p := r.t.x[i*nt:(i+1)*nt], r.p.x
		if inner == 1 {
			p = p[i*n : (i+1)*n]
		} else {
			r.rowP = gather(r.rowP, p, i, n, inner)
			p = r.rowP
			if nt > 1 {
				r.rowT = gather(r.rowT, r.t.x, i, n, inner)
				t = r.rowT
			}
		}
		r.values[i] = r.by.row(t, p, &r.by)
	}
}

// gather copies the i-th row of n numbers that lie inner apart.
func gather(row, x []float32, i, n, inner int) []float32 {
	row = grown(row, n)
	at := i/inner*inner*n + i%inner
	for k := range row {
		row[k] = x[at+k*inner]
	}
	return row
}

// add adds the values to the mean.
func (r *running) add() error {
	if !r.weighted {
		if len(r.shape) == 0 {
			r.total += r.values[0]
			r.count++
			return nil
		}
		r.total += sumOf(r.values) / float64(size(r.shape[1:]))
		r.count += float64(r.shape[0])
		return nil
	}
	sameRank(&r.shape, &r.w.shape)
	w, each, err := r.weights(r.shape)
	if err != nil {
		return err
	}
	total, count := 0.0, 0.0
	for i, v := range w {
		total += float64(v) * sumOf(r.values[i*each:(i+1)*each])
		count += float64(v)
	}
	parts := 1
	if rank := len(r.w.shape); rank > 0 {
		parts = size(r.shape[1:rank])
	}
	r.total += total / float64(each*parts)
	r.count += count / float64(parts)
	return nil
}

func sumOf(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum
}

package metrics

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// confusion is the sums of a confusion matrix that an intersection over a union needs.
type confusion struct {
	batch
	both, labels, predictions []float64 // of each class
	classT, classP            []float32
	row                       []float32
}

// IgnoresMask returns true, as in Keras.
func (*confusion) IgnoresMask() bool { return true }

// An overlap is how labels and predictions are compared.
type overlap struct {
	name             string
	classes          int
	dtype            string
	ignored          *int
	axis             *int
	scoresT, scoresP bool // the largest number along axis says the class
	probable         bool // a prediction is class 1 from threshold on, else it is a class
	threshold        float32
}

// Direction returns "max": higher is better.
func (*confusion) Direction() string { return "max" }

// Reset implements [Metric].
func (m *confusion) Reset() {
	clear(m.both)
	clear(m.labels)
	clear(m.predictions)
}

// Result implements [Metric].
func (m *MeanIoU) Result() float64 { return m.mean(nil) }

// Result implements [Metric].
func (m *OneHotMeanIoU) Result() float64 { return m.mean(nil) }

// Result implements [Metric].
func (m *IoU) Result() float64 { return m.mean(m.TargetClassIDs) }

// Result implements [Metric].
func (m *OneHotIoU) Result() float64 { return m.mean(m.TargetClassIDs) }

// Result implements [Metric].
func (m *BinaryIoU) Result() float64 { return m.mean(m.TargetClassIDs) }

// target checks which classes are measured.
func (*confusion) target(name string, targets []int, classes int) error {
	if len(targets) == 0 {
		return errors.Errorf("metrics: %s: TargetClassIDs: expected one at least, got none", name)
	}
	for _, class := range targets {
		if class < 0 || class >= classes {
			return errors.Errorf("metrics: %s: TargetClassIDs: expected classes in [0, %d), got %d", name, classes, class)
		}
	}
	return nil
}

// mean is the mean over targets that occur; nil: over all classes.
func (m *confusion) mean(targets []int) float64 {
	n := len(targets)
	if targets == nil {
		n = len(m.both)
	}
	sum, valid := 0.0, 0.0
	for i := range n {
		class := i
		if targets != nil {
			class = targets[i]
		}
		if class < 0 || class >= len(m.both) {
			continue
		}
		if union := m.labels[class] + m.predictions[class] - m.both[class]; union > 1e-9 {
			sum += m.both[class] / (union + epsilon)
			valid++
		}
	}
	return sum / (valid + epsilon)
}

func (m *confusion) add(o overlap, yTrue, yPred, weight *tensor.Dense) error {
	whole, err := o.whole()
	if err != nil {
		return err
	}
	if err := m.read(o.name, yTrue, yPred, weight); err != nil {
		return err
	}
	if err := m.sparse(o); err != nil {
		return err
	}
	n := len(m.t.x)
	if n != len(m.p.x) {
		return m.errorf("expected as many labels as predictions, got yTrue %v and yPred %v", yTrue.Shape(), yPred.Shape())
	}
	if m.weighted && len(m.w.x) != n && len(m.w.x) != 1 {
		return m.errorf("expected %d weights, as many as labels, got sampleWeight %v", n, m.w.shape)
	}
	if m.both == nil {
		all := make([]float64, 3*o.classes)
		m.both, m.labels, m.predictions = all[:o.classes], all[o.classes:2*o.classes], all[2*o.classes:]
	}
	if len(m.both) != o.classes {
		return m.errorf("NumClasses: expected %d as before, got %d", len(m.both), o.classes)
	}
	for i, t := range m.t.x {
		m.count(o, t, m.p.x[i], m.weight(i, whole), whole)
	}
	return nil
}

// whole reports whether numbers are cut to whole ones.
func (o overlap) whole() (bool, error) {
	if o.classes < 1 {
		return false, errors.Errorf("metrics: %s: NumClasses: expected 1 or more, got %d", o.name, o.classes)
	}
	if err := atMost(o.name, "NumClasses", o.classes); err != nil {
		return false, err
	}
	switch o.dtype {
	case "", "int", "int32", "int64":
		return true, nil
	case "float32":
		return false, nil
	}
	return false, errors.Errorf("metrics: %s: DType: expected int or float32, got %q", o.name, o.dtype)
}

func (m *confusion) weight(i int, whole bool) float64 {
	if !m.weighted {
		return 1
	}
	w := m.w.x[0]
	if len(m.w.x) > 1 {
		w = m.w.x[i]
	}
	if whole {
		return float64(int64(w))
	}
	return float64(w)
}

// count adds one pair, where both are classes.
func (m *confusion) count(o overlap, t, p float32, weight float64, whole bool) {
	if o.probable {
		p = float32(truth(p >= o.threshold))
	}
	if whole {
		t, p = float32(int64(t)), float32(int64(p))
	}
	n := float32(o.classes)
	if !(t >= 0 && t < n && p >= 0 && p < n) || o.ignored != nil && t == float32(*o.ignored) {
		return
	}
	m.labels[int(t)] += weight
	m.predictions[int(p)] += weight
	if int(t) == int(p) {
		m.both[int(t)] += weight
	}
}

// sparse puts classes in the place of scores.
func (m *confusion) sparse(o overlap) error {
	if o.scoresT {
		axis, err := m.axisOf(o.axis, m.t.shape)
		if err != nil {
			return err
		}
		m.classT = m.argmax(m.classT, m.t, axis)
		m.t.x = m.classT
	}
	if o.scoresP {
		axis, err := m.axisOf(o.axis, m.p.shape)
		if err != nil {
			return err
		}
		m.classP = m.argmax(m.classP, m.p, axis)
		m.p.x = m.classP
	}
	return nil
}

// argmax writes where along an axis the largest numbers are.
func (m *confusion) argmax(dst []float32, o operand, axis int) []float32 {
	n, inner := o.shape[axis], size(o.shape[axis+1:])
	dst = grown(dst, len(o.x)/n)
	for i := range dst {
		if inner == 1 {
			dst[i] = float32(largest(o.x[i*n : (i+1)*n]))
			continue
		}
		m.row = gather(m.row, o.x, i, n, inner)
		dst[i] = float32(largest(m.row))
	}
	return dst
}

package ops

import (
	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// ctcLoss is connectionist temporal classification. Inputs: labels int32 [batch, labels], logits [batch, time, classes], how many
// labels count int32 [batch], and perhaps how many steps count int32 [batch]. Results: the loss [batch] and its gradient by the
// logits.
type ctcLoss struct{ blank int }

func (o ctcLoss) name() string { return "ctc_loss" }

func (o ctcLoss) auxiliary() int { return 1 }

func (o ctcLoss) infer(in []Spec) ([]Spec, error) {
	label, x := in[0].Shape, in[1].Shape
	if len(label) != 2 || len(x) != 3 {
		return nil, errors.Errorf("labels of shape %v and logits of shape %v: expected [batch, labels] and [batch, time, classes]", label, x)
	}
	for _, s := range in[2:] {
		if !agree(s.Shape, x[:1]) || !agree(label[:1], x[:1]) {
			return nil, errors.Errorf("labels of shape %v and lengths of shape %v do not fit logits of shape %v: expected one batch", label, s.Shape, x)
		}
	}
	if o.blank < 0 || x[2] != Unknown && o.blank >= x[2] {
		return nil, errors.Errorf("blank %d of logits of shape %v: expected a class", o.blank, x)
	}
	return []Spec{floats(x[0]), in[1]}, nil
}

func (o ctcLoss) bind(c *binding) func() error {
	return pick(c, bindCTC[float32](o, c), bindCTC[float64](o, c))
}

func (o ctcLoss) differentiableInput(i int) bool { return i == 1 }

func (o ctcLoss) gradient(c *chain) []Tensor {
	g := ExpandDims(ExpandDims(c.g(), -1), -1)
	return append([]Tensor{{}, Multiply(c.out[1], g)}, make([]Tensor, len(c.in)-2)...)
}

// ctcBatch is a batch of sequences with the memory that computing them takes.
type ctcBatch[T kernel.Float] struct {
	blank                int
	labels               []int32
	labelCount, steps    []int32 // by sequence; steps nil: all
	width, time, classes int
	logits, loss, dx     []T // dx nil: not wanted
	lanes                []*ctcLane
	run                  func(*kernel.Task, int)
}

// ctcLanes is how many sequences are computed at once at most.
const ctcLanes = 8

func bindCTC[T kernel.Float](o ctcLoss, c *binding) func() error {
	x := c.in[1].Shape
	b := &ctcBatch[T]{
		blank: o.blank, labels: c.in[0].i32, labelCount: c.in[2].i32, width: c.in[0].Shape[1], time: x[1], classes: x[2],
		logits: data[T](c.in[1]), loss: data[T](c.out[0]), dx: data[T](c.out[1]),
	}
	if len(c.in) > 3 {
		b.steps = c.in[3].i32
	}
	const enough = 1 << 12 // below so many states, waking others takes longer than the work
	lanes := 1
	if x[0]*b.time*(2*b.width+1) > enough {
		lanes = min(x[0], ctcLanes)
	}
	for range lanes {
		b.lanes = append(b.lanes, newCTCLane(b.time, b.classes, b.width))
	}
	b.run = ctcRun[T]
	return b.all
}

func (b *ctcBatch[T]) all() error {
	if err := b.check(); err != nil {
		return err
	}
	t := kernel.NewTask()
	t.Arg = b
	kernel.Parallel(len(b.lanes), t, b.run)
	t.Free()
	return nil
}

// check refuses labels that are no classes.
func (b *ctcBatch[T]) check() error {
	for i := range b.labelCount {
		for j, label := range b.labelsOf(i) {
			if label < 0 || int(label) >= b.classes {
				return errors.Errorf("label %d at position [%d %d] is outside [0, %d)", label, i, j, b.classes)
			}
		}
	}
	return nil
}

func (b *ctcBatch[T]) labelsOf(i int) []int32 {
	n := min(max(0, int(b.labelCount[i])), b.width)
	return b.labels[i*b.width : i*b.width+n]
}

func (b *ctcBatch[T]) stepsOf(i int) int {
	if b.steps == nil {
		return b.time
	}
	return min(max(0, int(b.steps[i])), b.time)
}

// ctcRun computes every len(lanes)-th sequence.
func ctcRun[T kernel.Float](t *kernel.Task, lane int) {
	b := t.Arg.(*ctcBatch[T])
	l := b.lanes[lane]
	step := b.time * b.classes
	for i := lane; i < len(b.loss); i += len(b.lanes) {
		l.labels, l.steps, l.blank = b.labelsOf(i), b.stepsOf(i), b.blank
		readLogits(l, b.logits[i*step:])
		b.loss[i] = T(l.forward())
		if b.dx == nil {
			continue
		}
		l.backward()
		writeGradient(l, b.dx[i*step:(i+1)*step])
	}
}

// CTCLoss is the negative log-probability of labels, int32 [batch, labels], over all their alignments with output, logits [batch,
// time, classes]: each step emits a label or the blank class, repetitions of a label without a blank between them count once, and
// blanks are dropped. targetLength, int32 [batch], is how many labels of a row count, outputLength how many of its steps (the zero
// Tensor: all). The result is [batch]. Labels that take more steps than there are get a loss of at least 1e5, as in Keras on JAX. A
// label that is no class is an error when the program runs. It is computed in float64.
func CTCLoss(target, output, targetLength, outputLength Tensor, blank int) Tensor {
	in := []Tensor{Cast(target, Int32), asFloat(output), Cast(targetLength, Int32)}
	if outputLength.Valid() {
		in = append(in, Cast(outputLength, Int32))
	}
	return apply(ctcLoss{blank}, in...)
}

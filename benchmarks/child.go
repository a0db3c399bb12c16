package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gokeras/gokeras/callbacks"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/data"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// An answer is a line of JSON that a child of either side prints.
type answer struct {
	Ready    bool      `json:"ready,omitempty"`
	Done     bool      `json:"done,omitempty"`
	Seconds  []float64 `json:"seconds,omitempty"`
	Means    []float64 `json:"means,omitempty"`    // of the loss since the epoch began, after each step
	Checksum uint32    `json:"checksum,omitempty"` // of data and start weights
	Allocs   float64   `json:"allocs,omitempty"`   // in a step
	Bytes    float64   `json:"bytes,omitempty"`    // allocated in a step
	Keras    string    `json:"keras,omitempty"`
	Backend  string    `json:"backend,omitempty"`
	Python   string    `json:"python,omitempty"`
	Speed    *speed    `json:"speed,omitempty"`
}

// A child is the gokeras side of the benchmarks, in a process of its own.
type child struct {
	w   *workload
	in  io.Reader
	out *json.Encoder
}

// runChild does what args say: a role and what it works on, as keras_models.py does.
func runChild(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	c := &child{in: in, out: json.NewEncoder(out)}
	if len(args) > 0 && args[0] == "limit" {
		return c.limit(args[1:])
	}
	if len(args) < 2 {
		return errors.Errorf("child: expected a role and a model, got %q", args)
	}
	w, err := findWorkload(args[1])
	if err != nil {
		return err
	}
	c.w = w
	switch args[0] {
	case "start":
		return c.start(ctx)
	case "check":
		return c.check(ctx)
	case "fit":
		return c.serve(ctx, args[2:])
	}
	return errors.Errorf("child: role %q: expected start, check, fit or limit", args[0])
}

// start says when the first epoch is over.
func (c *child) start(ctx context.Context) error {
	m, err := c.w.build(true)
	if err != nil {
		return err
	}
	return c.w.fit(ctx, m, c.w.data(firstRows), 1, &hooks{epochEnd: func() error { return c.out.Encode(answer{Done: true}) }})
}

// check tells the losses of the first steps.
func (c *child) check(ctx context.Context) error {
	m, err := c.w.build(false)
	if err != nil {
		return err
	}
	b := c.w.data(c.w.checkedSteps() * c.w.batch)
	a := answer{Checksum: dataChecksum(m, b)}
	h := &hooks{batchEnd: func(logs callbacks.Logs) { a.Means = append(a.Means, logs["loss"]) }}
	if err := c.w.fit(ctx, m, b, 1, h); err != nil {
		return err
	}
	for i, v := range a.Means {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.Errorf("the loss of step %d is %v", i, v)
		}
	}
	return c.out.Encode(a)
}

func dataChecksum(m *keras.Model, b data.Batch) uint32 {
	var arrays []any
	for _, a := range slices.Concat(b.X, b.Y) {
		arrays = append(arrays, a)
	}
	for _, w := range m.Weights() {
		if w.DType() == ops.Float32 {
			arrays = append(arrays, w.Float32s())
		}
	}
	return checksum(arrays...)
}

// serve does what the lines of its input ask for, turn by turn.
func (c *child) serve(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.Errorf("child fit: expected the number of steps, got %q", args)
	}
	steps, err := strconv.Atoi(args[0])
	if err != nil {
		return errors.Wrap(err, "child fit")
	}
	m, err := c.w.build(true)
	if err != nil {
		return err
	}
	t := &timing{child: c, m: m, steps: steps}
	t.batch = c.w.data(c.w.rows(steps))
	for _, x := range t.batch.X {
		row, err := firstRow(x)
		if err != nil {
			return err
		}
		t.row = append(t.row, row)
	}
	if err := c.out.Encode(answer{Ready: true}); err != nil {
		return err
	}
	lines := bufio.NewScanner(c.in)
	for lines.Scan() {
		a, err := t.do(ctx, strings.Fields(lines.Text()))
		if err != nil {
			return err
		}
		if err := c.out.Encode(a); err != nil {
			return err
		}
	}
	return lines.Err()
}

// firstRow copies the first sample.
func firstRow(x *tensor.Dense) (*tensor.Dense, error) {
	shape := slices.Clone([]int(x.Shape()))
	n := x.DataSize() / shape[0]
	shape[0] = 1
	switch values := x.Data().(type) {
	case []float32:
		return dense(slices.Clone(values[:n]), shape...), nil
	case []int32:
		return dense(slices.Clone(values[:n]), shape...), nil
	}
	return nil, errors.Errorf("data of type %v: expected float32 or int32", x.Dtype())
}

// timing is a model whose steps and predictions are timed.
type timing struct {
	*child
	m     *keras.Model
	batch data.Batch
	row   []*tensor.Dense
	steps int
}

func (t *timing) do(ctx context.Context, command []string) (answer, error) {
	switch {
	case len(command) == 2 && command[0] == "fit":
		epochs, err := strconv.Atoi(command[1])
		if err != nil {
			return answer{}, errors.Wrap(err, "child fit")
		}
		return t.epochs(ctx, epochs)
	case len(command) == 1 && command[0] == "predict":
		return t.calls(func() error { _, err := t.m.PredictArrays(ctx, t.row); return err })
	case len(command) == 1 && command[0] == "on_batch":
		return t.calls(func() error { _, err := t.m.PredictOnBatchArrays(ctx, t.row); return err })
	case len(command) == 1 && command[0] == "allocs":
		return t.allocs(ctx)
	}
	return answer{}, errors.Errorf("child fit: unknown command %q", command)
}

// epochs times epochs from the end of one to the end of the next; an epoch before them warms up.
func (t *timing) epochs(ctx context.Context, n int) (answer, error) {
	ends := make([]time.Time, 0, n+1)
	err := t.w.fit(ctx, t.m, t.batch, n+1, &hooks{epochEnd: func() error {
		ends = append(ends, time.Now())
		return nil
	}})
	var a answer
	for i := 1; i < len(ends); i++ {
		a.Seconds = append(a.Seconds, ends[i].Sub(ends[i-1]).Seconds())
	}
	return a, err
}

// allocs counts what an epoch of training allocates, for one step.
func (t *timing) allocs(ctx context.Context) (answer, error) {
	var ends []runtime.MemStats
	err := t.w.fit(ctx, t.m, t.batch, 3, &hooks{epochEnd: func() error {
		ends = append(ends, runtime.MemStats{})
		runtime.ReadMemStats(&ends[len(ends)-1])
		return nil
	}})
	if err != nil {
		return answer{}, err
	}
	a, b, steps := ends[1], ends[2], float64(t.steps)
	return answer{Allocs: float64(b.Mallocs-a.Mallocs) / steps, Bytes: float64(b.TotalAlloc-a.TotalAlloc) / steps}, nil
}

// calls is the median time of a call, over 2,000 calls or a third of a second, as on Keras's side.
func (t *timing) calls(call func() error) (answer, error) {
	const warm, least, most = 3, 5, 2000
	var seconds []float64
	end := time.Now().Add(time.Second / 3)
	for i := 0; i < warm+least || i < warm+most && time.Now().Before(end); i++ {
		begin := time.Now()
		if err := call(); err != nil {
			return answer{}, err
		}
		if i >= warm {
			seconds = append(seconds, time.Since(begin).Seconds())
		}
	}
	return answer{Seconds: []float64{median(seconds)}}, nil
}

// hooks is a callback of functions.
type hooks struct {
	callbacks.Base
	epochEnd func() error
	batchEnd func(callbacks.Logs)
}

// OnEpochEnd implements [callbacks.Callback].
func (h *hooks) OnEpochEnd(*callbacks.Run, int, callbacks.Logs) error {
	if h.epochEnd == nil {
		return nil
	}
	return h.epochEnd()
}

// OnTrainBatchEnd implements [callbacks.Callback].
func (h *hooks) OnTrainBatchEnd(_ *callbacks.Run, _ int, logs callbacks.Logs) error {
	if h.batchEnd != nil {
		h.batchEnd(logs)
	}
	return nil
}

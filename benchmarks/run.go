package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"
)

//go:embed keras_models.py
var kerasModels []byte

// options are the command's flags.
type options struct {
	models, backends []string
	python           string
	json             string
	steps, threads   int
	turns, starts    int
	write            bool
}

// A runner runs the children of all sides and gathers what they say.
type runner struct {
	options
	say    io.Writer // what is going on
	script string    // keras_models.py
	report report
}

// run measures all models on all sides.
func (r *runner) run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "gokeras-benchmarks")
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	r.script = filepath.Join(dir, "keras_models.py")
	if err := os.WriteFile(r.script, kerasModels, 0o600); err != nil {
		return errors.WithStack(err)
	}
	if err := r.findSides(ctx); err != nil {
		return err
	}
	for _, name := range r.models {
		w, err := findWorkload(name)
		if err != nil {
			return err
		}
		res, err := r.model(ctx, w)
		if err != nil {
			return err
		}
		r.report.Models = append(r.report.Models, res)
	}
	return r.measureLimits(ctx)
}

// findSides finds out which back ends there are.
func (r *runner) findSides(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return errors.WithStack(err)
	}
	r.report = report{
		Date: time.Now().Format(time.DateOnly), CPU: cpuName(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Load: loadAverage(),
	}
	own := &side{Name: "gokeras", command: []string{self, "child"}}
	if r.threads > 0 {
		own.env = []string{"GOMAXPROCS=" + strconv.Itoa(r.threads)}
	}
	r.report.Sides = []*side{own}
	for _, name := range r.backends {
		s := &side{Name: name, command: []string{r.python, r.script}, env: []string{
			"KERAS_BACKEND=" + name, "BENCHMARK_THREADS=" + strconv.Itoa(r.threads), "CUDA_VISIBLE_DEVICES=", "JAX_PLATFORMS=cpu",
		}}
		fmt.Fprintf(r.say, "%s: looking for it\n", name)
		a, _, err := s.once(ctx, "hello")
		if ctx.Err() != nil {
			return errors.WithStack(ctx.Err())
		}
		if err != nil {
			r.report.Missing = append(r.report.Missing, missing{name, lastLine(err)})
			continue
		}
		s.Version, r.report.Keras, r.report.Python = a.Backend, a.Keras, a.Python
		r.report.Sides = append(r.report.Sides, s)
	}
	return nil
}

// lastLine is what an error comes to: of a Python traceback its last line.
func lastLine(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, ": exit status"); i >= 0 {
		text = text[:i]
	}
	return text[strings.LastIndex(text, "\n")+1:]
}

// model measures a model on all sides: first whether they agree, then their times in turns.
func (r *runner) model(ctx context.Context, w *workload) (*result, error) {
	steps := w.stepsOr(r.steps)
	res := &result{Model: w.name, Title: w.title, Batch: w.batch, Steps: steps, Work: countStep(w)}
	for _, s := range r.report.Sides {
		fmt.Fprintf(r.say, "%s: %s: losses\n", w.name, s.Name)
		m := &measure{Side: s.Name}
		var err error
		m.check, _, err = s.once(ctx, "check", w.name)
		m.fail(err)
		res.Measures = append(res.Measures, m)
		m.compare(res.Measures[0])
	}
	r.timeStarts(ctx, w, res)
	r.timeAll(ctx, w, res)
	return res, errors.WithStack(ctx.Err())
}

// timeStarts times cold starts, side by side.
func (r *runner) timeStarts(ctx context.Context, w *workload, res *result) {
	times := make([][]float64, len(res.Measures))
	for i := range r.starts {
		fmt.Fprintf(r.say, "%s: start %d of %d\n", w.name, i+1, r.starts)
		for k, s := range r.report.Sides {
			if res.Measures[k].Error != "" {
				continue
			}
			_, since, err := s.once(ctx, "start", w.name)
			res.Measures[k].fail(err)
			times[k] = append(times[k], since.Seconds())
		}
	}
	for k, m := range res.Measures {
		m.Start = median(times[k])
	}
}

// timeAll times steps and predictions. All sides live at the same time and take turns, so that a slow moment of the machine meets each.
func (r *runner) timeAll(ctx context.Context, w *workload, res *result) {
	ts := make([]*turns, len(res.Measures))
	for k, s := range r.report.Sides {
		ts[k] = &turns{m: res.Measures[k], w: w, steps: res.Steps}
		if ts[k].m.Error != "" {
			continue
		}
		p, err := s.begin(ctx, "fit", w.name, strconv.Itoa(res.Steps))
		if err == nil {
			ts[k].p = p
			_, _, err = p.answer()
		}
		ts[k].m.fail(err)
	}
	for i := range r.turns {
		fmt.Fprintf(r.say, "%s: turn %d of %d\n", w.name, i+1, r.turns)
		for _, t := range ts {
			t.take()
		}
	}
	for k, t := range ts {
		if k == 0 {
			t.allocs()
		}
		t.end()
	}
}

// turns are those of a side with a model.
type turns struct {
	m     *measure
	w     *workload
	p     *process
	steps int

	predict, onBatch []float64
}

// rest is how long the threads of the side that had its turn may go on spinning.
const rest = 250 * time.Millisecond

// take times a few epochs and predictions.
func (t *turns) take() {
	if t.m.Error != "" {
		return
	}
	time.Sleep(rest)
	a, err := t.p.ask("fit " + strconv.Itoa(t.w.epochs))
	for _, s := range a.Seconds {
		t.m.Epochs = append(t.m.Epochs, s/float64(t.steps))
	}
	t.m.fail(err)
	t.predict = append(t.predict, t.ask("predict").Seconds...)
	t.onBatch = append(t.onBatch, t.ask("on_batch").Seconds...)
}

// ask asks a side that has not failed.
func (t *turns) ask(command string) answer {
	if t.m.Error != "" {
		return answer{}
	}
	a, err := t.p.ask(command)
	t.m.fail(err)
	return a
}

// allocs asks what a step allocates, which only gokeras can tell.
func (t *turns) allocs() {
	a := t.ask("allocs")
	t.m.Allocs, t.m.Bytes = a.Allocs, a.Bytes
}

// end lets the child finish and takes the medians.
func (t *turns) end() {
	t.m.Step, t.m.Predict, t.m.OnBatch = median(t.m.Epochs), median(t.predict), median(t.onBatch)
	if t.p == nil {
		return
	}
	peak, err := t.p.end()
	if err != nil {
		t.m.Error = errors.Wrap(err, "fit").Error()
	}
	t.m.Peak = peak
}

// measureLimits measures what the machine can do and sets the models' limits.
func (r *runner) measureLimits(ctx context.Context) error {
	fmt.Fprintln(r.say, "limits")
	args := []string{"limit", strconv.Itoa(memorySet)}
	for _, m := range r.report.Models {
		args = append(args, strconv.Itoa(m.Work.Held))
	}
	a, _, err := r.report.Sides[0].once(ctx, args...)
	if err != nil {
		return err
	}
	if a.Speed == nil || len(a.Speed.Copies) != len(r.report.Models)+1 {
		return errors.Errorf("limit: expected rates of %d working sets, got %+v", len(r.report.Models)+1, a.Speed)
	}
	s := a.Speed
	r.report.CoreFlops, r.report.Cores, r.report.Kernels, r.report.Memory = s.CoreFlops, s.Cores, s.Path, s.Copies[0]
	for i, m := range r.report.Models {
		m.Copied = s.Copies[i+1]
		m.Limit = limitSeconds(m.Work, s.CoreFlops, s.Cores, m.Copied)
	}
	return nil
}

package callbacks

import (
	"cmp"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/internal/optional"
)

// TensorBoard writes event files that TensorBoard shows: below LogDir, train holds epoch_ and batch_ values, the model's graph and what becomes
// of its weights, and validation holds epoch_ values and evaluation_ values by the optimizer's steps. They can be read while training goes on:
// everything is in the files when an epoch or an evaluation is over.
//
// Values of epochs and evaluations are always written, where Keras leaves some out when UpdateFreq does not divide the batches so far.
// Values by the optimizer's steps need a model that implements [IterationCounter], weights one that implements [WeightReader].
// Keras's profile_batch has runtime/pprof in its place; its embeddings_freq and embeddings_metadata have nothing.
//
// Source: keras.callbacks.TensorBoard.
type TensorBoard struct {
	Base
	LogDir              string // "": "logs"
	HistogramFreq       int    // 0: none; n: histograms of the weights after epochs 0, n, 2n ...
	WriteGraph          *bool  // nil: true where the model implements Configured and has a graph, else false; true: it is an error where not
	WriteImages         bool   // false; true: with the histograms, the weights as images too
	WriteStepsPerSecond bool   // false; true: the speed, after every epoch and with the values of batches
	UpdateFreq          int    // 0: values after epochs only, Keras's "epoch"; n: of every n-th batch too, counted since training began

	create creator          // nil: createFile
	now    func() time.Time // nil: time.Now

	train, validation *eventFile
	batch             int // batches since training began
	epochBegin        pace
	batchBegin        time.Time
	names             []string
	tags              map[string]string // of batches
	histogram         []float64
}

// A pace is a number of steps and when they were done.
type pace struct {
	steps int
	at    time.Time
}

func (t *TensorBoard) time() time.Time {
	if t.now == nil {
		return time.Now()
	}
	return t.now()
}

// open returns the file for a part of the run and makes it when it is first needed.
func (t *TensorBoard) open(file **eventFile, dir string) (*eventFile, error) {
	if *file != nil {
		return *file, nil
	}
	create := t.create
	if create == nil {
		create = createFile
	}
	f, err := newEventFile(filepath.Join(cmp.Or(t.LogDir, "logs"), dir), create, t.time)
	if err != nil {
		return nil, err
	}
	*file = f
	return f, nil
}

func (t *TensorBoard) openTrain() (*eventFile, error) { return t.open(&t.train, "train") }
func (t *TensorBoard) openValidation() (*eventFile, error) {
	return t.open(&t.validation, "validation")
}

// OnTrainBegin implements [Callback]. It makes files of its own for every run.
func (t *TensorBoard) OnTrainBegin(r *Run) error {
	if t.HistogramFreq < 0 || t.UpdateFreq < 0 {
		return errors.Errorf("callbacks: TensorBoard: expected HistogramFreq and UpdateFreq of 0 or more, got %d and %d",
			t.HistogramFreq, t.UpdateFreq)
	}
	if t.HistogramFreq > 0 {
		if _, err := as[WeightReader]("TensorBoard", r); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	t.batch = 0
	return errors.WithMessage(t.graph(r), "callbacks: TensorBoard")
}

// graph writes the model's configuration, which TensorBoard draws.
func (t *TensorBoard) graph(r *Run) error {
	f, err := t.openTrain()
	if err != nil || !optional.Or(t.WriteGraph, true) {
		return err
	}
	config, err := configOf(r)
	if err != nil {
		return t.noGraph(err)
	}
	if err := f.text("keras", "graph_keras_model", []byte("1"), config, 0); err != nil {
		return err
	}
	return f.flush()
}

// noGraph keeps a default from failing the run of a model that has no graph to draw.
func (t *TensorBoard) noGraph(err error) error {
	if t.WriteGraph == nil {
		return nil
	}
	return errors.WithMessage(err, "WriteGraph")
}

func configOf(r *Run) ([]byte, error) {
	m, err := as[Configured]("TensorBoard", r)
	if err != nil {
		return nil, err
	}
	return m.Config()
}

// OnEpochBegin implements [Callback].
func (t *TensorBoard) OnEpochBegin(r *Run, _ int) error {
	t.epochBegin = t.pace(r)
	return nil
}

// pace counts the optimizer's steps, or the batches where the model does not.
func (t *TensorBoard) pace(r *Run) pace {
	if m, ok := r.Model.(IterationCounter); ok {
		return pace{m.Iterations(), t.time()}
	}
	return pace{t.batch, t.time()}
}

// OnTrainBatchBegin implements [Callback].
func (t *TensorBoard) OnTrainBatchBegin(*Run, int) error {
	t.batch++
	if t.WriteStepsPerSecond && t.UpdateFreq > 0 {
		t.batchBegin = t.time()
	}
	return nil
}

// OnTrainBatchEnd implements [Callback].
func (t *TensorBoard) OnTrainBatchEnd(_ *Run, _ int, logs Logs) error {
	if t.UpdateFreq == 0 || t.batch%t.UpdateFreq != 0 {
		return nil
	}
	return errors.WithMessage(t.batchValues(logs), "callbacks: TensorBoard")
}

func (t *TensorBoard) batchValues(logs Logs) error {
	f, err := t.openTrain()
	if err != nil {
		return err
	}
	if t.WriteStepsPerSecond {
		speed := 1 / t.time().Sub(t.batchBegin).Seconds()
		if err := f.scalar("batch_steps_per_second", speed, t.batch); err != nil {
			return err
		}
	}
	t.names = names(t.names, logs)
	for _, name := range t.names {
		if err := f.scalar(t.batchTag(name), logs[name], t.batch); err != nil {
			return err
		}
	}
	return nil
}

// batchTag keeps tags, so that a batch allocates none.
func (t *TensorBoard) batchTag(name string) string {
	tag, ok := t.tags[name]
	if ok {
		return tag
	}
	if t.tags == nil {
		t.tags = map[string]string{}
	}
	tag = "batch_" + name
	t.tags[name] = tag
	return tag
}

// OnEpochEnd implements [Callback].
func (t *TensorBoard) OnEpochEnd(r *Run, epoch int, logs Logs) error {
	err := t.epochValues(r, epoch, logs)
	if err == nil && t.HistogramFreq > 0 && epoch%t.HistogramFreq == 0 {
		err = t.weights(r, epoch)
	}
	if err == nil {
		err = t.flush()
	}
	return errors.WithMessagef(err, "callbacks: TensorBoard: epoch %d", epoch)
}

func (t *TensorBoard) epochValues(r *Run, epoch int, logs Logs) error {
	train, err := t.openTrain()
	if err != nil {
		return err
	}
	t.names = names(t.names, logs)
	for _, name := range t.names {
		f, short := train, name
		if isVal(name) {
			short = strings.TrimPrefix(name, "val_")
			if f, err = t.openValidation(); err != nil {
				return err
			}
		}
		if name == "learning_rate" && r.Model != nil {
			continue // It is written below, as it is now.
		}
		if err := f.scalar("epoch_"+short, logs[name], epoch); err != nil {
			return err
		}
	}
	if r.Model != nil {
		if err := train.scalar("epoch_learning_rate", r.Model.LearningRate(), epoch); err != nil {
			return err
		}
	}
	if !t.WriteStepsPerSecond {
		return nil
	}
	now := t.pace(r)
	speed := float64(now.steps-t.epochBegin.steps) / now.at.Sub(t.epochBegin.at).Seconds()
	return train.scalar("epoch_steps_per_second", speed, epoch)
}

// OnTestEnd implements [Callback].
func (t *TensorBoard) OnTestEnd(r *Run, logs Logs) error {
	m, ok := r.Model.(IterationCounter)
	if !ok {
		return nil
	}
	return errors.WithMessage(t.evaluation(m.Iterations(), logs), "callbacks: TensorBoard")
}

func (t *TensorBoard) evaluation(step int, logs Logs) error {
	f, err := t.openValidation()
	if err != nil {
		return err
	}
	t.names = names(t.names, logs)
	for _, name := range t.names {
		if err := f.scalar("evaluation_"+name+"_vs_iterations", logs[name], step); err != nil {
			return err
		}
	}
	return f.flush()
}

func (t *TensorBoard) flush() error {
	for _, f := range []*eventFile{t.train, t.validation} {
		if f == nil {
			continue
		}
		if err := f.flush(); err != nil {
			return err
		}
	}
	return nil
}

// OnTrainEnd implements [Callback]. It closes the files.
func (t *TensorBoard) OnTrainEnd(*Run, Logs) error { return t.Close() }

// Close implements [Closer].
func (t *TensorBoard) Close() (err error) {
	for _, f := range []*eventFile{t.train, t.validation} {
		if f == nil {
			continue
		}
		if e := f.close(); err == nil {
			err = e
		}
	}
	t.train, t.validation = nil, nil
	return errors.WithMessage(err, "callbacks: TensorBoard")
}

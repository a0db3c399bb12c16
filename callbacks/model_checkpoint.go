package callbacks

import (
	"cmp"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// ModelCheckpoint saves the model, or its weights, after every epoch or every some batches.
//
// Filepath is a template of Python's str.format over "epoch", counted from 1, "batch", counted from 1, where SaveFreq counts batches, and the
// names in the logs: "{epoch:02d}-{val_loss:.2f}.keras". Directories are made. A value that is not in the logs is an error here, where
// Keras saves with a warning; an epoch after which validation is not due is passed over by SaveBestOnly. The best value is kept from one run
// to the next.
//
// Source: keras.callbacks.ModelCheckpoint.
type ModelCheckpoint struct {
	Base
	Filepath              string   // ends in .keras or .h5 or, with SaveWeightsOnly, in .weights.h5
	Monitor               string   // "": "val_loss"; for SaveBestOnly
	Verbose               int      // 0: silent; 1: says to Output what it does
	SaveBestOnly          bool     // false; true: only when the monitored value is the best so far
	SaveWeightsOnly       bool     // false; true: needs a model that implements WeightsSaver
	Mode                  Mode     // "": Auto
	SaveFreq              int      // 0: after every epoch, Keras's "epoch"; n: after every n batches
	InitialValueThreshold *float64 // nil: none; with SaveBestOnly only what is better is saved

	Output io.Writer `keras:"-"` // nil: nowhere

	path    template
	monitor monitor
	epoch   int
	state   checkpointState
}

type checkpointState struct {
	Best    number `json:"best"`
	Seen    bool   `json:"seen"`
	Batches int    `json:"batches"` // since the last save
	Last    int    `json:"last"`    // batches of the epoch that are counted
}

// Best returns the best value so far. ok is false before the first.
func (c *ModelCheckpoint) Best() (value float64, ok bool) {
	return float64(c.state.Best), c.state.Seen
}

// State implements [Stateful].
func (c *ModelCheckpoint) State() ([]byte, error) { return marshalState("ModelCheckpoint", c.state) }

// SetState implements [Stateful].
func (c *ModelCheckpoint) SetState(raw []byte) error {
	return unmarshalState("ModelCheckpoint", raw, &c.state)
}

// OnTrainBegin implements [Callback].
func (c *ModelCheckpoint) OnTrainBegin(r *Run) error {
	if c.SaveFreq < 0 {
		return errors.Errorf("callbacks: ModelCheckpoint: SaveFreq: expected 0 or more, got %d", c.SaveFreq)
	}
	if err := c.check(); err != nil {
		return errors.WithMessagef(err, "callbacks: ModelCheckpoint: Filepath %q", c.Filepath)
	}
	if _, err := c.saver(r); err != nil {
		return err
	}
	if !c.SaveBestOnly {
		return nil
	}
	m, err := newMonitor("ModelCheckpoint", cmp.Or(c.Monitor, "val_loss"), c.Mode, 0, r.Model)
	if err != nil {
		return err
	}
	c.monitor = m
	if err := notNaN("ModelCheckpoint", "InitialValueThreshold", c.InitialValueThreshold); err != nil {
		return err
	}
	if t := c.InitialValueThreshold; t != nil && !c.state.Seen {
		c.state.Best, c.state.Seen = number(*t), true
	}
	return nil
}

// check parses the path.
func (c *ModelCheckpoint) check() (err error) {
	switch {
	case c.SaveWeightsOnly && !strings.HasSuffix(c.Filepath, ".weights.h5"):
		return errors.New("expected a path that ends in .weights.h5, as SaveWeightsOnly is set")
	case !strings.HasSuffix(c.Filepath, ".keras") && !strings.HasSuffix(c.Filepath, ".h5"):
		return errors.New("expected a path that ends in .keras or .h5")
	}
	c.path, err = parseTemplate(c.Filepath)
	return err
}

// saver returns what writes a file.
func (c *ModelCheckpoint) saver(r *Run) (func(string) error, error) {
	if c.SaveWeightsOnly {
		s, err := as[WeightsSaver]("ModelCheckpoint", r)
		if err != nil {
			return nil, err
		}
		return s.SaveWeights, nil
	}
	m, err := modelOf("ModelCheckpoint", r)
	if err != nil {
		return nil, err
	}
	return m.Save, nil
}

// OnEpochBegin implements [Callback].
func (c *ModelCheckpoint) OnEpochBegin(_ *Run, epoch int) error {
	c.epoch = epoch
	return nil
}

// OnTrainBatchEnd implements [Callback].
func (c *ModelCheckpoint) OnTrainBatchEnd(r *Run, batch int, logs Logs) error {
	if c.SaveFreq == 0 {
		return nil
	}
	if batch < c.state.Last { // a new epoch
		c.state.Last = 0
	}
	c.state.Batches += batch + 1 - c.state.Last
	c.state.Last = batch + 1
	if c.state.Batches < c.SaveFreq {
		return nil
	}
	c.state.Batches = 0
	return c.save(r, logs, []count{{"epoch", c.epoch + 1}, {"batch", batch + 1}})
}

// OnEpochEnd implements [Callback].
func (c *ModelCheckpoint) OnEpochEnd(r *Run, epoch int, logs Logs) error {
	c.epoch = epoch
	if c.SaveFreq != 0 {
		return nil
	}
	return c.save(r, logs, []count{{"epoch", epoch + 1}})
}

func (c *ModelCheckpoint) save(r *Run, logs Logs, counts []count) error {
	current := 0.0
	if c.SaveBestOnly {
		v, ok, err := c.monitor.value(r, c.epoch, logs)
		if err != nil || !ok {
			return err
		}
		current = v
	}
	path, err := c.path.execute(counts, logs)
	if err != nil {
		return errors.WithMessagef(err, "callbacks: ModelCheckpoint: Filepath %q", c.Filepath)
	}
	due, err := c.announce(path, current)
	if err != nil || !due {
		return err
	}
	if err := c.write(r, path); err != nil {
		return errors.WithMessagef(err, "callbacks: ModelCheckpoint: epoch %d: save %s", c.epoch, path)
	}
	return c.speaker().say("\nEpoch %d: finished saving model to %s", c.epoch+1, path)
}

func (c *ModelCheckpoint) speaker() speaker { return speaker{"ModelCheckpoint", c.Output, c.Verbose} }

// announce decides whether to save.
func (c *ModelCheckpoint) announce(path string, current float64) (due bool, err error) {
	if !c.SaveBestOnly {
		return true, c.speaker().say("\nEpoch %d: saving model to %s", c.epoch+1, path)
	}
	former := "None"
	if c.state.Seen {
		former = fixed5(float64(c.state.Best))
	}
	if c.state.Seen && !c.monitor.better(current, float64(c.state.Best)) {
		return false, c.speaker().say("\nEpoch %d: %s did not improve from %s", c.epoch+1, c.monitor.key, former)
	}
	c.state.Best, c.state.Seen = number(current), true
	return true, c.speaker().say("\nEpoch %d: %s improved from %s to %s, saving model to %s",
		c.epoch+1, c.monitor.key, former, fixed5(current), path)
}

// fixed5 is Python's .5f.
func fixed5(v float64) string {
	s := spec{fill: ' ', align: '>', precision: 5, kind: 'f'}
	text, err := s.formatFloat(v)
	if err != nil {
		return err.Error()
	}
	return text
}

func (c *ModelCheckpoint) write(r *Run, path string) error {
	save, err := c.saver(r)
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return errors.New("expected a file, got a directory")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return errors.WithStack(err)
	}
	return save(path)
}

func marshalState(callback string, state any) ([]byte, error) {
	raw, err := json.Marshal(state)
	return raw, errors.Wrapf(err, "callbacks: %s: State", callback)
}

func unmarshalState(callback string, raw []byte, state any) error {
	return errors.Wrapf(json.Unmarshal(raw, state), "callbacks: %s: SetState", callback)
}

package callbacks

import (
	"encoding/json"
	"io"
	"strconv"

	"github.com/pkg/errors"
)

// JSONLogger writes a JSON object on a line of its own after every epoch: "epoch", counted from 0, and then the logs by name.
//
//	{"epoch":0,"accuracy":0.5,"loss":1.25,"val_loss":"NaN"}
//
// JSON has no number for NaN and infinities: they are the texts "NaN", "Infinity" and "-Infinity", which Python's float and JavaScript's
// Number read. Keras has no such callback.
type JSONLogger struct {
	Base
	Output io.Writer

	names []string
	line  []byte
}

// OnTrainBegin implements [Callback].
func (c *JSONLogger) OnTrainBegin(*Run) error {
	if c.Output == nil {
		return errors.New("callbacks: JSONLogger: Output: expected a writer, got nil")
	}
	return nil
}

// OnEpochEnd implements [Callback].
func (c *JSONLogger) OnEpochEnd(r *Run, epoch int, logs Logs) error {
	if err := c.OnTrainBegin(r); err != nil {
		return err
	}
	if _, ok := logs["epoch"]; ok {
		return errors.New(`callbacks: JSONLogger: a metric is named "epoch", as the number of the epoch is`)
	}
	c.line = strconv.AppendInt(append(c.line[:0], `{"epoch":`...), int64(epoch), 10)
	c.names = names(c.names, logs)
	for _, name := range c.names {
		if err := c.member(name, logs[name]); err != nil {
			return err
		}
	}
	c.line = append(c.line, "}\n"...)
	_, err := c.Output.Write(c.line)
	return errors.Wrap(err, "callbacks: JSONLogger: write to Output")
}

func (c *JSONLogger) member(name string, v float64) error {
	key, err := json.Marshal(name)
	if err != nil {
		return errors.Wrapf(err, "callbacks: JSONLogger: %q", name)
	}
	value, err := number(v).MarshalJSON()
	if err != nil {
		return errors.Wrapf(err, "callbacks: JSONLogger: %q", name)
	}
	c.line = append(append(append(append(c.line, ','), key...), ':'), value...)
	return nil
}

package callbacks

import (
	"log/slog"

	"github.com/pkg/errors"
)

// SlogLogger gives a structured logger a record "epoch" after every epoch, with "epoch", counted from 0, and the logs by name.
// Keras has no such callback.
type SlogLogger struct {
	Base
	Logger *slog.Logger
	Level  slog.Level // 0: slog.LevelInfo

	names []string
	attrs []slog.Attr
}

// OnTrainBegin implements [Callback].
func (c *SlogLogger) OnTrainBegin(*Run) error {
	if c.Logger == nil {
		return errors.New("callbacks: SlogLogger: Logger: expected a logger, got nil")
	}
	return nil
}

// OnEpochEnd implements [Callback].
func (c *SlogLogger) OnEpochEnd(r *Run, epoch int, logs Logs) error {
	if err := c.OnTrainBegin(r); err != nil {
		return err
	}
	c.names = names(c.names, logs)
	c.attrs = append(c.attrs[:0], slog.Int("epoch", epoch))
	for _, name := range c.names {
		c.attrs = append(c.attrs, slog.Float64(name, logs[name]))
	}
	c.Logger.LogAttrs(r.Context(), c.Level, "epoch", c.attrs...)
	return nil
}

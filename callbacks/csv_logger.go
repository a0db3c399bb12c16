package callbacks

import (
	"bufio"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// CSVLogger writes a line of values after every epoch: the epoch, counted from 0, and what is in the logs of the first epoch, by name. Where
// that has no val_ values, columns for them are there all the same. Numbers are written as Python does; a value that is missing is NA. Lines
// end in a carriage return and a newline, as in RFC 4180, and are in the file when the epoch is over.
//
// Source: keras.callbacks.CSVLogger.
type CSVLogger struct {
	Base
	Filename  string
	Separator string // "": ","; one character
	Append    bool   // false: a file that exists is overwritten; true: lines are added, without a header where there is one

	open func(name string, flag int) (io.WriteCloser, error) // nil: os.OpenFile

	file    io.WriteCloser
	keys    []string
	known   bool // keys are those of the first epoch
	started bool // the file has a first line
	line    []byte
}

// OnTrainBegin implements [Callback]. It opens the file.
func (c *CSVLogger) OnTrainBegin(*Run) error {
	if s := c.separator(); utf8.RuneCountInString(s) != 1 || strings.ContainsAny(s, "\"\r\n") {
		return errors.Errorf("callbacks: CSVLogger: Separator: expected one character that is no quote and no line end, got %q", s)
	}
	if err := c.Close(); err != nil {
		return err
	}
	flag := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	c.started, c.known = false, false
	if c.Append {
		flag = os.O_CREATE | os.O_WRONLY | os.O_APPEND
		started, err := hasLine(c.Filename)
		if err != nil {
			return errors.Wrap(err, "callbacks: CSVLogger")
		}
		c.started = started
	}
	open := c.open
	if open == nil {
		open = openFile
	}
	f, err := open(c.Filename, flag)
	if err != nil {
		return errors.Wrap(err, "callbacks: CSVLogger")
	}
	c.file = f
	return nil
}

func openFile(name string, flag int) (io.WriteCloser, error) { return os.OpenFile(name, flag, 0o666) }

// hasLine reports whether there is a file that is not empty.
func hasLine(name string) (bool, error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = bufio.NewReaderSize(f, 16).ReadByte()
	if e := f.Close(); e != nil {
		return false, e
	}
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

func (c *CSVLogger) separator() string {
	if c.Separator == "" {
		return ","
	}
	return c.Separator
}

// OnEpochEnd implements [Callback].
func (c *CSVLogger) OnEpochEnd(_ *Run, epoch int, logs Logs) error {
	if c.file == nil {
		return errors.Errorf("callbacks: CSVLogger: %s: expected OnTrainBegin before OnEpochEnd", c.Filename)
	}
	c.line = c.line[:0]
	if !c.known {
		c.keys, c.known = columns(logs), true
		if !c.started {
			c.field("epoch")
			for _, key := range c.keys {
				c.next()
				c.field(key)
			}
			c.end()
		}
	}
	c.field(strconv.Itoa(epoch))
	for _, key := range c.keys {
		c.next()
		text := "NA"
		if v, ok := logs[key]; ok {
			text = repr(v)
		}
		c.field(text)
	}
	c.end()
	_, err := c.file.Write(c.line)
	return errors.Wrapf(err, "callbacks: CSVLogger: write %s", c.Filename)
}

// columns are the names in the logs and, where there are none of validation, those that could come.
func columns(logs Logs) []string {
	keys := names(nil, logs)
	if slices.ContainsFunc(keys, isVal) {
		return keys
	}
	all := slices.Grow(slices.Clone(keys), len(keys))
	for _, key := range keys {
		all = append(all, "val_"+key)
	}
	return all
}

func isVal(name string) bool { return strings.HasPrefix(name, "val_") }

func (c *CSVLogger) next() { c.line = append(c.line, c.separator()...) }
func (c *CSVLogger) end()  { c.line = append(c.line, "\r\n"...) }

// field quotes a text only where it has to.
func (c *CSVLogger) field(text string) {
	if !strings.ContainsAny(text, "\"\r\n") && !strings.Contains(text, c.separator()) {
		c.line = append(c.line, text...)
		return
	}
	c.line = append(c.line, '"')
	c.line = append(c.line, strings.ReplaceAll(text, `"`, `""`)...)
	c.line = append(c.line, '"')
}

// OnTrainEnd implements [Callback]. It closes the file.
func (c *CSVLogger) OnTrainEnd(*Run, Logs) error { return c.Close() }

// Close implements [Closer].
func (c *CSVLogger) Close() error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	c.file = nil
	return errors.Wrapf(err, "callbacks: CSVLogger: close %s", c.Filename)
}

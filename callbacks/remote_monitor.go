package callbacks

import (
	"cmp"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// RemoteMonitor posts the logs of every epoch to a server, as a JSON object of "epoch", counted from 0, and the logs by name.
//
// A server that is not reached does not end training, nor does what it answers: Output is told, and [RemoteMonitor.Err] keeps the reason. With
// SendAsJSON, NaN and infinities are not sent, as JSON has no numbers for them; in a form they are written as Python does.
//
// Source: keras.callbacks.RemoteMonitor.
type RemoteMonitor struct {
	Base
	Root       string            // "": "http://localhost:9000"
	Path       string            // "": "/publish/epoch/end/"
	Field      string            // "": "data"; the form's field that holds the object
	Headers    map[string]string // nil: none of its own
	SendAsJSON bool              `keras:"send_as_json"` // false: a form; true: the object is the request's body

	Client *http.Client `keras:"-"` // nil: http.DefaultClient
	Output io.Writer    `keras:"-"` // nil: nowhere; else is told that the server could not be reached

	err error
}

// Err returns why the logs of the last epoch were not sent, or nil.
func (c *RemoteMonitor) Err() error { return c.err }

// OnEpochEnd implements [Callback].
func (c *RemoteMonitor) OnEpochEnd(r *Run, epoch int, logs Logs) error {
	root := cmp.Or(c.Root, "http://localhost:9000")
	c.err = c.post(r, root, epoch, logs)
	if c.err == nil {
		return nil
	}
	if err := r.Context().Err(); err != nil {
		return errors.Wrap(err, "callbacks: RemoteMonitor")
	}
	return speaker{"RemoteMonitor", c.Output, 1}.say("Could not reach RemoteMonitor root server at %s", root)
}

func (c *RemoteMonitor) post(r *Run, root string, epoch int, logs Logs) error {
	body, kind, err := c.body(epoch, logs)
	if err != nil {
		return err
	}
	address := root + cmp.Or(c.Path, "/publish/epoch/end/")
	request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return errors.Wrap(err, "callbacks: RemoteMonitor")
	}
	request.Header.Set("Content-Type", kind)
	for name, value := range c.Headers {
		request.Header.Set(name, value)
	}
	client := c.Client
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return errors.Wrap(err, "callbacks: RemoteMonitor")
	}
	return errors.Wrap(response.Body.Close(), "callbacks: RemoteMonitor")
}

// body is what is sent and its type.
func (c *RemoteMonitor) body(epoch int, logs Logs) (body, kind string, err error) {
	text := []byte("{")
	if _, ok := logs["epoch"]; !ok {
		text = strconv.AppendInt(append(text, `"epoch": `...), int64(epoch), 10)
	}
	for _, name := range names(nil, logs) {
		v := logs[name]
		if c.SendAsJSON && (math.IsNaN(v) || math.IsInf(v, 0)) {
			return "", "", errors.Errorf("callbacks: RemoteMonitor: expected numbers that JSON has, got %s of %v", name, v)
		}
		key, err := json.Marshal(name)
		if err != nil {
			return "", "", errors.Wrapf(err, "callbacks: RemoteMonitor: %q", name)
		}
		if len(text) > 1 {
			text = append(text, ", "...)
		}
		text = append(append(append(text, key...), ": "...), jsonRepr(v)...)
	}
	text = append(text, '}')
	if c.SendAsJSON {
		return string(text), "application/json", nil
	}
	form := url.Values{cmp.Or(c.Field, "data"): {string(text)}}
	return form.Encode(), "application/x-www-form-urlencoded", nil
}

// jsonRepr is a number as Python's json writes it.
func jsonRepr(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	return repr(v)
}

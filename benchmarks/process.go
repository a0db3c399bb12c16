package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// A side is gokeras or Keras on one of its back ends: how its children are started.
type side struct {
	Name    string `json:"name"`
	Version string `json:"version"` // of the back end
	command []string
	env     []string
}

// A process is a child that answers in lines of JSON.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *json.Decoder
	errors bytes.Buffer
	began  time.Time
}

// begin starts a child of the side.
func (s *side) begin(ctx context.Context, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, s.command[0], append(s.command[1:len(s.command):len(s.command)], args...)...)}
	p.cmd.Env = append(os.Environ(), s.env...)
	p.cmd.Stderr = &p.errors
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, errors.Wrap(err, s.Name)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Wrap(err, s.Name)
	}
	p.in, p.out = in, json.NewDecoder(bufio.NewReader(out))
	p.began = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Wrap(err, s.Name)
	}
	return p, nil
}

// answer is the child's next answer, and the time since it was started.
func (p *process) answer() (a answer, since time.Duration, err error) {
	err = p.out.Decode(&a)
	since = time.Since(p.began)
	return a, since, errors.Wrap(err, "no answer")
}

// ask gives a child an order and waits for its answer.
func (p *process) ask(command string) (answer, error) {
	if _, err := io.WriteString(p.in, command+"\n"); err != nil {
		return answer{}, errors.Wrap(err, command)
	}
	a, _, err := p.answer()
	return a, errors.Wrap(err, command)
}

// end lets a child finish and returns the most memory it held, in bytes; 0 where the system does not tell.
func (p *process) end() (peak int64, err error) {
	peak = livePeak(p.cmd.Process.Pid)
	_ = p.in.Close() // it may have ended by itself
	if err := p.cmd.Wait(); err != nil {
		return 0, errors.Wrap(err, p.lastWords())
	}
	if peak == 0 {
		peak = endedPeak(p.cmd.ProcessState)
	}
	return peak, nil
}

// lastWords are the last lines that a child printed on standard error.
func (p *process) lastWords() string {
	const most = 12
	lines := strings.Split(strings.TrimSpace(p.errors.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}

// once starts a child that gives one answer and ends.
func (s *side) once(ctx context.Context, args ...string) (a answer, since time.Duration, err error) {
	p, err := s.begin(ctx, args...)
	if err != nil {
		return a, 0, err
	}
	a, since, err = p.answer()
	if _, failed := p.end(); failed != nil {
		err = failed
	}
	return a, since, errors.Wrapf(err, "%s %s", s.Name, strings.Join(args, " "))
}

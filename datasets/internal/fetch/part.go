package fetch

import (
	"io"
	"os"
	"strings"

	"github.com/pkg/errors"
)

// A part is the beginning of a file.
type part struct {
	file   *os.File
	size   int64
	origin string // path of the file that says what it is the beginning of

	// validator is the server's name of the version (ETag or Last-Modified), "" where it gave none.
	validator string
}

// openPart opens what has come so far of r's file, and starts anew where it is of another address.
func openPart(r Request) (*part, error) {
	f, err := os.OpenFile(r.Path+partSuffix, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	p := &part{file: f, origin: r.Path + originSuffix}
	if err := p.resume(r); err != nil {
		if cerr := f.Close(); cerr != nil {
			err = errors.WithMessage(err, cerr.Error())
		}
		return nil, err
	}
	return p, nil
}

// resume takes up what has come so far.
func (p *part) resume(r Request) error {
	size, err := p.file.Seek(0, io.SeekEnd)
	if err != nil {
		return errors.WithStack(err)
	}
	p.size = size
	if size == 0 {
		return nil
	}
	noted, err := os.ReadFile(p.origin)
	if err != nil && !os.IsNotExist(err) {
		return errors.WithStack(err)
	}
	url, validator, _ := strings.Cut(string(noted), "\n")
	p.validator = validator
	if url != r.URL || !p.resumable(r) {
		return p.restart()
	}
	return nil
}

// resumable reports whether what comes later can be told from another version: by the server's word, or else by the digest.
func (p *part) resumable(r Request) bool { return p.validator != "" || r.Digest != (Digest{}) }

// restart forgets what has come.
func (p *part) restart() error {
	p.validator = ""
	if p.size == 0 {
		return nil
	}
	if err := p.file.Truncate(0); err != nil {
		return errors.WithStack(err)
	}
	p.size = 0
	_, err := p.file.Seek(0, io.SeekStart)
	return errors.WithStack(err)
}

// note says what will be written, so that another call may go on with it.
func (p *part) note(url, validator string) error {
	p.validator = validator
	return errors.WithStack(os.WriteFile(p.origin, []byte(url+"\n"+validator), 0o644))
}

// Write appends.
func (p *part) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	p.size += int64(n)
	return n, err
}

package fetch

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/pkg/errors"
)

// A brokenError is a connection that broke off while the file was coming.
type brokenError struct{ error }

func (e brokenError) Unwrap() error { return e.error }

// complete asks for what is missing of the file, again when the connection breaks off, as long as that brings it further.
func (c Client) complete(ctx context.Context, r Request, p *part) error {
	for {
		before := p.size
		err := c.attempt(ctx, r, p)
		var broken brokenError
		if err == nil || ctx.Err() != nil || !errors.As(err, &broken) || p.size <= before || !p.resumable(r) {
			return errors.WithMessage(err, r.URL)
		}
	}
}

// attempt asks once.
func (c Client) attempt(ctx context.Context, r Request, p *part) error {
	response, err := c.ask(ctx, r.URL, p)
	if err != nil {
		return err
	}
	err = c.receive(ctx, r, p, response)
	if cerr := response.Body.Close(); err == nil {
		err = errors.WithStack(cerr)
	}
	return err
}

func (c Client) ask(ctx context.Context, url string, p *part) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	request.Header.Set("Accept-Encoding", "identity") // The hash is that of the bytes as they are kept.
	if p.size > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", p.size))
		if p.validator != "" {
			request.Header.Set("If-Range", p.validator)
		}
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	return response, errors.WithStack(err)
}

// receive appends the answer to what is there, or puts it in its place where the server sends the whole.
func (c Client) receive(ctx context.Context, r Request, p *part, response *http.Response) error {
	switch response.StatusCode {
	case http.StatusPartialContent:
		if !p.continues(response) {
			return c.anew(ctx, r, p, response)
		}
	case http.StatusOK:
		if err := p.restart(); err != nil {
			return err
		}
		if err := p.note(r.URL, validatorOf(response)); err != nil {
			return err
		}
	case http.StatusRequestedRangeNotSatisfiable:
		if p.size > 0 && r.Digest != (Digest{}) && r.Digest.check(ctx, p.file.Name()) == nil {
			return nil // There was no more to come.
		}
		return c.anew(ctx, r, p, response)
	default:
		return errors.Errorf("expected status 200, got %q", response.Status)
	}
	return c.copy(r, p, response)
}

// anew asks again, for the whole, after an answer that does not go with what is there.
func (c Client) anew(ctx context.Context, r Request, p *part, response *http.Response) error {
	if p.size == 0 {
		return errors.Errorf("expected the whole file, got status %q", response.Status)
	}
	if err := p.restart(); err != nil {
		return err
	}
	return c.attempt(ctx, r, p)
}

// continues reports whether the answer's first byte is the one asked for, of the same version.
func (p *part) continues(response *http.Response) bool {
	var first, last int64
	n, err := fmt.Sscanf(response.Header.Get("Content-Range"), "bytes %d-%d/", &first, &last)
	validator := validatorOf(response)
	same := validator == "" || p.validator == "" || validator == p.validator
	return err == nil && n == 2 && first == p.size && p.size > 0 && same
}

// validatorOf returns what If-Range takes: a strong ETag, or else a date.
func validatorOf(response *http.Response) string {
	tag := response.Header.Get("ETag")
	if strings.HasPrefix(tag, `"`) && !strings.ContainsAny(tag, "\r\n") {
		return tag
	}
	return response.Header.Get("Last-Modified")
}

// copy appends the body.
func (c Client) copy(r Request, p *part, response *http.Response) error {
	total := int64(0)
	if response.ContentLength >= 0 {
		total = p.size + response.ContentLength
	}
	if r.Most > 0 && total > r.Most {
		return errors.WithStack(&wrongError{fmt.Sprintf("expected at most %d bytes, got %d", r.Most, total)})
	}
	buffer := make([]byte, 64<<10)
	for {
		n, err := response.Body.Read(buffer)
		if n > 0 {
			if werr := c.append(r, p, buffer[:n], total); werr != nil {
				return werr
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return errors.WithStack(brokenError{err})
		}
	}
}

// append writes what has come and tells of it.
func (c Client) append(r Request, p *part, b []byte, total int64) error {
	if r.Most > 0 && p.size+int64(len(b)) > r.Most {
		return errors.WithStack(&wrongError{fmt.Sprintf("expected at most %d bytes, got more", r.Most)})
	}
	if _, err := p.Write(b); err != nil {
		return errors.WithStack(err)
	}
	if c.Progress == nil {
		return nil
	}
	return errors.Wrap(c.Progress(p.size, total), "progress")
}

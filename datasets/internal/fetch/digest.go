package fetch

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"

	"github.com/pkg/errors"
)

// A Digest is what a file's bytes have to add up to. The zero Digest asks for nothing.
type Digest struct {
	Algorithm string // "sha256" or "md5"
	Hex       string
}

// NewDigest checks a digest in Keras's words: the algorithm may be "" or "auto" and follows from the length then. An empty hash gives the zero Digest.
func NewDigest(algorithm, digits string) (Digest, error) {
	digits = strings.ToLower(digits)
	if algorithm == "" || algorithm == "auto" {
		algorithm = "md5"
		if len(digits) == 2*sha256.Size {
			algorithm = "sha256"
		}
	}
	d := Digest{Algorithm: algorithm, Hex: digits}
	h := d.hash()
	if h == nil {
		return Digest{}, errors.Errorf("hash algorithm: expected \"auto\", \"sha256\" or \"md5\", got %q", algorithm)
	}
	if digits == "" {
		return Digest{}, nil
	}
	if raw, err := hex.DecodeString(digits); err != nil || len(raw) != h.Size() {
		return Digest{}, errors.Errorf("hash: expected %d hexadecimal digits of %s, got %q", 2*h.Size(), algorithm, digits)
	}
	return d, nil
}

func (d Digest) hash() hash.Hash {
	switch d.Algorithm {
	case "sha256":
		return sha256.New()
	case "md5":
		return md5.New()
	}
	return nil
}

func (d Digest) String() string { return d.Algorithm + " " + d.Hex }

// A wrongError says that what came is not the file that was asked for.
type wrongError struct{ what string }

func (e *wrongError) Error() string { return e.what }

func isWrong(err error) bool {
	var wrong *wrongError
	return errors.As(err, &wrong)
}

// check compares a file with the digest.
func (d Digest) check(ctx context.Context, path string) (err error) {
	if d == (Digest{}) {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = errors.WithStack(cerr)
		}
	}()
	h := d.hash()
	if _, err := io.Copy(h, reader{ctx, f}); err != nil {
		return errors.Wrap(err, path)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != d.Hex {
		return errors.WithStack(&wrongError{fmt.Sprintf("expected %v, got %s", d, got)})
	}
	return nil
}

// A reader stops when its context ends.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

package keras

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"

	"github.com/gokeras/gokeras/internal/hdf5"
	"github.com/pkg/errors"
)

// Bounds of what is read from a file, so that a hostile one cannot take all memory.
const (
	maxMembers     = 100_000
	maxJSONBytes   = 256 << 20
	maxExpansion   = 100      // of a compressed member
	freeExpansion  = 64 << 20 // up to which any expansion will do
	maxWeightBytes = 1 << 40
)

// An archive is an open .keras file.
type archive struct {
	r       io.ReaderAt
	members map[string]*zip.File
}

func openArchive(r io.ReaderAt, size int64) (*archive, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, errors.Wrap(err, "expected a .keras file, which is a zip archive")
	}
	if len(z.File) > maxMembers {
		return nil, errors.Errorf("the archive has %d members, more than %d", len(z.File), maxMembers)
	}
	a := &archive{r: r, members: map[string]*zip.File{}}
	for _, f := range z.File {
		if a.members[f.Name] != nil {
			return nil, errors.Errorf("the archive has two members named %q", f.Name)
		}
		a.members[f.Name] = f
	}
	return a, nil
}

// member finds a member of bounded size.
func (a *archive) member(name string, most uint64) (*zip.File, error) {
	f := a.members[name]
	if f == nil {
		return nil, errors.Errorf("%s is missing", name)
	}
	if f.UncompressedSize64 > most {
		return nil, errors.Errorf("%s: %d bytes are more than %d", name, f.UncompressedSize64, most)
	}
	if f.UncompressedSize64 > freeExpansion && f.UncompressedSize64/maxExpansion > f.CompressedSize64 {
		return nil, errors.Errorf("%s: %d bytes expand to %d, which no model's do", name, f.CompressedSize64, f.UncompressedSize64)
	}
	return f, nil
}

// read reads a whole member and checks its checksum.
func (a *archive) read(name string, most uint64) ([]byte, error) {
	f, err := a.member(name, most)
	if err != nil {
		return nil, err
	}
	r, err := f.Open()
	if err != nil {
		return nil, errors.Wrap(err, name)
	}
	var b bytes.Buffer
	_, err = io.Copy(&b, io.LimitReader(r, int64(most)+1))
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	if err == nil && uint64(b.Len()) != f.UncompressedSize64 {
		err = errors.Errorf("expected %d bytes, got %d", f.UncompressedSize64, b.Len())
	}
	return b.Bytes(), errors.Wrap(err, name)
}

// config reads the configuration, numbers as they are written.
func (a *archive) config() (map[string]any, error) {
	data, err := a.read(configName, maxJSONBytes)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var config map[string]any
	if err := d.Decode(&config); err != nil {
		return nil, errors.Wrap(err, configName)
	}
	return config, nil
}

// weights opens the weights: in place where they are stored, in memory where they are compressed.
func (a *archive) weights() (*hdf5.File, error) {
	f, err := a.member(weightsName, maxWeightBytes)
	if err != nil {
		return nil, err
	}
	if f.Method == zip.Store && f.CompressedSize64 == f.UncompressedSize64 {
		offset, err := f.DataOffset()
		if err != nil {
			return nil, errors.Wrap(err, weightsName)
		}
		n := int64(f.UncompressedSize64)
		h, err := hdf5.Open(io.NewSectionReader(a.r, offset, n), n)
		return h, errors.Wrap(err, weightsName)
	}
	data, err := a.read(weightsName, maxWeightBytes)
	if err != nil {
		return nil, err
	}
	h, err := hdf5.Open(bytes.NewReader(data), int64(len(data)))
	return h, errors.Wrap(err, weightsName)
}

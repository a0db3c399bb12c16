package callbacks

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/pkg/errors"
	"google.golang.org/protobuf/encoding/protowire"
)

// Numbers of fields in TensorFlow's event.proto, summary.proto, tensor.proto and tensor_shape.proto.
const (
	eventWallTime    = 1
	eventStep        = 2
	eventFileVersion = 3
	eventSummary     = 5
	summaryValue     = 1
	valueTag         = 1
	valueTensor      = 8
	valueMetadata    = 9
	metadataPlugin   = 1
	pluginName       = 1
	pluginContent    = 2
	tensorType       = 1
	tensorShape      = 2
	tensorContent    = 4
	tensorString     = 8
	shapeDim         = 2
	dimSize          = 1
	typeFloat        = 1
	typeDouble       = 2
	typeString       = 7
	fileVersion      = "brain.Event:2"
	maskDelta        = 0xa282ead8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// An eventFile is what TensorBoard reads: records, each with its length and checksums, of a protocol buffer each. The buffers are kept, so that
// a value allocates nothing.
type eventFile struct {
	path  string
	file  io.WriteCloser
	out   *bufio.Writer
	now   func() time.Time
	inner []byte // a tensor
	value []byte // a value of a summary
	outer []byte // the summary
	event []byte
	frame [12]byte
}

// A creator makes a file that is not there yet.
type creator func(path string) (io.WriteCloser, error)

func createFile(path string) (io.WriteCloser, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
}

// newEventFile makes a file in a directory, which is made too, under a name that TensorBoard knows and nobody else has taken.
func newEventFile(dir string, create creator, now func() time.Time) (*eventFile, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, errors.WithStack(err)
	}
	for n := 0; ; n++ {
		path := filepath.Join(dir, fmt.Sprintf("events.out.tfevents.%010d.gokeras.%d.%d.v2", now().Unix(), os.Getpid(), n))
		f, err := create(path)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, errors.WithStack(err)
		}
		e := &eventFile{path: path, file: f, out: bufio.NewWriter(f), now: now}
		e.begin(0)
		e.event = appendText(e.event, eventFileVersion, fileVersion)
		return e, e.record()
	}
}

// begin starts an event.
func (e *eventFile) begin(step int) {
	wall := float64(e.now().UnixMicro()) / 1e6
	e.event = protowire.AppendTag(e.event[:0], eventWallTime, protowire.Fixed64Type)
	e.event = protowire.AppendFixed64(e.event, math.Float64bits(wall))
	e.event = appendVarint(e.event, eventStep, uint64(step))
}

// scalar writes a float32.
func (e *eventFile) scalar(tag string, v float64, step int) error {
	e.tensor(typeFloat)
	e.inner = protowire.AppendTag(e.inner, tensorContent, protowire.BytesType)
	e.inner = protowire.AppendVarint(e.inner, 4)
	e.inner = binary.LittleEndian.AppendUint32(e.inner, math.Float32bits(float32(v)))
	return e.summary(tag, "scalars", nil, step)
}

// doubles writes a matrix of float64 with a number of columns.
func (e *eventFile) doubles(tag, plugin string, values []float64, columns, step int) error {
	e.tensor(typeDouble, len(values)/columns, columns)
	e.inner = protowire.AppendTag(e.inner, tensorContent, protowire.BytesType)
	e.inner = protowire.AppendVarint(e.inner, uint64(8*len(values)))
	for _, v := range values {
		e.inner = binary.LittleEndian.AppendUint64(e.inner, math.Float64bits(v))
	}
	return e.summary(tag, plugin, nil, step)
}

// texts writes a vector of byte strings.
func (e *eventFile) texts(tag, plugin string, values [][]byte, step int) error {
	e.tensor(typeString, len(values))
	for _, v := range values {
		e.inner = appendBytes(e.inner, tensorString, v)
	}
	return e.summary(tag, plugin, nil, step)
}

// text writes a single byte string.
func (e *eventFile) text(tag, plugin string, content, value []byte, step int) error {
	e.tensor(typeString)
	e.inner = appendBytes(e.inner, tensorString, value)
	return e.summary(tag, plugin, content, step)
}

// tensor starts a tensor of a type and a shape.
func (e *eventFile) tensor(kind uint64, shape ...int) {
	e.inner = appendVarint(e.inner[:0], tensorType, kind)
	e.value = e.value[:0]
	for _, n := range shape {
		size := protowire.SizeTag(dimSize) + protowire.SizeVarint(uint64(n))
		e.value = protowire.AppendTag(e.value, shapeDim, protowire.BytesType)
		e.value = protowire.AppendVarint(e.value, uint64(size))
		e.value = appendVarint(e.value, dimSize, uint64(n))
	}
	e.inner = appendBytes(e.inner, tensorShape, e.value)
}

// summary writes the tensor under a tag, for a plugin of TensorBoard.
func (e *eventFile) summary(tag, plugin string, content []byte, step int) error {
	data := appendText(e.outer[:0], pluginName, plugin)
	if content != nil {
		data = appendBytes(data, pluginContent, content)
	}
	e.event = appendBytes(e.event[:0], metadataPlugin, data) // The event is not begun yet: its buffer is free.
	e.value = appendText(e.value[:0], valueTag, tag)
	e.value = appendBytes(e.value, valueTensor, e.inner)
	e.value = appendBytes(e.value, valueMetadata, e.event)
	e.outer = appendBytes(data[:0], summaryValue, e.value)
	e.begin(step)
	e.event = appendBytes(e.event, eventSummary, e.outer)
	return e.record()
}

// record writes the event.
func (e *eventFile) record() error {
	frame := e.frame[:]
	binary.LittleEndian.PutUint64(frame[:8], uint64(len(e.event)))
	binary.LittleEndian.PutUint32(frame[8:], masked(frame[:8]))
	if _, err := e.out.Write(frame); err != nil {
		return e.failed(err)
	}
	if _, err := e.out.Write(e.event); err != nil {
		return e.failed(err)
	}
	binary.LittleEndian.PutUint32(frame[:4], masked(e.event))
	if _, err := e.out.Write(frame[:4]); err != nil {
		return e.failed(err)
	}
	return nil
}

func (e *eventFile) failed(err error) error { return errors.Wrapf(err, "write %s", e.path) }

// masked is a checksum that is safe to take a checksum of again.
func masked(b []byte) uint32 {
	sum := crc32.Checksum(b, castagnoli)
	return (sum>>15 | sum<<17) + maskDelta
}

func (e *eventFile) flush() error {
	return e.failed(e.out.Flush())
}

func (e *eventFile) close() error {
	err := e.flush()
	if e := errors.Wrapf(e.file.Close(), "close %s", e.path); err == nil {
		err = e
	}
	return err
}

func appendVarint(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

func appendText(b []byte, field protowire.Number, v string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), v)
}

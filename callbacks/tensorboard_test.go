package callbacks

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// keepEvents keeps the files for internal/golden/eventfiles.py --check, by which TensorBoard itself reads them.
var keepEvents = flag.String("events", "", "write event files and what is in them below this directory")

// A logged value is one that is in an event file.
type logged struct {
	Tag     string   `json:"tag"`
	Step    int      `json:"step"`
	Plugin  string   `json:"plugin"`
	Content string   `json:"content"`
	Shape   []int    `json:"shape"`
	Type    string   `json:"type"`
	Values  []number `json:"values"`
	Texts   []string `json:"texts"`
	Pixels  [][]int  `json:"pixels"`
}

type boardCase struct {
	Config struct {
		HistogramFreq       int  `json:"histogram_freq"`
		WriteImages         bool `json:"write_images"`
		WriteGraph          bool `json:"write_graph"`
		WriteStepsPerSecond bool `json:"write_steps_per_second"`
		UpdateFreq          int  `json:"update_freq"`
	}
	Rate   float64
	Graph  string
	Shapes [][]int
	Hooks  []struct {
		Hook               string
		At                 float64
		Iterations, Number int
		Logs               map[string]number
	}
	Weights [][][]float32
	Files   map[string][]logged
}

type board struct {
	Record string
	Cases  []boardCase
}

// drawn is a model with a graph and weights.
type drawn struct {
	model
	graph   string
	steps   int
	weights []Weight
	fails   error
}

func (d *drawn) Config() ([]byte, error) { return []byte(d.graph), d.fails }
func (d *drawn) Iterations() int         { return d.steps }

func (d *drawn) ReadWeights(read func([]Weight) error) error { return read(d.weights) }

// run drives a callback through a case's hooks.
func (c *boardCase) run(t *testing.T, b *TensorBoard) {
	t.Helper()
	m := &drawn{model: model{rate: c.Rate}, graph: c.Graph}
	for i, shape := range c.Shapes {
		m.weights = append(m.weights, Weight{Path: fmt.Sprintf("w%d:0", i), Shape: shape, Trainable: true})
	}
	var now time.Time
	b.now = func() time.Time { return now }
	r := &Run{Model: m}
	for _, h := range c.Hooks {
		now = time.UnixMicro(int64(h.At * 1e6))
		m.steps = h.Iterations
		logs := logsOf(h.Logs)
		var err error
		switch h.Hook {
		case "on_train_begin":
			err = b.OnTrainBegin(r)
		case "on_epoch_begin":
			err = b.OnEpochBegin(r, h.Number)
		case "on_train_batch_begin":
			err = b.OnTrainBatchBegin(r, h.Number)
		case "on_train_batch_end":
			err = b.OnTrainBatchEnd(r, h.Number, logs)
		case "on_test_begin":
			err = b.OnTestBegin(r)
		case "on_test_batch_begin":
			err = b.OnTestBatchBegin(r, h.Number)
		case "on_test_batch_end":
			err = b.OnTestBatchEnd(r, h.Number, logs)
		case "on_test_end":
			err = b.OnTestEnd(r, logs)
		case "on_epoch_end":
			for i, values := range c.Weights[h.Number] {
				m.weights[i].Value = values
			}
			err = b.OnEpochEnd(r, h.Number, logs)
		case "on_train_end":
			err = b.OnTrainEnd(r, logs)
		default:
			t.Fatalf("hook %q", h.Hook)
		}
		require.NoError(t, err, h.Hook)
	}
}

func (c *boardCase) callback(dir string) *TensorBoard {
	return &TensorBoard{
		LogDir: dir, HistogramFreq: c.Config.HistogramFreq, WriteImages: c.Config.WriteImages, WriteGraph: new(c.Config.WriteGraph),
		WriteStepsPerSecond: c.Config.WriteStepsPerSecond, UpdateFreq: c.Config.UpdateFreq,
	}
}

func TestTensorBoardIsKeras(t *testing.T) {
	t.Parallel()
	var all board
	unpack(t, "testdata/tensorboard.json.gz", &all)
	require.Greater(t, len(all.Cases), 10)
	top := t.TempDir()
	if *keepEvents != "" {
		top = *keepEvents
	}
	for i, c := range all.Cases {
		dir := filepath.Join(top, fmt.Sprint(i))
		c.run(t, c.callback(dir))
		got := map[string][]logged{}
		for _, part := range []string{"train", "validation"} {
			got[part] = readEvents(t, filepath.Join(dir, part))
		}
		raw, err := json.Marshal(got)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "expected.json"), raw, 0o600))
		for part, values := range got {
			compareLogged(t, c.Files[part], values, fmt.Sprintf("case %d, %s", i, part))
		}
	}
}

func compareLogged(t *testing.T, want, got []logged, what string) {
	t.Helper()
	index := map[string]logged{}
	for _, g := range got {
		index[fmt.Sprint(g.Tag, "@", g.Step)] = g
	}
	assert.Len(t, got, len(want), what)
	assert.Len(t, index, len(want), what)
	for _, w := range want {
		name := fmt.Sprint(w.Tag, "@", w.Step)
		g, ok := index[name]
		require.True(t, ok, "%s: %s", what, name)
		for i, v := range w.Values {
			if x := float64(v); math.IsNaN(x) || math.IsInf(x, 0) {
				assert.Equal(t, fmt.Sprint(x), fmt.Sprint(float64(g.Values[i])), name)
				w.Values[i], g.Values[i] = 0, 0
			}
			assert.InDelta(t, float64(w.Values[i]), float64(g.Values[i]), 1e-6*math.Abs(float64(w.Values[i])), "%s: %s", what, name)
		}
		w.Values, g.Values = nil, nil
		assert.Equal(t, w, g, "%s: %s", what, name)
	}
}

// readEvents is a reader of event files that shares nothing with the writer but the checksum, which TestMaskedIsTensorFlow is for.
func readEvents(t *testing.T, dir string) []logged {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*tfevents*"))
	require.NoError(t, err)
	var all []logged
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		first := true
		for len(raw) > 0 {
			n := binary.LittleEndian.Uint64(raw)
			require.Equal(t, masked(raw[:8]), binary.LittleEndian.Uint32(raw[8:]))
			event := raw[12 : 12+n]
			require.Equal(t, masked(event), binary.LittleEndian.Uint32(raw[12+n:]))
			raw = raw[16+n:]
			fields := fieldsOf(t, event)
			require.Positive(t, math.Float64frombits(fields[1][0].number))
			if first {
				require.Equal(t, "brain.Event:2", string(fields[3][0].bytes))
				first = false
				continue
			}
			all = append(all, readValue(t, int(fields[2][0].number), fields[5][0].bytes))
		}
	}
	return all
}

type field struct {
	number uint64
	bytes  []byte
}

func fieldsOf(t *testing.T, b []byte) map[protowire.Number][]field {
	t.Helper()
	fields := map[protowire.Number][]field{}
	for len(b) > 0 {
		id, kind, n := protowire.ConsumeTag(b)
		require.NoError(t, protowire.ParseError(n))
		b = b[n:]
		var f field
		switch kind {
		case protowire.VarintType:
			f.number, n = protowire.ConsumeVarint(b)
		case protowire.Fixed64Type:
			f.number, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(b)
		default:
			t.Fatalf("wire type %d", kind)
		}
		require.NoError(t, protowire.ParseError(n))
		b = b[n:]
		fields[id] = append(fields[id], f)
	}
	return fields
}

func readValue(t *testing.T, step int, summary []byte) logged {
	t.Helper()
	value := fieldsOf(t, fieldsOf(t, summary)[1][0].bytes)
	plugin := fieldsOf(t, fieldsOf(t, value[9][0].bytes)[1][0].bytes)
	tensor := fieldsOf(t, value[8][0].bytes)
	v := logged{Tag: string(value[1][0].bytes), Step: step, Plugin: string(plugin[1][0].bytes), Shape: []int{}}
	if len(plugin[2]) > 0 {
		v.Content = string(plugin[2][0].bytes)
	}
	for _, d := range fieldsOf(t, tensor[2][0].bytes)[2] {
		v.Shape = append(v.Shape, int(fieldsOf(t, d.bytes)[1][0].number))
	}
	switch tensor[1][0].number {
	case 1:
		v.Type = "float32"
		for b := tensor[4][0].bytes; len(b) > 0; b = b[4:] {
			v.Values = append(v.Values, number(math.Float32frombits(binary.LittleEndian.Uint32(b))))
		}
	case 2:
		v.Type = "float64"
		for b := tensor[4][0].bytes; len(b) > 0; b = b[8:] {
			v.Values = append(v.Values, number(math.Float64frombits(binary.LittleEndian.Uint64(b))))
		}
	case 7:
		for i, s := range tensor[8] {
			if v.Plugin == "images" && i >= 2 {
				v.Pixels = append(v.Pixels, pixels(t, s.bytes))
				continue
			}
			v.Texts = append(v.Texts, string(s.bytes))
		}
	default:
		t.Fatalf("type %d", tensor[1][0].number)
	}
	return v
}

func pixels(t *testing.T, raw []byte) (out []int) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(raw))
	require.NoError(t, err)
	var raster []uint8
	channels := 4
	switch p := img.(type) {
	case *image.Gray:
		raster, channels = p.Pix, 1
	case *image.NRGBA:
		raster = p.Pix
	case *image.RGBA: // a PNG without alpha
		for i, v := range p.Pix {
			if i%4 != 3 {
				raster = append(raster, v)
			}
		}
		channels = 3
	default:
		t.Fatalf("image %T", img)
	}
	for _, v := range raster {
		out = append(out, int(v))
	}
	require.Zero(t, len(out)%channels)
	return out
}

func TestMaskedIsTensorFlow(t *testing.T) {
	t.Parallel()
	var all board
	unpack(t, "testdata/tensorboard.json.gz", &all)
	raw, err := hex.DecodeString(all.Record)
	require.NoError(t, err)
	n := binary.LittleEndian.Uint64(raw)
	assert.Equal(t, binary.LittleEndian.Uint32(raw[8:]), masked(raw[:8]))
	assert.Equal(t, binary.LittleEndian.Uint32(raw[12+n:]), masked(raw[12:12+n]))
}

func TestTensorBoardIsReadableWhileItRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := &TensorBoard{LogDir: dir}
	r := &Run{Model: &drawn{model: model{rate: 0.5}, graph: "{}"}}
	for run := range 2 { // Each run has a file of its own.
		require.NoError(t, b.OnTrainBegin(r))
		require.NoError(t, b.OnEpochBegin(r, 0))
		require.NoError(t, b.OnEpochEnd(r, 0, Logs{"loss": 1, "val_loss": 2}))
		assert.Len(t, readEvents(t, filepath.Join(dir, "train")), 3*(run+1))
		assert.Len(t, readEvents(t, filepath.Join(dir, "validation")), run+1)
		require.NoError(t, b.Close())
		require.NoError(t, b.Close())
	}
}

func TestHistogramsLeaveNaNOut(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	got := buckets(nil, []float32{0, nan, 3, inf, 1.5, -inf})
	sum := 0.0
	for i := range bucketCount {
		sum += got[3*i+2]
	}
	assert.Equal(t, 3.0, sum)
	assert.Equal(t, []float64{0, 0.1, 1}, got[:3])
	assert.Equal(t, make([]float64, 3*bucketCount), buckets(got, []float32{nan}))
}

func TestTensorBoardBatchesAllocateNothing(t *testing.T) {
	b := &TensorBoard{LogDir: t.TempDir(), UpdateFreq: 1}
	r := &Run{Model: &drawn{graph: "{}"}}
	require.NoError(t, b.OnTrainBegin(r))
	logs := Logs{"loss": 1, "accuracy": 0.5}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		_ = b.OnTrainBatchBegin(r, 1)
		_ = b.OnTrainBatchEnd(r, 1, logs)
	}))
	require.NoError(t, b.Close())
}

// full is a file on a disk that is full after some bytes.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}
func (f *full) Close() error { return nil }

func TestTensorBoardErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := &Run{Model: &drawn{graph: "{}"}}
	b := &TensorBoard{LogDir: dir, create: func(string) (io.WriteCloser, error) { return &full{room: 200}, nil }}
	require.NoError(t, b.OnTrainBegin(r))
	err := b.OnEpochEnd(r, 4, Logs{"loss": 1, "a_long_name_of_a_metric": 1})
	require.ErrorContains(t, err, "TensorBoard: epoch 4: write "+filepath.Join(dir, "train", "events.out.tfevents."))
	require.ErrorContains(t, err, "no space left on device")

	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorContains(t, (&TensorBoard{LogDir: file}).OnTrainBegin(r), file)

	require.ErrorContains(t, (&TensorBoard{UpdateFreq: -1}).OnTrainBegin(r), "got 0 and -1")
	plain := &Run{Model: &model{}}
	require.ErrorContains(t, (&TensorBoard{LogDir: dir, HistogramFreq: 1}).OnTrainBegin(plain),
		"expected a model that implements callbacks.WeightReader, got *callbacks.model")
	require.ErrorContains(t, (&TensorBoard{LogDir: dir, WriteGraph: new(true)}).OnTrainBegin(plain), "WriteGraph: callbacks: TensorBoard: expected a model")
	broken := &Run{Model: &drawn{fails: errors.New("no name")}}
	require.ErrorContains(t, (&TensorBoard{LogDir: dir, WriteGraph: new(true)}).OnTrainBegin(broken), "no name")

	b = &TensorBoard{LogDir: t.TempDir()} // By default a model without a graph has its curves.
	require.NoError(t, b.OnTrainBegin(plain))
	require.NoError(t, b.OnTestEnd(plain, Logs{"loss": 1}), "nothing counts the steps")
	require.NoError(t, b.OnEpochEnd(plain, 0, Logs{"loss": 1}))
	require.NoError(t, b.Close())
	got := readEvents(t, filepath.Join(b.LogDir, "train"))
	require.Len(t, got, 2)
	assert.Equal(t, "epoch_loss", got[0].Tag)
}

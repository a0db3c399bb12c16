package ops

import (
	"compress/gzip"
	"encoding/base64"
	little "encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// An array as internal/golden/ops.py writes it.
type goldenArray struct {
	DType string
	Shape []int
	Data  string
}

// A goldenCase is one call of an operation with Keras's answers.
type goldenCase struct {
	Op         string
	Attributes json.RawMessage
	Smooth     bool // finite differences make sense
	In         []goldenArray
	Out        []goldenArray
	Weights    []*goldenArray // of each output in the sum whose gradients are known
	Gradients  []*goldenArray // by input
	attributes attributes
}

// attributes are the arguments of all operations, by their names.
type attributes struct {
	Axis, Axis1, Axis2, Source, Destination, Shift, N, M, K, Sections, Classes, Segments int
	Axes, AxesX, AxesY, Repeats, Places                                                  []int
	Start, Shape, Order, Stop, Step, Size, Strides, Dilation, Offset                     json.RawMessage
	Value, Default, Lo, Hi, NaN, Epsilon                                                 float64
	PosInf, NegInf                                                                       *float64
	DType, Mode, Subscripts, Padding, Interpolation, DataFormat                          string
	Widths                                                                               [][2]int
	OutputPadding                                                                        []int
	Approximate, Logits, Scale, Bias, State, Mask, Backwards, Zero, Antialias, Crop, Pad bool
	Top, Left, Bottom, Right, TargetHeight, TargetWidth                                  *int
}

// into reads an attribute whose type depends on the operation; what is not there, or of another type, is zero.
func into[T any](raw json.RawMessage) T {
	var v, zero T
	if json.Unmarshal(raw, &v) != nil {
		return zero
	}
	return v
}

// readGolden reads the fixture once.
var readGolden = sync.OnceValues(func() ([]*goldenCase, error) {
	f, err := os.Open("testdata/ops.json.gz")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var all struct{ Cases []*goldenCase }
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		return nil, err
	}
	return all.Cases, nil
})

// dense decodes an array.
func (a *goldenArray) dense(t testing.TB) *tensor.Dense {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(a.Data)
	require.NoError(t, err)
	shape := tensor.WithShape(machineShape(a.Shape)...)
	switch a.DType {
	case "bool":
		v := make([]bool, len(raw))
		for i, b := range raw {
			v[i] = b != 0
		}
		return tensor.New(shape, tensor.WithBacking(v))
	case "int32":
		v := make([]int32, len(raw)/4)
		for i := range v {
			v[i] = int32(little.LittleEndian.Uint32(raw[4*i:]))
		}
		return tensor.New(shape, tensor.WithBacking(v))
	default:
		v := make([]float32, len(raw)/4)
		for i := range v {
			v[i] = math.Float32frombits(little.LittleEndian.Uint32(raw[4*i:]))
		}
		return tensor.New(shape, tensor.WithBacking(v))
	}
}

func (a *goldenArray) dtype() DType {
	if a.DType == "bool" || a.DType == "int32" {
		return DType(a.DType)
	}
	return Float32
}

func TestKeras(t *testing.T) {
	cases, err := readGolden()
	require.NoError(t, err)
	for i, k := range cases {
		t.Run(fmt.Sprintf("%s/%d", k.Op, i), func(t *testing.T) {
			checkForward(t, k)
			checkFiniteDifferences(t, k)
		})
	}
}

// record makes the case's inputs and calls the operation. Inputs that are not placeholders are constants.
func (k *goldenCase) record(t *testing.T, isPlaceholder func(i int) bool) (inputs, outputs []Tensor, loss Tensor) {
	f := goldenOps[k.Op]
	require.NotNil(t, f, "no operation %s", k.Op)
	for i, a := range k.In {
		if isPlaceholder(i) {
			inputs = append(inputs, Placeholder(fmt.Sprint("x", i), a.dtype(), a.Shape...))
		} else {
			inputs = append(inputs, Reshape(Array(a.dense(t)), a.Shape...))
		}
	}
	outputs = f(k, inputs)
	require.Len(t, outputs, len(k.Out))
	for i, w := range k.Weights {
		require.NoError(t, outputs[i].Err())
		require.Equal(t, k.Out[i].Shape, append([]int{}, outputs[i].Shape()...), "shape of output %d", i)
		require.Equal(t, k.Out[i].dtype(), outputs[i].DType(), "type of output %d", i)
		if w == nil {
			continue
		}
		sum := Sum(Multiply(outputs[i], Reshape(Array(w.dense(t)), w.Shape...)))
		if loss.Valid() {
			sum = Add(loss, sum)
		}
		loss = sum
	}
	return inputs, outputs, loss
}

func (k *goldenCase) isDifferentiated(i int) bool { return k.Gradients[i] != nil }

func (k *goldenCase) fill(t *testing.T, p *Program, which []int) {
	for j, i := range which {
		switch d := values(p.Inputs()[j]).(type) {
		case []float32:
			copy(d, k.In[i].dense(t).Float32s())
		case []float64:
			copy(d, widen(k.In[i].dense(t).Float32s()))
		case []int32:
			copy(d, k.In[i].dense(t).Int32s())
		case []bool:
			copy(d, k.In[i].dense(t).Bools())
		}
	}
}

func checkForward(t *testing.T, k *goldenCase) {
	t.Helper()
	inputs, outputs, loss := k.record(t, func(int) bool { return true })
	o := Options{Inputs: inputs, Outputs: outputs}
	var differentiated, all []int
	for i, x := range inputs {
		all = append(all, i)
		if k.isDifferentiated(i) {
			differentiated = append(differentiated, i)
			o.Loss, o.WithRespectTo = loss, append(o.WithRespectTo, x)
		}
	}
	p, err := Compile(o)
	require.NoError(t, err)
	k.fill(t, p, all)
	require.NoError(t, p.Run())
	for i, want := range k.Out {
		requireClose(t, want.dense(t), p.Outputs()[i], 1e-5, "output %d", i)
	}
	for j, i := range differentiated {
		want := k.Gradients[i].dense(t)
		if p.Gradients()[j] == nil {
			requireClose(t, want, tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(want.Shape()...)), 1e-4, "gradient %d", i)
			continue
		}
		requireClose(t, want, p.Gradients()[j], 1e-4, "gradient %d", i)
	}
}

// requireClose compares arrays with a tolerance relative to the largest value, or to 0.1 where that is smaller: inputs and weights are
// of the order of 1, and what is left where they cancel is rounding.
func requireClose(t *testing.T, want, got *tensor.Dense, tolerance float64, what string, args ...any) {
	t.Helper()
	w, ok := values(want).([]float32)
	if !ok {
		require.Equal(t, values(want), values(got), append([]any{what}, args...)...)
		return
	}
	g := got.Float32s()
	require.Len(t, g, len(w))
	top := 0.1
	for _, v := range w {
		if a := math.Abs(float64(v)); !math.IsInf(a, 0) && a > top {
			top = a
		}
	}
	for i := range w {
		if math.IsNaN(float64(w[i])) || math.IsInf(float64(w[i]), 0) {
			require.Equal(t, fmt.Sprint(w[i]), fmt.Sprint(g[i]), append([]any{what}, args...)...)
			continue
		}
		if d := math.Abs(float64(w[i]) - float64(g[i])); !(d <= tolerance*top) {
			require.Failf(t, "not close", "%s, element %d: expected %v, got %v\nexpected %v\ngot %v", fmt.Sprintf(what, args...), i, w[i], g[i], w, g)
		}
	}
}

func checkFiniteDifferences(t *testing.T, k *goldenCase) {
	t.Helper()
	inputs, _, loss := k.record(t, k.isDifferentiated)
	if !k.Smooth || !loss.Valid() {
		return
	}
	var differentiated []Tensor
	var which []int
	for i, x := range inputs {
		if k.isDifferentiated(i) {
			differentiated, which = append(differentiated, x), append(which, i)
		}
	}
	checkGradients(t, differentiated, loss, func(p *Program) { k.fill(t, p, which) })
}

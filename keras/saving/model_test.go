package saving

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
)

// The types of this file are what other packages have: structs of Keras's arguments.

type layer interface{ layer() }

type base struct {
	Name      string
	Trainable *bool // nil: true
	built     int
}

func (*base) layer() {}

type dense struct {
	base
	Units             int
	Activation        activation
	UseBias           *bool
	KernelInitializer initializer
	BiasInitializer   initializer
	KernelRegularizer regularizer
	BiasRegularizer   regularizer
	KernelConstraint  any
	BiasConstraint    *maxNorm
}

type padding string

type conv2D struct {
	base
	Filters      int
	KernelSize   []int
	Strides      []int
	Padding      padding
	DilationRate [2]int
	Activation   activation
	UseBias      *bool

	KernelInitializer initializer
	BiasInitializer   initializer
}

type zeroPadding2D struct {
	base
	Padding [][]int
}

type lstm struct {
	base
	Units                int
	Activation           activation
	RecurrentActivation  activation
	UseBias              *bool
	KernelInitializer    initializer
	RecurrentInitializer initializer
	BiasInitializer      initializer
	ReturnSequences      bool
	GoBackwards          bool
	ZeroOutputForMask    bool
	Dropout              float64
	RecurrentDropout     float64
}

type bidirectional struct {
	base
	Layer         layer
	BackwardLayer layer
	MergeMode     string
}

// inputLayer has a shape without a batch axis, which no field of Keras's config stands for.
type inputLayer struct {
	base
	Shape []int `keras:"-"`
	DType string
}

func (l *inputLayer) LoadConfig(config map[string]any) error {
	shape, err := Decode[[]int](config["batch_shape"])
	if err != nil || len(shape) == 0 {
		return errors.Errorf("batch_shape: expected a list, got %v", config["batch_shape"])
	}
	l.Shape = shape[1:]
	delete(config, "batch_shape")
	return nil
}

func (l *inputLayer) SaveConfig(config map[string]any) error {
	shape := []any{nil}
	for _, n := range l.Shape {
		if n < 0 {
			shape = append(shape, nil)
			continue
		}
		shape = append(shape, n)
	}
	config["batch_shape"] = shape
	return nil
}

type custom struct {
	base
	Sizes []int
}

type activation interface{ activate() }

type word string

func (word) activate() {}

type initializer interface{ init() }

type (
	glorotUniform struct{ Seed *int }
	orthogonal    struct{ Gain *float64 }
	zeros         struct{}
	constant      struct{ Value float64 }
)

func (glorotUniform) init() {}
func (orthogonal) init()    {}
func (zeros) init()         {}
func (constant) init()      {}

type regularizer interface{ penalty() }

type l2 struct{ L2 *float64 }

func (l2) penalty() {}

type maxNorm struct {
	MaxValue *float64
	Axis     []int
}

type loss interface{ loss() }

type meanSquaredError struct{ Reduction string }

func (meanSquaredError) loss() {}

type metric interface{ metric() }

type meanSquaredErrorMetric struct {
	Label string `keras:"name"`
}

func (*meanSquaredErrorMetric) metric() {}

type schedule interface{ rate() }

type optimizer interface{ optimizer() }

type adam struct {
	LearningRate float64
	Schedule     schedule `keras:"learning_rate"`
	Beta1        *float64
	Beta2        *float64
	Epsilon      float64
	AMSGrad      bool    `keras:"amsgrad"`
	ClipNorm     float64 `keras:"clipnorm"`
	OnStep       func()
}

func (*adam) optimizer() {}

type cosineDecay struct {
	InitialLearningRate float64
	DecaySteps          int
	Alpha               float64
	WarmupSteps         int
}

func (cosineDecay) rate() {}

func init() {
	Register[dense]("Dense", "keras.layers")
	Register[conv2D]("Conv2D", "keras.layers")
	Register[zeroPadding2D]("ZeroPadding2D", "keras.layers")
	Register[lstm]("LSTM", "keras.layers")
	Register[bidirectional]("Bidirectional", "keras.layers")
	Register[inputLayer]("InputLayer", "keras.layers")
	Register[custom]("P>My", "")
	Register[glorotUniform]("GlorotUniform", "keras.initializers")
	Register[orthogonal]("Orthogonal", "keras.initializers")
	Register[zeros]("Zeros", "keras.initializers")
	Register[constant]("Constant", "keras.initializers")
	Register[l2]("L2", "keras.regularizers")
	Register[maxNorm]("MaxNorm", "keras.constraints")
	Register[meanSquaredError]("MeanSquaredError", "keras.losses")
	Register[meanSquaredErrorMetric]("MeanSquaredError", "keras.metrics")
	Register[adam]("Adam", "keras.optimizers")
	Register[cosineDecay]("CosineDecay", "keras.optimizers.schedules")
	for _, name := range []string{"linear", "relu", "gelu", "tanh", "sigmoid", "P>swoosh"} {
		RegisterFunction(name, word(name))
	}
}

// fixture is what internal/golden/configs.py took from Keras.
type fixture struct {
	Objects  map[string]map[string]any
	Defaults map[string]map[string]any
	Words    map[string]map[string]string
}

func readFixture(t *testing.T) fixture {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "configs.json"))
	require.NoError(t, err)
	var f fixture
	require.NoError(t, json.Unmarshal(b, &f))
	return f
}

func ofJSON(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &m))
	return m
}

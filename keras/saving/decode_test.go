package saving

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLoadWhatKerasWrote(t *testing.T) {
	objects := readFixture(t).Objects
	usual := dense{
		base: base{Name: "dense", Trainable: new(true)}, Units: 3, Activation: word("linear"), UseBias: new(true),
		KernelInitializer: glorotUniform{}, BiasInitializer: zeros{},
	}
	fancy := dense{
		base: base{Name: "fancy", Trainable: new(false)}, Units: 5, Activation: word("relu"), UseBias: new(false),
		KernelInitializer: constant{Value: 2}, BiasInitializer: zeros{},
		KernelRegularizer: l2{L2: new(0.5)}, BiasConstraint: &maxNorm{MaxValue: new(3.0), Axis: []int{0}},
	}
	swoosh := usual
	swoosh.Name, swoosh.Units, swoosh.Activation = "s", 2, word("P>swoosh")
	for name, want := range map[string]any{
		"dense":  &usual,
		"fancy":  &fancy,
		"swoosh": &swoosh,
		"conv": &conv2D{
			base: base{Name: "conv", Trainable: new(true)}, Filters: 4, KernelSize: []int{3, 3}, Strides: []int{2, 2},
			Padding: "same", DilationRate: [2]int{1, 1}, Activation: word("gelu"), UseBias: new(true),
			KernelInitializer: glorotUniform{}, BiasInitializer: zeros{},
		},
		"padding": &zeroPadding2D{base{Name: "pad", Trainable: new(true)}, [][]int{{1, 2}, {3, 4}}},
		"input":   &inputLayer{base{Name: "in"}, []int{-1, 3}, "int32"},
		"custom":  &custom{base{Name: "my", Trainable: new(true)}, []int{4, 5}},
		"adam":    &adam{LearningRate: 0.25, Beta1: new(0.0), Beta2: new(0.999), Epsilon: 1e-7},
		"scheduled": &adam{
			Schedule: cosineDecay{InitialLearningRate: 0.1, DecaySteps: 1000, Alpha: 0.5},
			Beta1:    new(0.9), Beta2: new(0.999), Epsilon: 1e-7,
		},
		"mse": &meanSquaredError{Reduction: "sum_over_batch_size"},
	} {
		got, err := FromConfig(objects[name])
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
}

func TestNestedLayers(t *testing.T) {
	got, err := FromConfig(readFixture(t).Objects["bidirectional"])
	require.NoError(t, err)
	both := got.(*bidirectional)
	assert.Equal(t, "sum", both.MergeMode)
	forward := both.Layer.(*lstm)
	assert.Equal(t, 7, forward.Units)
	assert.True(t, forward.ReturnSequences)
	assert.False(t, forward.GoBackwards)
	assert.True(t, forward.ZeroOutputForMask, "Bidirectional sets it where sequences are returned")
	assert.Equal(t, word("sigmoid"), forward.RecurrentActivation)
	assert.Equal(t, orthogonal{Gain: new(1.0)}, forward.RecurrentInitializer)
}

func TestRefusedConfigs(t *testing.T) {
	objects := readFixture(t).Objects
	deep := map[string]any{"class_name": "Bidirectional", "config": map[string]any{}}
	for range 200 {
		deep = map[string]any{"class_name": "Bidirectional", "config": map[string]any{"layer": deep}}
	}
	for want, m := range map[string]map[string]any{
		"keras.layers.Dense: dtype: \"mixed_float16\" is not supported":                         objects["mixed"],
		"keras.layers.Conv2D: groups: 2 is not supported":                                       objects["grouped"],
		`Lambda "anonymous": Python code in files is not run`:                                   objects["lambda"],
		"expected an object with class_name, got the keys [a b]":                                {"b": 1, "a": 2},
		`class "keras.layers.Dents" is unknown: register it with saving.Register`:               {"module": "keras.layers", "class_name": "Dents"},
		`class "Q>Dense" is unknown: register it`:                                               {"module": "keras.layers", "class_name": "Dense", "registered_name": "Q>Dense"},
		`class "mine.layers.Dense" is unknown: register it`:                                     {"module": "mine.layers", "class_name": "Dense"},
		`class "keras.losses.Dense" is unknown: register it`:                                    {"module": "keras.losses", "class_name": "Dense"},
		"is ambiguous without a module: keras.losses.MeanSquaredError, keras.metrics.MeanSquar": {"class_name": "MeanSquaredError"},
		"keras.layers.Dense: config: expected an object, got [1]":                               {"class_name": "Dense", "config": []any{1}},
		"nest more than 100 deep":                                                               deep,
	} {
		_, err := FromConfig(m)
		assert.ErrorContains(t, err, want)
	}
}

func TestRefusedValues(t *testing.T) {
	for config, want := range map[string]string{
		`{"units": 2.5}`:           "keras.layers.Dense: units: expected a int, got 2.5",
		`{"units": "3"}`:           `units: expected a int, got "3"`,
		`{"units": 1e300}`:         "units: expected a int, got 1e+300",
		`{"units": [1, 2]}`:        "units: expected a int, got [1 2]",
		`{"name": 3}`:              "name: expected a string, got 3",
		`{"use_bias": 1}`:          "use_bias: expected a bool, got 1",
		`{"activation": "wobble"}`: `no saving.activation is named "wobble"`,
		`{"activation": 3}`:        "activation: expected the name of a saving.activation or an object, got 3",
		`{"kernel_initializer": {"class_name": "L2", "config": {}}}`:                                 `class "L2" is unknown`,
		`{"kernel_initializer": {"module": "keras.regularizers", "class_name": "L2", "config": {}}}`: "a saving.l2 is no saving.initializer",
		`{"kernel_initializer": {"class_name": "Constant", "config": {"value": []}}}`:                "kernel_initializer: keras.initializers.Constant: value: expected a float64, got []",
		`{"kernel_regularizer": "glorot_uniform"}`:                                                   `no saving.regularizer is named "glorot_uniform"`,
		`{"bias_constraint": {"module": "keras.regularizers", "class_name": "L2", "config": {}}}`:    "bias_constraint: expected a saving.maxNorm, got a saving.l2",
		`{"activation": {"class_name": "__lambda__", "config": {"value": "4wE"}}}`:                   "activation: a lambda: Python code in files is not run",
		`{"lora_rank": 4}`: "keras.layers.Dense: lora_rank: 4 is not supported",
		`{"extra": {"class_name": "__lambda__", "config": {}}}`:                    "extra: a lambda: Python code",
		`{"dtype": {"class_name": "DTypePolicy", "config": {"name": "bfloat16"}}}`: `dtype: "bfloat16" is not supported`,
	} {
		_, err := FromConfig(map[string]any{"class_name": "Dense", "config": ofJSON(t, config)})
		assert.ErrorContains(t, err, want, config)
	}
}

func TestFormsOfKeras2(t *testing.T) {
	for text, want := range map[string]any{
		`{"class_name": "Dense", "config": {"name": "d", "units": 4, "activation": "relu", "dtype": "float32", "batch_input_shape": [null, 3],
			"kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": null}}, "bias_initializer": "zeros",
			"kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.25}}}}`: &dense{
			base: base{Name: "d"}, Units: 4, Activation: word("relu"), KernelInitializer: glorotUniform{}, BiasInitializer: zeros{},
			KernelRegularizer: l2{L2: new(0.25)},
		},
		`{"class_name": "Adam", "config": {"name": "Adam", "lr": 0.5, "beta_1": 0.9, "decay": 0.0, "amsgrad": true}}`: &adam{LearningRate: 0.5, Beta1: new(0.9), AMSGrad: true},
		`{"class_name": "P>My", "config": {"sizes": {"class_name": "__tuple__", "items": [1, 2]}}}`:                   &custom{Sizes: []int{1, 2}},
		`{"class_name": "Conv2D", "module": "keras.src.layers.convolutional.conv2d", "config": {"kernel_size": 3, "padding": "same", "dilation_rate": [2, 1]}}`: &conv2D{
			KernelSize: []int{3}, Padding: "same", DilationRate: [2]int{2, 1},
		},
		`{"class_name": "Dense", "module": "tensorflow.python.keras.layers.core", "config": null}`:                              &dense{},
		`{"class_name": "Dense", "config": {"kernel_constraint": {"class_name": "MaxNorm", "config": {"axis": 1}}}}`:            &dense{KernelConstraint: &maxNorm{Axis: []int{1}}},
		`{"class_name": "Dense", "config": {"activation": {"class_name": "function", "config": "tanh", "module": "builtins"}}}`: &dense{Activation: word("tanh")},
		`{"class_name": "Dense", "config": {"bias_constraint": {"class_name": "MaxNorm", "config": {"max_value": {"class_name": "__tensor__", "config": {"value": 2, "dtype": "float32"}}}}}}`: &dense{
			BiasConstraint: &maxNorm{MaxValue: new(2.0)},
		},
	} {
		got, err := FromConfig(ofJSON(t, text))
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
}

// Every word Keras knows a registered class by finds it, and through the right interface.
func TestWords(t *testing.T) {
	words := readFixture(t).Words
	tried := 0
	try := func(area, class string, decode func(word string) (any, error), want any) {
		for w, name := range words[area] {
			if normalized(name) != class {
				continue
			}
			got, err := decode(w)
			require.NoError(t, err, w)
			assert.Equal(t, want, got, w)
			tried++
		}
	}
	try("losses", "meansquarederror", func(w string) (any, error) { return Decode[loss](w) }, meanSquaredError{})
	try("metrics", "meansquarederror", func(w string) (any, error) { return Decode[metric](w) }, &meanSquaredErrorMetric{})
	try("initializers", "glorotuniform", func(w string) (any, error) { return Decode[initializer](w) }, glorotUniform{})
	try("initializers", "zeros", func(w string) (any, error) { return Decode[initializer](w) }, zeros{})
	try("initializers", "orthogonal", func(w string) (any, error) { return Decode[initializer](w) }, orthogonal{})
	try("regularizers", "l2", func(w string) (any, error) { return Decode[regularizer](w) }, l2{})
	try("optimizers", "adam", func(w string) (any, error) { return Decode[optimizer](w) }, &adam{})
	assert.Greater(t, tried, 15)
	for short, full := range shortNames {
		assert.NotEqual(t, normalized(short), normalized(full), "a short name that is no other word")
	}
}

// What a struct may lack is what Keras says by default, in every class that has the key but these.
func TestUsualValuesAreKerasDefaults(t *testing.T) {
	other := map[string]bool{
		"layers.GroupNormalization groups": true,
		"constraints.MaxNorm axis":         true,
		"constraints.MinMaxNorm axis":      true,
		"constraints.UnitNorm axis":        true,
		"layers.Normalization axis":        true,
		"metrics.BinaryIoU dtype":          true,
	}
	seen := map[string]bool{}
	for class, config := range readFixture(t).Defaults {
		for key, value := range config {
			harmless := usual[key]
			if harmless == nil || value == nil {
				continue
			}
			seen[key] = true
			value, err := plain(value)
			require.NoError(t, err)
			assert.Equal(t, !other[class+" "+key], harmless(value), "%s %s: %v", class, key, value)
		}
	}
	assert.Greater(t, len(seen), 25)
}

func TestUnusualValues(t *testing.T) {
	for key, value := range map[string]any{
		"trainable": false, "data_format": "channels_first", "dilation_rate": []any{1.0, 2.0}, "groups": 2.0, "axis": 1.0, "renorm": true,
		"reset_after": false, "unit_forget_bias": false, "use_ema": true, "arguments": map[string]any{"a": 1}, "dtype": "float64", "from_logits": true,
		"reduction": "sum", "batch_shape": []any{nil, 3.0}, "sparse": true, "decay": 0.1, "never heard of": false,
	} {
		assert.ErrorContains(t, refuseUnknown(map[string]any{key: value}), key)
	}
	assert.NoError(t, refuseUnknown(map[string]any{"never heard of": nil}))
}

package saving

import (
	"encoding/json"
	"testing"
)

// Whatever a file says is loaded or refused; what was loaded can be saved, or the error says why not.
func FuzzFromConfig(f *testing.F) {
	for _, text := range []string{
		`{"class_name": "Dense", "config": {"units": 3, "activation": "relu", "use_bias": false, "bias_constraint": {"class_name": "MaxNorm", "config": {"axis": [0, 1]}}}}`,
		`{"class_name": "Conv2D", "config": {"kernel_size": {"class_name": "__tuple__", "items": [3, 3]}, "dilation_rate": [1, 1], "dtype": {"class_name": "DTypePolicy", "config": {"name": "float32"}}}}`,
		`{"class_name": "Bidirectional", "config": {"layer": {"module": "keras.src.layers", "class_name": "LSTM", "config": {"recurrent_initializer": "orthogonal"}}}}`,
		`{"class_name": "Adam", "config": {"learning_rate": {"class_name": "CosineDecay", "config": {}}, "lr": 1}}`,
		`{"class_name": "InputLayer", "config": {"batch_shape": [null, 3], "dtype": "int32"}}`,
		`{"class_name": "Lambda", "config": {"function": {"class_name": "__lambda__", "config": {"code": "4w"}}}}`,
		`{"class_name": "ZeroPadding2D", "config": {"padding": [[1, 2], 3]}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		var m map[string]any
		if json.Unmarshal(b, &m) != nil {
			return
		}
		if v, err := FromConfig(m); err == nil {
			_, _ = ToConfig(v)
		}
	})
}

package saving

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRegisterPanics(t *testing.T) {
	assert.PanicsWithError(t, "saving: Register keras.layers.Dense: the name is taken by saving.dense", func() { Register[l2]("Dense", "keras.layers") })
	assert.PanicsWithError(t, "saving: Register X: int is not a struct", func() { Register[int]("X", "") })
	assert.PanicsWithError(t, `saving: RegisterFunction relu: the name is taken by "relu"`, func() { RegisterFunction("relu", word("other")) })
	assert.PanicsWithError(t, "saving: RegisterFunction f: a func() cannot be compared", func() { RegisterFunction("f", func() {}) })
}

func TestSnake(t *testing.T) {
	for field, want := range map[string]string{
		"LearningRate": "learning_rate", "Beta1": "beta_1", "L2": "l2", "L1": "l1", "L1L2": "l1_l2", "UseBias": "use_bias", "MinLR": "min_lr",
		"FromLogits": "from_logits", "DType": "dtype", "ReturnSequences": "return_sequences", "K": "k", "TopK": "top_k", "UseEMA": "use_ema",
		"EMAMomentum": "ema_momentum", "NumOOVIndices": "num_oov_indices", "TargetClassIDs": "target_class_ids", "Epsilon1": "epsilon_1",
		"L1RegularizationStrength": "l1_regularization_strength", "RMSScaling": "rms_scaling", "ClassID": "class_id",
	} {
		assert.Equal(t, want, snake(field))
	}
}

// A field further out hides one of the same key in an embedded struct.
func TestOuterFieldsHideInner(t *testing.T) {
	type inner struct {
		Name  string
		Other int
	}
	type outer struct {
		inner
		Label string `keras:"name"`
		Skip  int    `keras:"-"`
	}
	var got []string
	for _, s := range slots(reflect.TypeFor[outer]()) {
		got = append(got, s.key+"="+s.fields[0].Name)
		assert.Len(t, s.fields, 1)
	}
	assert.Equal(t, []string{"name=Label", "other=Other"}, got)
}

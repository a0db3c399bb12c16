package saving_test

import (
	"testing"

	"github.com/gokeras/gokeras/keras/saving"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// focus has arguments of its constructor and of its call.
type focus struct {
	Heads         int
	UseCausalMask bool `keras:"use_causal_mask,call"`
	Steps         *int `keras:"steps,call"`
}

func init() { saving.Register[focus]("Focus", "test.calls") }

func TestCallArguments(t *testing.T) {
	t.Parallel()
	f := &focus{Heads: 2, UseCausalMask: true}
	config, err := saving.ToConfig(f)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"heads": int64(2)}, config["config"], "arguments of a call are in no config")

	got, err := saving.CallArguments(f)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"use_causal_mask": true}, got)

	read := &focus{Heads: 3, UseCausalMask: true}
	require.NoError(t, saving.SetCallArguments(read, map[string]any{"steps": 4.0, "use_causal_mask": nil, "attention_mask": "m"}))
	assert.Equal(t, &focus{Heads: 3, Steps: new(4)}, read)

	none, err := saving.CallArguments(3)
	require.NoError(t, err)
	assert.Empty(t, none)
}

func TestCallArgumentsThatDoNotFit(t *testing.T) {
	t.Parallel()
	assert.ErrorContains(t, saving.SetCallArguments(&focus{}, map[string]any{"use_causal_mask": "yes"}), "use_causal_mask")
	assert.ErrorContains(t, saving.SetCallArguments(focus{}, map[string]any{"steps": 1.0}), "expected a pointer to a struct")
	config := map[string]any{"module": "test.calls", "class_name": "Focus", "config": map[string]any{"use_causal_mask": true}}
	_, err := saving.FromConfig(config)
	assert.ErrorContains(t, err, "use_causal_mask", "a config has no arguments of a call")
}

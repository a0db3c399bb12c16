package optional_test

import (
	"testing"

	"github.com/gokeras/gokeras/internal/optional"
	"github.com/stretchr/testify/assert"
)

func TestOr(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 0.5, optional.Or(nil, 0.5))
	assert.Equal(t, 0.0, optional.Or(new(0.0), 0.5), "an explicit zero counts")
	assert.False(t, optional.Or(new(false), true))
}

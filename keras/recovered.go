package keras

import (
	"runtime/debug"

	"github.com/pkg/errors"
)

// recovered makes a panic in a user's function, such as a callback, a metric or a loss, the error of what called it. It is deferred.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = errors.Errorf("keras: panic: %v\n%s", p, debug.Stack())
	}
}

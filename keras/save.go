package keras

import "github.com/pkg/errors"

// Save is there soon.
func (m *Model) Save(path string) error { return errors.New("not yet") }

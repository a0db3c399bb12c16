package keras

import (
	"io"
	"os"
	"strings"

	"github.com/gokeras/gokeras/internal/hdf5"
	"github.com/gokeras/gokeras/internal/wholefile"
	"github.com/pkg/errors"
)

const weightsSuffix = ".weights.h5"

// SaveWeights writes the weights and the optimizer's state, without the model's configuration, to a file that Keras 3's load_weights and
// [Model.LoadWeights] read. The path ends in .weights.h5. It writes as [Model.Save] does, and may be called as that.
func (m *Model) SaveWeights(path string) error {
	if !strings.HasSuffix(path, weightsSuffix) {
		return errors.Errorf("keras: save weights %s: expected a path that ends in %s", path, weightsSuffix)
	}
	return errors.Wrapf(wholefile.Replace(path, m.saveWeights), "keras: save weights %s", path)
}

func (m *Model) saveWeights(w io.Writer) error {
	unlock, err := m.lockToSave()
	if err != nil {
		return err
	}
	defer unlock()
	if m.built == nil {
		return errors.New("the model has no weights yet: it is not built")
	}
	return m.writeWeights(w)
}

// LoadWeights reads the weights of a file that [Model.SaveWeights] or Keras 3's save_weights has written for the same layers. As in Keras, the
// optimizer's state is read too where it fits. Where anything is missing or has another shape, nothing changes.
func (m *Model) LoadWeights(path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return errors.Wrap(err, "keras: load weights")
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return errors.Wrap(err, "keras: load weights")
	}
	return errors.Wrapf(m.loadWeights(f, info.Size()), "keras: load weights %s", path)
}

func (m *Model) loadWeights(r io.ReaderAt, size int64) error {
	if !m.training.CompareAndSwap(false, true) {
		return ErrTraining
	}
	defer m.training.Store(false)
	h, err := hdf5.Open(r, size)
	if err != nil {
		return err
	}
	m.weights.Lock()
	defer m.weights.Unlock()
	if m.built == nil {
		return errors.New("the model has no weights yet: it is not built")
	}
	m.assignNames(map[string]int{})
	groups := m.stateGroups(kept)
	for _, check := range []bool{true, false} {
		for _, g := range groups {
			load := g.read
			if check {
				load = g.check
			}
			if err := load(h); err != nil {
				return errors.WithMessagef(err, "layer %s", g.layer)
			}
		}
	}
	c := m.compilation.Load()
	if c == nil {
		return nil
	}
	if err := c.buildOptimizer(); err != nil {
		return err
	}
	return errors.WithMessage(c.read(h), "optimizer/vars")
}

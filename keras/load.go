package keras

import (
	"bytes"
	"io"
	"io/fs"
	"os"

	"github.com/gokeras/gokeras/internal/hdf5"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// Load reads a model from a .keras file that Keras 3 or [Model.Save] has written, with its weights, its way of being trained and the
// optimizer's state, so that Fit goes on where it was. Layers, losses and so on of one's own must be registered with saving.Register;
// Python code in a file is not run. As in Keras, an optimizer whose state does not fit the weights starts afresh.
//
// A model that is trained in a way that is not supported is loaded all the same; Fit and Evaluate then say what it is, until Compile.
func Load(path string) (m *Model, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Wrap(err, "keras: load")
	}
	defer func() {
		if cerr := f.Close(); err == nil && cerr != nil {
			m, err = nil, errors.Wrap(cerr, "keras: load")
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Wrap(err, "keras: load")
	}
	m, err = load(f, info.Size())
	return m, errors.Wrapf(err, "keras: load %s", path)
}

// LoadReader is [Load] from the first size bytes of r.
func LoadReader(r io.ReaderAt, size int64) (*Model, error) {
	m, err := load(r, size)
	return m, errors.Wrap(err, "keras: load")
}

// LoadFS is [Load] from a file system, such as an embedded one.
func LoadFS(fsys fs.FS, name string) (*Model, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, errors.Wrap(err, "keras: load")
	}
	m, err := load(bytes.NewReader(data), int64(len(data)))
	return m, errors.Wrapf(err, "keras: load %s", name)
}

func load(r io.ReaderAt, size int64) (*Model, error) {
	a, err := openArchive(r, size)
	if err != nil {
		return nil, err
	}
	config, err := a.config()
	if err != nil {
		return nil, err
	}
	m, err := decodeModel(config, 0)
	if err != nil {
		return nil, errors.WithMessage(err, configName)
	}
	if err := m.readAssets(a); err != nil {
		return nil, err
	}
	h, err := a.weights()
	if err != nil {
		return nil, err
	}
	if err := m.restore(config, h); err != nil {
		return nil, err
	}
	compile, _ := config["compile_config"].(map[string]any)
	if len(compile) == 0 {
		return m, nil
	}
	if err := m.recompile(compile, h); err != nil {
		return nil, err
	}
	return m, nil
}

// restore builds the model and reads its weights. Nothing takes memory before it is known that the file has as much.
func (m *Model) restore(config map[string]any, h *hdf5.File) error {
	in, err := m.loadedInputs(config)
	if err != nil {
		return err
	}
	if in == nil {
		return m.notBuiltYet(h)
	}
	t, _, err := m.trace(in)
	if err != nil {
		return err
	}
	for _, g := range m.stateGroups(t.DeclaredBy) {
		if err := g.check(h); err != nil {
			return errors.WithMessagef(err, "%s: layer %s", weightsName, g.layer)
		}
	}
	if err := m.build(in); err != nil {
		return err
	}
	for _, g := range m.stateGroups(kept) {
		if err := g.read(h); err != nil {
			return errors.WithMessagef(err, "%s: layer %s", weightsName, g.layer)
		}
	}
	return nil
}

// loadedInputs are the inputs that a loaded model is built for; nil where the file does not say.
func (m *Model) loadedInputs(config map[string]any) ([]ops.Spec, error) {
	in, err := m.inputSpecs()
	if err != nil || in != nil {
		return in, err
	}
	own, _ := config["config"].(map[string]any)
	build, _ := config["build_config"].(map[string]any)
	for _, v := range []any{own["build_input_shape"], build["input_shape"]} {
		if v == nil {
			continue
		}
		shape, err := saving.Decode[[]int](v)
		if err != nil {
			return nil, errors.WithMessagef(err, "%s: build_input_shape", configName)
		}
		if len(shape) > 0 {
			return []ops.Spec{{Shape: shape, DType: ops.Float32}}, nil
		}
	}
	return nil, nil
}

// notBuiltYet makes sure that the file of a model of unknown input has no weights, which could not be read.
func (m *Model) notBuiltYet(h *hdf5.File) error {
	if !h.Root().Has("layers") {
		return nil
	}
	return h.Walk(func(path string, _ *hdf5.Dataset) error {
		if len(path) > 6 && (path[:6] == "layers" || path[1:7] == "layers") {
			return errors.Errorf("%s: %s: there are weights, but no build_config says for which input", weightsName, path)
		}
		return nil
	})
}

// recompile compiles a loaded model as it was, and gives the optimizer its state.
func (m *Model) recompile(config map[string]any, h *hdf5.File) error {
	if !m.compileAs(config) || m.built == nil {
		return nil
	}
	if err := m.compilation.Load().buildOptimizer(); err != nil {
		return err
	}
	return errors.WithMessagef(m.compilation.Load().read(h), "%s: optimizer/vars", weightsName)
}

// compileAs compiles a loaded model as its file says. A way of training that is not supported is kept: whoever wants to train is told,
// and Save writes it again.
func (m *Model) compileAs(config map[string]any) (supported bool) {
	o, err := decodeCompiled(config, m.outputNames(max(1, len(m.outputs))))
	if err == nil {
		err = m.Compile(o)
	}
	if err != nil {
		m.foreign = &foreign{config: config, reason: err}
	}
	return err == nil
}

// foreign is a way of training that a loaded file asks for and that is not supported.
type foreign struct {
	config map[string]any
	reason error
}

// read reads the optimizer's state, if there is one for these weights.
func (c *compiled) read(h *hdf5.File) error {
	state := optimizers.State(c.Optimizer)
	group, err := h.Root().Group("optimizer/vars")
	if errors.Is(err, hdf5.ErrNotFound) || err == nil && len(group.Names()) != len(state) {
		return nil
	}
	if err != nil {
		return err
	}
	for i := range state {
		s := &state[i]
		d, err := group.Dataset(itoa(i))
		if err != nil {
			return err
		}
		s.Shape = d.Shape()
		if s.Int != nil {
			s.Int, err = d.Int64s()
		} else {
			s.Float, err = d.Float32s()
		}
		if err != nil {
			return errors.WithMessage(err, s.Name)
		}
	}
	return optimizers.SetState(c.Optimizer, state)
}

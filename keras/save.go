package keras

import (
	"archive/zip"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/gokeras/gokeras/internal/hdf5"
	"github.com/gokeras/gokeras/internal/wholefile"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/optimizers"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// The members of a .keras file.
const (
	metadataName = "metadata.json"
	configName   = "config.json"
	weightsName  = "model.weights.h5"
)

// kerasVersion is the version of Keras whose format files have.
const kerasVersion = "3.15.1"

// Save writes the model, as it is compiled and with the optimizer's state, to a file that Keras 3 and [Load] read. The path ends in
// .keras. The file is written beside its place and then moved there, so that an old file stays whole if anything fails. Save may be called
// at any time, also by callbacks and while Fit runs: it writes the weights as they are between two steps.
//
// Beside what Keras writes, the file holds the layers' random streams, which Keras passes over.
func (m *Model) Save(path string) error {
	if !strings.HasSuffix(path, ".keras") {
		return errors.Errorf("keras: save %s: expected a path that ends in .keras", path)
	}
	return errors.Wrapf(wholefile.Replace(path, m.writeTo), "keras: save %s", path)
}

// SaveWriter is [Model.Save] to a writer.
func (m *Model) SaveWriter(w io.Writer) error { return errors.Wrap(m.writeTo(w), "keras: save") }

// writeTo writes the archive.
func (m *Model) writeTo(w io.Writer) error {
	unlock, err := m.lockToSave()
	if err != nil {
		return err
	}
	defer unlock()
	config, err := m.encode()
	if err != nil {
		return err
	}
	metadata := map[string]any{"keras_version": kerasVersion, "date_saved": time.Now().Format("2006-01-02@15:04:05")}
	z := zip.NewWriter(w)
	if err := writeJSON(z, metadataName, metadata); err != nil {
		return err
	}
	if err := writeJSON(z, configName, config); err != nil {
		return err
	}
	member, err := z.CreateHeader(&zip.FileHeader{Name: weightsName, Method: zip.Store})
	if err != nil {
		return err
	}
	if err := m.writeWeights(member); err != nil {
		return err
	}
	if err := m.writeAssets(z); err != nil {
		return err
	}
	return z.Close()
}

func writeJSON(z *zip.Writer, name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return errors.Wrap(err, name)
	}
	return writeMember(z, name, data)
}

// lockToSave makes sure that the model can be saved, and keeps its weights as they are until unlock.
func (m *Model) lockToSave() (unlock func(), err error) {
	if m.err != nil {
		return nil, m.err
	}
	m.assignNames(map[string]int{})
	if err := m.duplicateName(); err != nil {
		return nil, err
	}
	m.saving.Lock() // The optimizer notes what it was asked last, which is not for two at once.
	m.weights.RLock()
	return func() {
		m.weights.RUnlock()
		m.saving.Unlock()
	}, nil
}

// encodeUntrained is the model as an object of Keras's JSON, without the way it is trained.
func (m *Model) encodeUntrained() (map[string]any, error) {
	in := m.built
	if in == nil {
		var err error
		if in, err = m.inputSpecs(); err != nil {
			return nil, err
		}
	}
	return encodeModel(m, m.ModelName(), in)
}

// encode is the model and the way it is trained as an object of Keras's JSON.
func (m *Model) encode() (map[string]any, error) {
	o, err := m.encodeUntrained()
	if err != nil {
		return nil, err
	}
	switch {
	case m.compilation.Load() != nil:
		o["compile_config"], err = m.encodeCompiled()
	case m.foreign != nil:
		o["compile_config"] = m.foreign.config
	}
	return o, errors.WithMessage(err, "compile_config")
}

// writeWeights writes the weights and the optimizer's state as HDF5.
func (m *Model) writeWeights(w io.Writer) error {
	h := hdf5.New()
	for _, g := range m.stateGroups(kept) {
		if err := g.write(h); err != nil {
			return errors.WithMessagef(err, "layer %s", g.layer)
		}
	}
	if m.compilation.Load() != nil {
		if err := m.compilation.Load().write(h); err != nil {
			return errors.WithMessage(err, "optimizer")
		}
	}
	_, err := h.WriteTo(w)
	return err
}

// varsGroup is the path of the arrays of a group.
func varsGroup(at string) string { return strings.TrimPrefix(at+"/vars", "/") }

func (g *stateGroup) write(h *hdf5.Writer) error {
	vars := varsGroup(g.path)
	if err := h.Group(vars); err != nil {
		return err
	}
	if err := h.Attr(vars, "name", g.name); err != nil {
		return err
	}
	for i, w := range g.weights {
		var data any = w.Float32s()
		if w.DType() != ops.Float32 {
			data = w.Value().Int32s()
		}
		if err := h.Dataset(vars+"/"+itoa(i), w.Shape(), data); err != nil {
			return errors.WithMessage(err, w.Path)
		}
	}
	return g.writeOwn(h, vars)
}

// writeOwn writes what a layer keeps by names of its own.
func (g *stateGroup) writeOwn(h *hdf5.Writer, vars string) error {
	keeper, ok := g.part.(layers.StateKeeper)
	if !ok {
		return nil
	}
	arrays := keeper.OwnState()
	for _, name := range sortedKeys(arrays) {
		if err := h.Dataset(vars+"/"+name, []int{len(arrays[name])}, arrays[name]); err != nil {
			return errors.WithMessage(err, name)
		}
	}
	return nil
}

// write writes the optimizer's state.
func (c *compiled) write(h *hdf5.Writer) error {
	const vars = "optimizer/vars"
	if err := h.Group(vars); err != nil {
		return err
	}
	if err := h.Attr(vars, "name", layers.SnakeCase(optimizerClass(c.Optimizer))); err != nil {
		return err
	}
	for i, s := range optimizers.State(c.Optimizer) {
		var data any = s.Float
		if s.Int != nil {
			data = s.Int
		}
		if err := h.Dataset(vars+"/"+itoa(i), s.Shape, data); err != nil {
			return errors.WithMessage(err, s.Name)
		}
	}
	return nil
}

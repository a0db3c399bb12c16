package keras

import (
	"archive/zip"
	"path"
	"strings"

	"github.com/gokeras/gokeras/keras/preprocessing"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
)

// assetsFolder holds the files that layers keep beside their weights, by the layers' places in the weights file.
const assetsFolder = "assets"

// preparationName is the file of [Model.Preparation]. Keras passes it over.
const preparationName = assetsFolder + "/preparation.json"

const maxAssetBytes = 1 << 30

// writeAssets writes the preparation and the files of all layers.
func (m *Model) writeAssets(z *zip.Writer) error {
	if m.Preparation != nil {
		data, err := preprocessing.Encode(m.Preparation)
		if err != nil {
			return err
		}
		if err := writeMember(z, preparationName, data); err != nil {
			return err
		}
	}
	for _, g := range m.stateGroups(kept) {
		keeper, ok := g.part.(layers.AssetKeeper)
		if !ok {
			continue
		}
		files := keeper.Assets()
		for _, name := range sortedKeys(files) {
			if err := writeMember(z, path.Join(assetsFolder, g.path, name), files[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeMember(z *zip.Writer, name string, data []byte) error {
	member, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		return err
	}
	_, err = member.Write(data)
	return errors.Wrap(err, name)
}

// readAssets reads the preparation and gives layers the files that they kept.
func (m *Model) readAssets(a *archive) error {
	if a.members[preparationName] != nil {
		data, err := a.read(preparationName, maxAssetBytes)
		if err != nil {
			return err
		}
		if m.Preparation, err = preprocessing.Decode[any](data); err != nil {
			return errors.WithMessage(err, preparationName)
		}
	}
	m.assignNames(map[string]int{})
	for _, g := range m.stateGroups(kept) {
		keeper, ok := g.part.(layers.AssetKeeper)
		if !ok {
			continue
		}
		files, err := a.folder(path.Join(assetsFolder, g.path) + "/")
		if err != nil {
			return err
		}
		if len(files) == 0 {
			continue
		}
		if err := keeper.SetAssets(files); err != nil {
			return errors.WithMessagef(err, "layer %s", g.layer)
		}
	}
	return nil
}

// folder reads the files that lie in a folder, without those in folders within it.
func (a *archive) folder(prefix string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, at := range sortedKeys(a.members) {
		name, ok := strings.CutPrefix(at, prefix)
		if !ok || name == "" || strings.Contains(name, "/") {
			continue
		}
		data, err := a.read(at, maxAssetBytes)
		if err != nil {
			return nil, err
		}
		files[name] = data
	}
	return files, nil
}

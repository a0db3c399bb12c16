package diagram_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"testing"

	"github.com/gokeras/gokeras/internal/golden/fixture"
	"github.com/gokeras/gokeras/keras"
	"github.com/gokeras/gokeras/keras/visualization/diagram"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var diagrams = flag.String("diagrams", "testdata/diagrams.json.gz", "the `file` that internal/golden/diagrams.py wrote")

type diagramCase struct {
	Name     string
	Model    string // a .keras file
	Diagrams []struct {
		Options struct {
			Shapes      bool `json:"show_shapes"`
			DType       bool `json:"show_dtype"`
			Names       bool `json:"show_layer_names"`
			Activations bool `json:"show_layer_activations"`
			Trainable   bool `json:"show_trainable"`
			Expand      bool `json:"expand_nested"`
			RankDir     string
			DPI         int
		}
		Dot string
	}
}

func TestDiagramIsKeras(t *testing.T) {
	for _, c := range fixture.Read[diagramCase](t, *diagrams).Cases {
		t.Run(c.Name, func(t *testing.T) {
			file, err := base64.StdEncoding.DecodeString(c.Model)
			require.NoError(t, err)
			m, err := keras.LoadReader(bytes.NewReader(file), int64(len(file)))
			require.NoError(t, err)
			for _, d := range c.Diagrams {
				o := d.Options
				got, err := diagram.Dot(m, diagram.Options{
					ShowShapes: o.Shapes, ShowDtype: o.DType, ShowLayerNames: o.Names, ShowLayerActivations: o.Activations,
					ShowTrainable: o.Trainable, ExpandNested: o.Expand, RankDir: o.RankDir, DPI: o.DPI,
				})
				require.NoError(t, err)
				assert.Equal(t, d.Dot, got, "%+v", o)
			}
		})
	}
}

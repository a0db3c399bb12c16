// Package picturetest looks at pictures in tests.
package picturetest

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/png"
	"io"
	"testing"

	"github.com/gokeras/gokeras/keras/visualization"
	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
)

// Written is the picture as a file, which is the same each time.
func Written(t *testing.T, p *visualization.Picture, f visualization.Format) []byte {
	t.Helper()
	var a, b bytes.Buffer
	require.NoError(t, p.Write(&a, f))
	require.NoError(t, p.Write(&b, f))
	require.Equal(t, a.Bytes(), b.Bytes(), "a picture can be written often, with the same bytes")
	return a.Bytes()
}

// Pixels is the picture as a PNG.
func Pixels(t *testing.T, p *visualization.Picture) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(Written(t, p, visualization.PNG)))
	require.NoError(t, err)
	return img
}

// Texts are the texts in the picture as an SVG, which must be well-formed.
func Texts(t *testing.T, p *visualization.Picture) []string {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(Written(t, p, visualization.SVG)))
	var texts []string
	inside := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		require.NoError(t, err)
		switch x := token.(type) {
		case xml.StartElement:
			inside = x.Name.Local == "text"
		case xml.EndElement:
			inside = false
		case xml.CharData:
			if inside {
				texts = append(texts, string(x))
			}
		}
	}
}

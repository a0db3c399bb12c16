// Package fonts holds what pictures are written in.
package fonts

import (
	"sync"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
)

// Cache returns Liberation Sans, whose letters are as wide as those of Helvetica, which Graphviz lays out by.
func Cache() *font.Cache { return cache() }

var cache = sync.OnceValue(func() *font.Cache { return font.NewCache(liberation.Collection()) })

// Sans is the font that all texts are written in, of a size in points.
func Sans(size float64, bold bool) font.Face {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return Cache().Lookup(f, f.Size)
}

//go:build !amd64

package kernel

// activeGeometry returns the geometry of the active path.
func activeGeometry() *geometry { return &portableGeometry }

// copyPanel copies n rows of cols numbers, as wide as a panel, filling up with zeros.
func (g *geometry) copyPanel(dst []float32, src []float32, rowSrc, n, cols int) {
	copyPanelPortable(dst, src, g.width(), rowSrc, n, cols)
}

// transposeGroup writes n numbers each of g.lanes rows of src as n rows of dst, width numbers apart.
func (g *geometry) transposeGroup(dst, src []float32, width, rowSrc, n int) {
	transposePortable(dst, src, width, rowSrc, n, g.lanes)
}

// addTo adds src to dst, which is as long.
func (g *geometry) addTo(dst, src []float32) { addToPortable(dst, src) }

// laneSums writes the sum of each of n groups of g.lanes numbers; n is a multiple of g.lanes.
func (g *geometry) laneSums(dst, src []float32, n int) { laneSumsPortable(dst, src, n, g.lanes) }

// dots is there for paths with masks only.
func (g *geometry) dots(*tile) {}

// turnStore is there for paths with masks only.
func (g *geometry) turnStore(*tile) {}

// row is there for paths with masks only.
func (g *geometry) row(*tile) {}

// narrow is there for paths with masks only.
func (g *geometry) narrow(*tile, int) {}

// narrowStore is there for paths with masks only.
func (g *geometry) narrowStore(*tile) {}

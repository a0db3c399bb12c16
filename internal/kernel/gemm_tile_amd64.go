package kernel

import "unsafe"

// The assembly reads up to ahead: this does not compile if it moves.
var _ = [1]struct{}{}[unsafe.Offsetof(tile{}.ahead)-18*8]

var geometryAVX512 = geometry{
	rows: 14, lanes: 16, vecs: 2, wideRows: 6, threeRows: 9, depthRows: 8, masked: true,
	sums: [][5]func(*int){
		{},
		{nil, tileZ1x1, tileZ1x2, tileZ1x3, tileZ1x4},
		{nil, tileZ2x1, tileZ2x2, tileZ2x3, tileZ2x4},
		{nil, tileZ3x1, tileZ3x2, tileZ3x3, tileZ3x4},
		{nil, tileZ4x1, tileZ4x2, tileZ4x3, tileZ4x4},
		{nil, tileZ5x1, tileZ5x2, tileZ5x3, tileZ5x4},
		{nil, tileZ6x1, tileZ6x2, tileZ6x3, tileZ6x4},
		{nil, tileZ7x1, tileZ7x2, tileZ7x3},
		{nil, tileZ8x1, tileZ8x2, tileZ8x3},
		{nil, tileZ9x1, tileZ9x2, tileZ9x3},
		{nil, tileZ10x1, tileZ10x2},
		{nil, tileZ11x1, tileZ11x2},
		{nil, tileZ12x1, tileZ12x2},
		{nil, tileZ13x1, tileZ13x2},
		{nil, tileZ14x1, tileZ14x2},
	},
	depths: [][3]func(*int){
		{},
		{nil, depthZ1x1, depthZ1x2},
		{nil, depthZ2x1, depthZ2x2},
		{nil, depthZ3x1, depthZ3x2},
		{nil, depthZ4x1, depthZ4x2},
		{nil, depthZ5x1, depthZ5x2},
		{nil, depthZ6x1, depthZ6x2},
		{nil, depthZ7x1, depthZ7x2},
		{nil, depthZ8x1, depthZ8x2},
	},
}

var geometryAVX2 = geometry{
	rows: maxUnmaskedRows, lanes: 8, vecs: 2, wideRows: 2, threeRows: 2, depthRows: 6,
	sums: [][5]func(*int){
		{},
		{nil, tileY1x1, tileY1x2, tileY1x3, tileY1x4},
		{nil, tileY2x1, tileY2x2, tileY2x3, tileY2x4},
		{nil, tileY3x1, tileY3x2},
		{nil, tileY4x1, tileY4x2},
		{nil, tileY5x1, tileY5x2},
		{nil, tileY6x1, tileY6x2},
	},
	depths: [][3]func(*int){
		{},
		{nil, depthY1x1, depthY1x2},
		{nil, depthY2x1, depthY2x2},
		{nil, depthY3x1, depthY3x2},
		{nil, depthY4x1, depthY4x2},
		{nil, depthY5x1, depthY5x2},
		{nil, depthY6x1, depthY6x2},
	},
}

// activeGeometry returns the geometry of the active path.
func activeGeometry() *geometry {
	switch activeTier() {
	case tierAVX512:
		return &geometryAVX512
	case tierAVX2:
		return &geometryAVX2
	default:
		return &portableGeometry
	}
}

// copyPanel copies n rows of cols numbers, as wide as a panel, filling up with zeros.
func (g *geometry) copyPanel(dst []float32, src []float32, rowSrc, n, cols int) {
	width := g.width()
	switch {
	case g.masked:
		copyPanelZ(&dst[0], width*floatSize, &src[0], rowSrc*floatSize, n, 1<<cols-1)
	case !g.portable && cols == width:
		copyPanelY(&dst[0], width*floatSize, &src[0], rowSrc*floatSize, n, 0)
	default:
		copyPanelPortable(dst, src, width, rowSrc, n, cols)
	}
}

// transposeGroup writes n numbers each of g.lanes rows of src as n rows of dst, width numbers apart.
func (g *geometry) transposeGroup(dst, src []float32, width, rowSrc, n int) {
	switch {
	case g.masked:
		transpose16Z(&dst[0], width*floatSize, &src[0], rowSrc*floatSize, n)
	case !g.portable:
		transpose8Y(&dst[0], width*floatSize, &src[0], rowSrc*floatSize, n)
		if done := n &^ 7; done < n {
			transposePortable(dst[done*width:], src[done:], width, rowSrc, n-done, g.lanes)
		}
	default:
		transposePortable(dst, src, width, rowSrc, n, g.lanes)
	}
}

// addTo adds src to dst, which is as long.
func (g *geometry) addTo(dst, src []float32) {
	n := len(dst)
	switch {
	case n == 0:
	case g.masked:
		addToZ(&dst[0], &src[0], n)
	case !g.portable:
		addToY(&dst[0], &src[0], n)
		addToPortable(dst[n&^7:], src[n&^7:])
	default:
		addToPortable(dst, src)
	}
}

// laneSums writes the sum of each of n groups of g.lanes numbers; n is a multiple of g.lanes.
func (g *geometry) laneSums(dst, src []float32, n int) {
	switch {
	case g.masked:
		laneSumsZ(&dst[0], &src[0], n/g.lanes)
	case !g.portable:
		laneSumsY(&dst[0], &src[0], n/g.lanes)
	default:
		laneSumsPortable(dst, src, n, g.lanes)
	}
}

// dots computes, for each of t.segs columns, the dot products of 16 rows with it. Only a path with masks has it.
func (g *geometry) dots(t *tile) { dotsZ(&t.k) }

// turnStore stores 16 columns of t.k numbers, read from t.a, as rows of C. Only a path with masks has it.
func (g *geometry) turnStore(t *tile) { turnStoreZ(&t.k) }

// row computes one row of rowVecs vectors. Only a path with masks has it.
func (g *geometry) row(t *tile) { rowZ(&t.k) }

// narrow computes 16 rows of narrowCols columns, or of half as many, as rows of a buffer.
func (g *geometry) narrow(t *tile, cols int) {
	if cols == narrowCols {
		narrowZ8(&t.k)
	} else {
		narrowZ4(&t.k)
	}
}

// narrowStore finishes t.k rows of a buffer and stores them as rows of C.
func (g *geometry) narrowStore(t *tile) { narrowStoreZ(&t.k) }

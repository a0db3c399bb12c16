package kernel

import "unsafe"

// sumPortable computes a tile of up to 4x4.
func sumPortable(t *tile, rows int) {
	var sums [4][4]float32
	if rows == 4 && t.cols == 4 {
		sum4x4(t, &sums)
	} else {
		sumSmall(t, rows, &sums)
	}
	for i := range rows {
		finishRow(t, i, 0, sums[i][:t.cols])
	}
}

func sum4x4(t *tile, sums *[4][4]float32) {
	var s00, s01, s02, s03 float32
	var s10, s11, s12, s13 float32
	var s20, s21, s22, s23 float32
	var s30, s31, s32, s33 float32
	at0, at1, at2, at3 := 0, t.rowA, 2*t.rowA, 3*t.rowA
	right := 0
	for range t.runs {
		for range t.segs {
			for range t.k {
				b := (*[4]float32)(unsafe.Add(t.b, right))
				b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
				x := *(*float32)(unsafe.Add(t.a, at0))
				s00 += x * b0
				s01 += x * b1
				s02 += x * b2
				s03 += x * b3
				x = *(*float32)(unsafe.Add(t.a, at1))
				s10 += x * b0
				s11 += x * b1
				s12 += x * b2
				s13 += x * b3
				x = *(*float32)(unsafe.Add(t.a, at2))
				s20 += x * b0
				s21 += x * b1
				s22 += x * b2
				s23 += x * b3
				x = *(*float32)(unsafe.Add(t.a, at3))
				s30 += x * b0
				s31 += x * b1
				s32 += x * b2
				s33 += x * b3
				at0, at1, at2, at3 = at0+t.stepA, at1+t.stepA, at2+t.stepA, at3+t.stepA
				right += t.stepB
			}
			at0, at1, at2, at3 = at0+t.segA, at1+t.segA, at2+t.segA, at3+t.segA
			right += t.segB
		}
		at0, at1, at2, at3 = at0+t.runA, at1+t.runA, at2+t.runA, at3+t.runA
		right += t.runB
	}
	sums[0] = [4]float32{s00, s01, s02, s03}
	sums[1] = [4]float32{s10, s11, s12, s13}
	sums[2] = [4]float32{s20, s21, s22, s23}
	sums[3] = [4]float32{s30, s31, s32, s33}
}

func sumSmall(t *tile, rows int, sums *[4][4]float32) {
	left, right := 0, 0
	for range t.runs {
		for range t.segs {
			for range t.k {
				b := floatsAt(unsafe.Add(t.b, right), t.cols)
				for i := range rows {
					x := *(*float32)(unsafe.Add(t.a, left+i*t.rowA))
					for j, y := range b {
						sums[i][j] += x * y
					}
				}
				left += t.stepA
				right += t.stepB
			}
			left += t.segA
			right += t.segB
		}
		left += t.runA
		right += t.runB
	}
}

// depthPortable computes a depthwise tile of any size.
func depthPortable(t *tile, rows int) {
	for i := range rows {
		for j := range t.cols {
			s := [1]float32{depthSum(t, i*t.rowA+j*floatSize, j*floatSize)}
			finishRow(t, i, j, s[:])
		}
	}
}

func depthSum(t *tile, left, right int) (s float32) {
	for range t.runs {
		for range t.segs {
			for range t.k {
				s += *(*float32)(unsafe.Add(t.a, left)) * *(*float32)(unsafe.Add(t.b, right))
				left += t.stepA
				right += t.stepB
			}
			left += t.segA
			right += t.segB
		}
		left += t.runA
		right += t.runB
	}
	return s
}

// finishRow stores sums, from row i and column j on, after what the flags ask for.
func finishRow(t *tile, i, j int, sums []float32) {
	at := i*t.rowC + j*floatSize
	c := floatsAt(unsafe.Add(t.c, at), len(sums))
	if t.flags&addC != 0 {
		addToPortable(sums, c)
	}
	if t.flags&addBias != 0 {
		addToPortable(sums, floatsAt(unsafe.Add(t.bias, j*floatSize), len(sums)))
	}
	if t.flags&addResidual != 0 {
		addToPortable(sums, floatsAt(unsafe.Add(t.r, at), len(sums)))
	}
	if t.flags&applyReLU != 0 {
		rectify(sums)
	}
	copy(c, sums)
}

func copyPanelPortable(dst, src []float32, width, rowSrc, n, cols int) {
	for k := range n {
		d := dst[k*width:][:width]
		copy(d, src[k*rowSrc:][:cols])
		clear(d[cols:])
	}
}

// transposePortable writes n numbers each of rows rows of src as n rows of dst, width numbers apart.
func transposePortable(dst, src []float32, width, rowSrc, n, rows int) {
	for r := range rows {
		for k, v := range src[r*rowSrc:][:n] {
			dst[k*width+r] = v
		}
	}
}

func addToPortable(dst, src []float32) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] += src[i]
	}
}

func laneSumsPortable(dst, src []float32, n, lanes int) {
	for i := range n {
		var s float32
		for _, v := range src[i*lanes:][:lanes] {
			s += v
		}
		dst[i] = s
	}
}

package kernel

// backwardUnit is all queries that read one head of keys of a sample, one block after the other, so that sums have one order.
func (c *AttentionCall[T]) backwardUnit(unit int) {
	sample, keyHead, group := unit/c.KeyHeads, unit%c.KeyHeads, c.Heads/c.KeyHeads
	w := c.newWork()
	c.clearKeys(sample, keyHead)
	for head := keyHead * group; head < (keyHead+1)*group; head++ {
		for block := range c.blocks() {
			p := c.place(sample, head, block, c.Mask != nil)
			c.backwardBlock(&p, &w)
		}
	}
	w.scratch.release()
}

// clearKeys sets the gradients of one head of keys and values, to which blocks add, to 0.
func (c *AttentionCall[T]) clearKeys(sample, keyHead int) {
	for j := range c.Keys {
		at := (sample*c.Keys+j)*c.KeyHeads + keyHead
		if c.DK != nil {
			clear(c.DK[at*c.Dim : (at+1)*c.Dim])
		}
		if c.DV != nil {
			clear(c.DV[at*c.ValueDim : (at+1)*c.ValueDim])
		}
	}
}

func (c *AttentionCall[T]) backwardBlock(p *attentionPlace, w *attentionWork[T]) {
	c.probabilities(p, w)
	dout, keyRow, valueRow := c.DOut[c.query(p, c.ValueDim):], c.KeyHeads*c.Dim, c.KeyHeads*c.ValueDim
	if c.DV != nil || c.Rate > 0 {
		weights := w.p
		if c.Rate > 0 {
			c.drop(p, w)
			weights = w.d
		}
		if c.DV != nil {
			Gemm(Product{M: p.keys, N: c.ValueDim, K: p.rows, TransA: true, LDA: p.stride, LDB: c.Heads * c.ValueDim, LDC: valueRow, Accumulate: true},
				weights, dout, c.DV[c.key(p, c.ValueDim):], Epilogue[T]{})
		}
	}
	if c.DQ == nil && c.DK == nil && c.DScores == nil {
		return
	}
	c.scoreGradients(p, w)
	if c.DQ != nil {
		Gemm(Product{M: p.rows, N: c.Dim, K: p.keys, LDA: p.stride, LDB: keyRow, LDC: c.Heads * c.Dim},
			w.d, c.K[c.key(p, c.Dim):], c.DQ[c.query(p, c.Dim):], Epilogue[T]{})
	}
	if c.DK != nil {
		Gemm(Product{M: p.keys, N: c.Dim, K: p.rows, TransA: true, LDA: p.stride, LDB: c.Heads * c.Dim, LDC: keyRow, Accumulate: true},
			w.d, c.Q[c.query(p, c.Dim):], c.DK[c.key(p, c.Dim):], Epilogue[T]{})
	}
}

// scoreGradients computes the gradients of q·k, which is that of the scores times the scale, into w.d.
func (c *AttentionCall[T]) scoreGradients(p *attentionPlace, w *attentionWork[T]) {
	left, stride := c.DOut[c.query(p, c.ValueDim):], c.Heads*c.ValueDim
	if c.DScores == nil {
		c.scale(p, w, c.DOut, c.ValueDim)
		left, stride = w.scaled, c.ValueDim
	}
	Gemm(Product{M: p.rows, N: p.keys, K: c.ValueDim, TransB: true, LDA: stride, LDB: c.KeyHeads * c.ValueDim, LDC: p.stride},
		left, c.V[c.key(p, c.ValueDim):], w.d, Epilogue[T]{})
	for i := range p.rows {
		clear(w.d[i*p.stride+p.keys : (i+1)*p.stride])
	}
	d, y := w.d[:p.rows*p.stride], w.p[:p.rows*p.stride]
	if c.Rate > 0 {
		DropoutGrad(d, w.kept, d, c.Rate)
	}
	softmaxGradBlock(d, y, d, p.rows, p.stride)
	for i := range p.rows {
		if w.empty[i] {
			clear(w.d[i*p.stride : (i+1)*p.stride])
		}
	}
	if c.DScores == nil {
		return
	}
	at := ((p.sample*c.Heads+p.head)*c.Queries + p.first) * c.Keys
	for i := range p.rows {
		row := c.DScores[at+i*c.Keys:][:c.Keys]
		clear(row[copy(row, w.d[i*p.stride:][:p.keys]):])
	}
	Scale(d, T(c.Scale), d)
}

func softmaxGradBlock[T Float](dx, y, dy []T, rows, n int) {
	if f := vector().softmaxGrad; f != nil && isFloat32[T]() && len(dx) > 0 {
		f(&float32s(dx)[0], &float32s(y)[0], &float32s(dy)[0], rows, n)
		return
	}
	softmaxGradLoop(dx, y, dy, rows, n)
}

package kernel

// The plain loops. Each walks over the same sums; see Conv2D.

// eachProduct calls f with the places in x, k and y of every product that the sums of output (n, oh, ow) are made of.
func (p *Conv2D) eachProduct(n, oh, ow int, f func(x, k, y int)) {
	inC, outC := p.C/p.Groups, p.F/p.Groups
	for kh := range p.KH {
		ih := oh*p.SH + kh*p.DH - p.Top
		if ih < 0 || ih >= p.H {
			continue
		}
		for kw := range p.KW {
			iw := ow*p.SW + kw*p.DW - p.Left
			if iw < 0 || iw >= p.W {
				continue
			}
			for c := range inC {
				for o := range p.F {
					f(((n*p.H+ih)*p.W+iw)*p.C+o/outC*inC+c, ((kh*p.KW+kw)*inC+c)*p.F+o, ((n*p.OH+oh)*p.OW+ow)*p.F+o)
				}
			}
		}
	}
}

func (p *Conv2D) eachOutput(f func(n, oh, ow int)) {
	for n := range p.N {
		for oh := range p.OH {
			for ow := range p.OW {
				f(n, oh, ow)
			}
		}
	}
}

func convForwardReference[T Float](p *Conv2D, x, k, y []T, e Epilogue[T]) {
	clear(y[:p.outputs()])
	add := func(i, j, o int) { y[o] += x[i] * k[j] }
	p.eachOutput(func(n, oh, ow int) {
		p.eachProduct(n, oh, ow, add)
		at := ((n*p.OH+oh)*p.OW + ow) * p.F
		row := y[at:][:p.F]
		for f := range row {
			if e.Bias != nil {
				row[f] += e.Bias[f]
			}
			if e.Residual != nil {
				row[f] += e.Residual[at+f]
			}
		}
		activate(e.Activation, row)
	})
}

func convGradInputReference[T Float](p *Conv2D, dy, k, dx []T) {
	clear(dx[:p.inputs()])
	add := func(i, j, o int) { dx[i] += dy[o] * k[j] }
	p.eachOutput(func(n, oh, ow int) { p.eachProduct(n, oh, ow, add) })
}

func convGradKernelReference[T Float](p *Conv2D, x, dy, dk []T) {
	clear(dk[:p.weights()])
	add := func(i, j, o int) { dk[j] += dy[o] * x[i] }
	p.eachOutput(func(n, oh, ow int) { p.eachProduct(n, oh, ow, add) })
}

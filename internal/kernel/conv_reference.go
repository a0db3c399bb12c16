package kernel

// The plain loops. Each walks over the same sums; see Conv.

// eachProduct calls f with the places in x, k and y of every product that the sums of output (n, od, oh, ow) are made of.
func (p *Conv) eachProduct(n, od, oh, ow int, f func(x, k, y int)) {
	for kd := range p.KD {
		if id := od*p.SD + kd*p.DD - p.Front; id >= 0 && id < p.D {
			p.eachProductOfPlane(n*p.D+id, kd, (n*p.OD+od)*p.OH+oh, oh, ow, f)
		}
	}
}

// eachProductOfPlane is eachProduct for one of all planes of the input, one of the kernel and one of all rows of the output.
func (p *Conv) eachProductOfPlane(plane, kd, row, oh, ow int, f func(x, k, y int)) {
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
					f(((plane*p.H+ih)*p.W+iw)*p.C+o/outC*inC+c, (((kd*p.KH+kh)*p.KW+kw)*inC+c)*p.F+o, (row*p.OW+ow)*p.F+o)
				}
			}
		}
	}
}

func (p *Conv) eachOutput(f func(n, od, oh, ow int)) {
	for n := range p.N {
		for od := range p.OD {
			for oh := range p.OH {
				for ow := range p.OW {
					f(n, od, oh, ow)
				}
			}
		}
	}
}

func convForwardReference[T Float](p *Conv, x, k, y []T, e Epilogue[T]) {
	clear(y[:p.outputs()])
	add := func(i, j, o int) { y[o] += x[i] * k[j] }
	p.eachOutput(func(n, od, oh, ow int) {
		p.eachProduct(n, od, oh, ow, add)
	})
	finishReference(y[:p.outputs()], p.F, e)
}

// finishReference applies an epilogue to pixels of so many channels.
func finishReference[T Float](y []T, channels int, e Epilogue[T]) {
	for i := range y {
		if e.Bias != nil {
			y[i] += e.Bias[i%channels]
		}
		if e.Residual != nil {
			y[i] += e.Residual[i]
		}
	}
	activate(e.Activation, y)
}

func convGradInputReference[T Float](p *Conv, dy, k, dx []T, e Epilogue[T]) {
	clear(dx[:p.inputs()])
	add := func(i, j, o int) { dx[i] += dy[o] * k[j] }
	p.eachOutput(func(n, od, oh, ow int) { p.eachProduct(n, od, oh, ow, add) })
	finishReference(dx[:p.inputs()], p.C, e)
}

func convGradKernelReference[T Float](p *Conv, x, dy, dk []T) {
	clear(dk[:p.weights()])
	add := func(i, j, o int) { dk[j] += dy[o] * x[i] }
	p.eachOutput(func(n, od, oh, ow int) { p.eachProduct(n, od, oh, ow, add) })
}

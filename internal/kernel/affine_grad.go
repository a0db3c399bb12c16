package kernel

// AffineTransformGrad computes the gradient dx with respect to [AffineTransform]'s x.
func AffineTransformGrad[T Float](p Affine, dx, dy, transform []T) {
	if isFloat32[T]() {
		affineTransformGrad32(p, float32s(dx), float32s(dy), float32s(transform))
		return
	}
	for image := range p.N {
		affineGradImage(&p, dx, dy, transform, image)
	}
}

func affineTransformGrad32(p Affine, dx, dy, transform []float32) {
	t := affineTask(p)
	t.F32[0], t.F32[1], t.F32[2] = dx, dy, transform
	inRows(p.N, p.H*p.W*p.C, affineCost, t, func(t *Task, b int) {
		lo, hi := rowsOf(t, b)
		for image := lo; image < hi; image++ {
			affineGradImage(t.Arg.(*Affine), t.F32[0], t.F32[1], t.F32[2], image)
		}
	})
	freeAffine(t)
}

func affineGradImage[T Float](p *Affine, dx, dy, transform []T, image int) {
	size := p.H * p.W * p.C
	dx, dy = dx[image*size:][:size], dy[image*size:][:size]
	clear(dx)
	var s spot
	for row := range p.H {
		l := lineOf(p, transform, image, row)
		for j := range p.W {
			u, v, _ := l.at(j)
			p.find(&s, u, v)
			in := dy[(row*p.W+j)*p.C:][:p.C]
			for k, at := range s.pixel[:s.n] {
				if at < 0 {
					continue
				}
				w := T(s.weight[k])
				out := dx[at*p.C:][:len(in)]
				for c, v := range in {
					out[c] += w * v
				}
			}
		}
	}
}

// AffineTransformGradTransform computes the gradient dt[N, 8] with respect to the transforms: zero for Nearest, which steps.
func AffineTransformGradTransform[T Float](p Affine, dt, dy, x, transform []T, fill T) {
	if isFloat32[T]() {
		affineGradTransform32(p, float32s(dt), float32s(dy), float32s(x), float32s(transform), float32(fill))
		return
	}
	for image := range p.N {
		affineGradTransform(&p, dt, dy, x, transform, fill, image)
	}
}

func affineGradTransform32(p Affine, dt, dy, x, transform []float32, fill float32) {
	t := affineTask(p)
	t.F32[0], t.F32[1], t.F32[2], t.F32[3], t.S[0] = dt, dy, x, transform, fill
	inRows(p.N, p.H*p.W*p.C, affineCost, t, func(t *Task, b int) {
		lo, hi := rowsOf(t, b)
		for image := lo; image < hi; image++ {
			affineGradTransform(t.Arg.(*Affine), t.F32[0], t.F32[1], t.F32[2], t.F32[3], t.S[0], image)
		}
	})
	freeAffine(t)
}

func affineGradTransform[T Float](p *Affine, dt, dy, x, transform []T, fill T, image int) {
	size := p.H * p.W * p.C
	x, dy = x[image*size:][:size], dy[image*size:][:size]
	var sum [8]float64
	var s spot
	for row := range p.H {
		l := lineOf(p, transform, image, row)
		for j := range p.W {
			u, v, k := l.at(j)
			if p.find(&s, u, v); s.n == 1 {
				continue
			}
			du, dv := slopes(p, &s, x, dy[(row*p.W+j)*p.C:][:p.C], fill)
			du, dv = du/k, dv/k
			h, w := float64(row), float64(j)
			for i, d := range [8]float64{du * w, du * h, du, dv * w, dv * h, dv, -(du*u + dv*v) * w, -(du*u + dv*v) * h} {
				sum[i] += d
			}
		}
	}
	for i, d := range sum {
		dt[8*image+i] = T(d)
	}
}

// slopes is how the loss changes as a spot moves right and down.
func slopes[T Float](p *Affine, s *spot, x, dy []T, fill T) (du, dv float64) {
	for c, d := range dy {
		var q [4]float64
		for k, at := range s.pixel {
			q[k] = float64(fill)
			if at >= 0 {
				q[k] = float64(x[at*p.C+c])
			}
		}
		du += float64(d) * ((1-s.fy)*(q[1]-q[0]) + s.fy*(q[3]-q[2]))
		dv += float64(d) * ((1-s.fx)*(q[2]-q[0]) + s.fx*(q[3]-q[1]))
	}
	return du, dv
}

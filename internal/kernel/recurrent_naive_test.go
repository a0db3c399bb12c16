package kernel

// naiveRecurrence goes sequence by sequence, step by step, unit by unit.
type naiveRecurrence struct {
	Recurrence
	RecurrentArgs[float64]
	b, t int
	h, c []float64
}

// x is what a gate's unit gets from the input.
func (n *naiveRecurrence) x(gate, j int) float64 {
	gates := n.Cell.Gates() * n.Units
	col, row := gate*n.Units+j, n.b*n.Time+n.t
	var sum float64
	if n.Bias != nil {
		sum = n.Bias[col]
	}
	if n.Projected {
		return sum + n.X[row*gates+col]
	}
	for i := range n.In {
		sum += n.X[row*n.In+i] * n.Kernel[i*gates+col]
	}
	return sum
}

// r is what a gate's unit gets from the state, of which a part may be let through.
func (n *naiveRecurrence) r(gate, j int, through func(i int) float64) float64 {
	gates := n.Cell.Gates() * n.Units
	col := gate*n.Units + j
	var sum float64
	if n.Cell == GRU && n.Bias != nil {
		sum = n.Bias[gates+col]
	}
	for i, h := range n.h {
		if n.Keep != nil {
			h *= n.Keep[n.b*gates+gate*n.Units+i]
		}
		sum += through(i) * h * n.Recurrent[i*gates+col]
	}
	return sum
}

func (a CellActivation) of(x float64) float64 {
	if a == LinearCell {
		return x
	}
	return unaryFuncs[a.op()](x)
}

func (n *naiveRecurrence) step() {
	all := func(int) float64 { return 1 }
	f, g := n.RecurrentActivation.of, n.Activation.of
	h, c := make([]float64, n.Units), make([]float64, n.Units)
	for j := range h {
		switch n.Cell {
		case SimpleRNN:
			h[j] = g(n.x(0, j) + n.r(0, j, all))
		case LSTM:
			c[j] = f(n.x(1, j)+n.r(1, j, all))*n.c[j] + f(n.x(0, j)+n.r(0, j, all))*g(n.x(2, j)+n.r(2, j, all))
			h[j] = f(n.x(3, j)+n.r(3, j, all)) * g(c[j])
		default:
			reset := func(i int) float64 { return f(n.x(1, i) + n.r(1, i, all)) }
			z := f(n.x(0, j) + n.r(0, j, all))
			candidate := n.x(2, j) + reset(j)*n.r(2, j, all)
			if n.Cell == GRUResetBefore {
				candidate = n.x(2, j) + n.r(2, j, reset)
			}
			h[j] = z*n.h[j] + (1-z)*g(candidate)
		}
	}
	n.h, n.c = h, c
}

func (n *naiveRecurrence) run() (out RecurrentResults[float64]) {
	u := n.Units
	out.Seq = make([]float64, n.Batch*n.Time*u)
	for n.b = range n.Batch {
		n.h, n.c = make([]float64, u), make([]float64, u)
		if n.H != nil {
			copy(n.h, n.H[n.b*u:])
		}
		if n.C != nil {
			copy(n.c, n.C[n.b*u:])
		}
		for k := range n.Time {
			n.t = k
			if n.Backwards {
				n.t = n.Time - 1 - k
			}
			y := out.Seq[(n.b*n.Time+k)*u:][:u]
			masked := n.Mask != nil && !n.Mask[n.b*n.Time+n.t]
			if !masked {
				n.step()
			}
			if !masked || !n.ZeroOutputForMask {
				copy(y, n.h)
			}
		}
		out.H, out.C = append(out.H, n.h...), append(out.C, n.c...)
	}
	return out
}

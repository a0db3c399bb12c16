package kernel

// Where a channel makes several and nothing else does, as in a depthwise convolution with a multiplier, each channel is repeated as it is
// loaded. The convolution is depthwise then, with as many channels as outputs; the gradient with respect to the input is summed over what
// was repeated.

// repeats is how often each channel is loaded; 1: as it is.
func (p *Conv) repeats(g *geometry) int {
	if n := p.F / p.Groups; p.C == p.Groups && p.C > 1 && n > 1 && n < g.lanes {
		return n
	}
	return 1
}

// widened is the depthwise convolution of repeated channels.
func (p *Conv) widened() Conv {
	wide := *p
	wide.C, wide.Groups = p.F, p.F
	return wide
}

// repeatEach writes each number of src n times.
func repeatEach(dst, src []float32, n int) {
	switch n {
	case 2:
		for i, v := range src {
			d := dst[2*i:][:2]
			d[0], d[1] = v, v
		}
	case 4:
		for i, v := range src {
			d := dst[4*i:][:4]
			d[0], d[1], d[2], d[3] = v, v, v, v
		}
	default:
		for i, v := range src {
			d := dst[i*n:][:n]
			for j := range d {
				d[j] = v
			}
		}
	}
}

// sumEach adds to each number of dst a group of n of src.
func sumEach(dst, src []float32, n int) {
	switch n {
	case 2:
		for i := range dst {
			s := src[2*i:][:2]
			dst[i] += s[0] + s[1]
		}
	case 4:
		for i := range dst {
			s := src[4*i:][:4]
			dst[i] += s[0] + s[1] + (s[2] + s[3])
		}
	default:
		for i := range dst {
			var sum float32
			for _, v := range src[i*n:][:n] {
				sum += v
			}
			dst[i] += sum
		}
	}
}

// gradInputRepeated sums the gradient of repeated channels.
func (q *convPlan) gradInputRepeated() {
	wide := q.widened()
	s := getScratch(wide.inputs())
	convGradInput(&wide, q.y, q.k, s.data, Epilogue[float32]{})
	q.partial = s.data
	q.blocks = min(blocksFor(q.work()), q.pixels())
	t := NewTask()
	t.Arg = q
	Parallel(q.blocks, t, convSumRepeatedBlock)
	t.Free()
	putScratch(s)
}

func convSumRepeatedBlock(t *Task, block int) {
	q := t.Arg.(*convPlan)
	from, to := share(q.pixels(), q.blocks, block)
	from, to = from*q.C, to*q.C
	n := q.F / q.C
	q.startInput(from, to)
	sumEach(q.x[from:to], q.partial[from*n:to*n], n)
	q.finishInput(from, to)
}

package kernel

// A product with few tiles and a long k is cut along k: every block sums a part of k into its own buffer, then the parts are
// added in order.

// runSplit computes the product in cutK parts.
func (q *gemmPlan) runSplit() {
	s := getScratch(q.cutK * q.m * q.n)
	q.partial = s.data
	Parallel(q.cutK, &q.task, gemmSplitBlock)
	Parallel(q.sumBlocks(), &q.task, gemmSumBlock)
	q.partial = nil
	putScratch(s)
}

func gemmSplitBlock(t *Task, block int) {
	q := t.Arg.(*gemmPlan)
	w := getTiler(q.g)
	from, to := share(q.k, q.cutK, block)
	r := region{i1: q.m, n1: q.n, c: q.partial[block*q.m*q.n:], ldc: q.n}
	var packed *scratch
	panels := ceilDiv(q.n, q.g.width())
	if q.packB {
		packed = getScratch(panels * q.g.width() * q.depth)
		r.packed = packed.data
	}
	for r.k0 = from; r.k0 < to; r.k0 += q.depth {
		r.kn = min(q.depth, to-r.k0)
		if packed != nil {
			q.pack(r.packed, r.k0, r.kn, 0, r.kn, 0, q.n)
		}
		var flags tileFlags
		if r.k0 > from {
			flags = addC
		}
		q.compute(w, &r, flags)
	}
	if packed != nil {
		putScratch(packed)
	}
	putTiler(w)
}

// sumRows is about how many numbers of C a block of the final sum takes.
const sumNumbers = 8192

func (q *gemmPlan) sumBlocks() int { return min(ceilDiv(q.m*q.n, sumNumbers), q.m) }

func gemmSumBlock(t *Task, block int) {
	q := t.Arg.(*gemmPlan)
	from, to := share(q.m, q.sumBlocks(), block)
	sum := q.partial[from*q.n : to*q.n]
	for part := 1; part < q.cutK; part++ {
		q.g.addTo(sum, q.partial[(part*q.m+from)*q.n:(part*q.m+to)*q.n])
	}
	for i := from; i < to; i++ {
		c := q.c[i*q.ldc:][:q.n]
		s := sum[(i-from)*q.n:][:q.n]
		if q.accumulate {
			q.g.addTo(s, c)
		}
		if q.e.Bias != nil {
			q.g.addTo(s, q.e.Bias[:q.n])
		}
		if q.e.Residual != nil {
			q.g.addTo(s, q.e.Residual[i*q.ldc:][:q.n])
		}
		copy(c, s)
		activate(q.e.Activation, c)
	}
}

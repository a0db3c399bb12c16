package kernel

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// Attention describes scaled dot-product attention (Vaswani et al. 2017): for each sample and head,
// out[i] = Σ_j dropout(softmax_j(scale·q[i]·k[j] + bias[i,j]))·v[j] over the keys that the mask leaves. Queries q are
// [Batch, Queries, Heads, Dim], keys k [Batch, Keys, KeyHeads, Dim], values v [Batch, Keys, KeyHeads, ValueDim] and the result
// [Batch, Queries, Heads, ValueDim]. KeyHeads divides Heads: head n reads that of number n/(Heads/KeyHeads).
type Attention struct {
	Batch, Queries, Keys, Heads, KeyHeads, Dim, ValueDim int
	Scale                                                float64
	Causal                                               bool // query i reads keys 0 to i only
	// ZeroEmpty says that a query that may read no key gives 0; otherwise it gives the mean of all values.
	ZeroEmpty  bool
	BiasSteps  [4]int // elements from one sample, head, query and key to the next; 0 along what is shared
	MaskSteps  [4]int
	Rate       float64 // share of the probabilities that are dropped
	DropoutKey [2]uint32
	Counter    uint64
}

// AttentionCall is an attention with its operands. It serves one goroutine at a time.
type AttentionCall[T Float] struct {
	Attention
	Q, K, V []T
	Bias    []T    // nil: 0
	Mask    []bool // true for what is read; nil: all
	Out     []T

	// The gradients, of which those that nobody wants are nil. DScores is [Batch, Heads, Queries, Keys], which is that of a bias.
	DOut, DQ, DK, DV, DScores []T
}

const (
	// attentionBlock is about how many scores are computed at a time: they and their gradients stay in the second-level cache.
	attentionBlock = 1 << 16
	// attentionRows bounds the queries of a block; it is tiles of a product. With causal attention a block reads keys for its last query, so that
	// it is smaller.
	attentionRows, causalRows = 208, 104
	// paddedKeys is the number of keys from which rows of scores are filled up to whole vectors.
	paddedKeys = 64
)

// rows is how many queries a block has.
func (a *Attention) rows() int {
	most := attentionRows
	if a.Causal {
		most = causalRows
	}
	return min(max(attentionBlock/max(a.Keys, 1)&^7, 8), most)
}

// blocks is the number of blocks of queries.
func (a *Attention) blocks() int { return ceilDiv(a.Queries, a.rows()) }

// work is the number of floating-point operations of the two products of a forward pass.
func (a *Attention) work() int {
	return 2 * a.Batch * a.Heads * a.Queries * a.Keys * (a.Dim + a.ValueDim)
}

// inUnits runs body for n independent parts: in float32 on the pool where there is enough to do.
func (c *AttentionCall[T]) inUnits(n int, body func(*Task, int), serial func(*AttentionCall[T], int)) {
	if !isFloat32[T]() || c.work() < serialWork {
		for u := range n {
			serial(c, u)
		}
		return
	}
	t := NewTask()
	t.Arg = c
	Parallel(n, t, body)
	t.Free()
}

func attentionForward32(t *Task, u int)  { t.Arg.(*AttentionCall[float32]).forwardUnit(u) }
func attentionBackward32(t *Task, u int) { t.Arg.(*AttentionCall[float32]).backwardUnit(u) }

// Forward computes Out.
func (c *AttentionCall[T]) Forward() {
	if c.Keys == 0 {
		clear(c.Out)
		return
	}
	c.inUnits(c.Batch*c.Heads*c.blocks(), attentionForward32, (*AttentionCall[T]).forwardUnit)
}

// Backward computes the gradients from DOut. Scores are computed again, block by block, instead of kept (Dao et al. 2022).
func (c *AttentionCall[T]) Backward() {
	if c.Keys == 0 || c.Queries == 0 {
		clear(c.DQ)
		clear(c.DK)
		clear(c.DV)
		return
	}
	c.inUnits(c.Batch*c.KeyHeads, attentionBackward32, (*AttentionCall[T]).backwardUnit)
}

// attentionPlace is a block of queries of one head of a sample.
type attentionPlace struct {
	sample, head, keyHead int
	first, rows           int // queries
	keys                  int // how many of the first keys can have any weight
	stride                int // from one row of scores to the next
}

func (a *Attention) place(sample, head, block int, masked bool) attentionPlace {
	p := attentionPlace{sample: sample, head: head, keyHead: head / (a.Heads / a.KeyHeads), first: block * a.rows(), keys: a.Keys}
	p.rows = min(a.rows(), a.Queries-p.first)
	if a.Causal && !masked {
		p.keys = min(a.Keys, p.first+p.rows)
	}
	p.stride = p.keys
	if p.keys >= paddedKeys {
		p.stride = (p.keys + turnLanes - 1) &^ (turnLanes - 1)
	}
	return p
}

// query is where the block's first row of width numbers is in a buffer [batch, queries, heads, width].
func (a *Attention) query(p *attentionPlace, width int) int {
	return ((p.sample*a.Queries+p.first)*a.Heads + p.head) * width
}

// key is the same for the first row of the keys or values.
func (a *Attention) key(p *attentionPlace, width int) int {
	return (p.sample*a.Keys*a.KeyHeads + p.keyHead) * width
}

// attentionWork is the memory of a block.
type attentionWork[T Float] struct {
	p, d    []T // probabilities; their gradients, and before those the probabilities that are kept
	scaled  []T // rows of queries, or of the result's gradient, times the scale
	kept    []bool
	empty   [attentionRows]bool // rows that may read no key
	scratch *scratch
}

func (c *AttentionCall[T]) newWork() (w attentionWork[T]) {
	scores := c.rows() * (c.Keys + turnLanes)
	scaled := c.rows() * max(c.Dim, c.ValueDim)
	n, kept := 2*scores+scaled, 0
	if c.Rate > 0 {
		kept = ceilDiv(scores, 4)
	}
	var room []T
	if isFloat32[T]() {
		w.scratch = getScratch(n + kept)
		room = unsafe.Slice((*T)(unsafe.Pointer(&w.scratch.data[0])), n+kept)
	} else {
		room = make([]T, n+kept)
	}
	w.p, w.d, w.scaled = room[:scores], room[scores:2*scores], room[2*scores:n]
	if kept > 0 {
		w.kept = unsafe.Slice((*bool)(unsafe.Pointer(&room[n])), scores)
	}
	return w
}

// forwardUnit is a block of queries of one head.
func (c *AttentionCall[T]) forwardUnit(unit int) {
	blocks := c.blocks()
	head := unit / blocks
	p := c.place(head/c.Heads, head%c.Heads, unit%blocks, c.Mask != nil)
	w := c.newWork()
	c.probabilities(&p, &w)
	weights := w.p
	if c.Rate > 0 {
		weights = w.d
		c.drop(&p, &w)
	}
	Gemm(Product{M: p.rows, N: c.ValueDim, K: p.keys, LDA: p.stride, LDB: c.KeyHeads * c.ValueDim, LDC: c.Heads * c.ValueDim},
		weights, c.V[c.key(&p, c.ValueDim):], c.Out[c.query(&p, c.ValueDim):], Epilogue[T]{})
	w.scratch.release()
}

// scale writes the block's rows of a buffer [batch, queries, heads, width], times the scale.
func (c *AttentionCall[T]) scale(p *attentionPlace, w *attentionWork[T], x []T, width int) {
	x = x[c.query(p, width):]
	for i := range p.rows {
		copy(w.scaled[i*width:(i+1)*width], x[i*c.Heads*width:])
	}
	y := w.scaled[:p.rows*width]
	Scale(y, T(c.Scale), y)
}

// probabilities computes the block's softmax of the scores into w.p, with 0 for what is masked and for what fills rows up.
func (c *AttentionCall[T]) probabilities(p *attentionPlace, w *attentionWork[T]) {
	c.scale(p, w, c.Q, c.Dim)
	Gemm(Product{M: p.rows, N: p.keys, K: c.Dim, TransB: true, LDB: c.KeyHeads * c.Dim, LDC: p.stride},
		w.scaled, c.K[c.key(p, c.Dim):], w.p, Epilogue[T]{})
	anyEmpty := false
	for i := range p.rows {
		row := w.p[i*p.stride : (i+1)*p.stride]
		w.empty[i] = !c.mask(p, i, row)
		anyEmpty = anyEmpty || w.empty[i]
	}
	all := w.p[:p.rows*p.stride]
	if isFloat32[T]() {
		softmaxBlock(float32s(all), float32s(all), p.rows, p.stride)
	} else {
		softmaxLoop(all, all, p.rows, p.stride)
	}
	if anyEmpty {
		c.fillEmpty(p, w)
	}
}

// fillEmpty sets the probabilities of rows that may read no key.
func (c *AttentionCall[T]) fillEmpty(p *attentionPlace, w *attentionWork[T]) {
	even := 1 / T(c.Keys)
	if c.ZeroEmpty {
		even = 0
	}
	for i := range p.rows {
		if !w.empty[i] {
			continue
		}
		row := w.p[i*p.stride : (i+1)*p.stride]
		clear(row)
		for j := range row[:p.keys] {
			row[j] = even
		}
	}
}

// mask finishes query i's scores: it adds the bias and sets those that are not read, and those that fill the row up, to -Inf. It reports
// whether any is read.
func (c *AttentionCall[T]) mask(p *attentionPlace, i int, row []T) bool {
	query := p.first + i
	if c.Bias != nil {
		c.addBias(p, query, row[:p.keys])
	}
	never, read := T(math.Inf(-1)), p.keys
	if c.Causal {
		read = min(read, query+1)
	}
	for j := range row[read:] {
		row[read+j] = never
	}
	if c.Mask == nil {
		return true
	}
	s := &c.MaskSteps
	m := c.Mask[p.sample*s[0]+p.head*s[1]+query*s[2]:]
	if s[3] != 0 {
		return maskRow(row[:read], m[:read], never)
	}
	if !m[0] {
		for j := range row[:read] {
			row[j] = never
		}
	}
	return m[0]
}

func (c *AttentionCall[T]) addBias(p *attentionPlace, query int, row []T) {
	s := &c.BiasSteps
	bias := c.Bias[p.sample*s[0]+p.head*s[1]+query*s[2]:]
	for j := range row {
		row[j] += bias[j*s[3]]
	}
}

// maskRow sets what is not read to never, and reports whether anything is read. Masks are mostly runs of equal elements, so that eight are
// looked at at a time.
func maskRow[T Float](row []T, read []bool, never T) (some bool) {
	const all = 0x0101010101010101
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(read))), len(read))
	for len(bytes) >= 8 {
		if v := binary.LittleEndian.Uint64(bytes); v == all {
			some = true
		} else {
			some = maskEach(row[:8], read[:8], never) || some
		}
		row, read, bytes = row[8:], read[8:], bytes[8:]
	}
	return maskEach(row, read, never) || some
}

func maskEach[T Float](row []T, read []bool, never T) (some bool) {
	for j, r := range read {
		if !r {
			row[j] = never
		}
		some = some || r
	}
	return some
}

// drop writes the probabilities that are kept, scaled up, into w.d, and which they are into w.kept. Those of [batch, heads, queries, keys] are
// the elements of one stream, wherever blocks begin.
func (c *AttentionCall[T]) drop(p *attentionPlace, w *attentionWork[T]) {
	threshold, scale := keepThreshold(c.Rate)
	words := wordsFree.get()
	first := (p.sample*c.Heads+p.head)*c.Queries + p.first
	for i := range p.rows {
		from, to := i*p.stride, i*p.stride+p.keys
		dropoutFrom((first+i)*c.Keys, w.d[from:to], w.kept[from:to], w.p[from:to], threshold, T(scale), c.DropoutKey, c.Counter, words)
		clear(w.d[to : from+p.stride])
		clear(w.kept[to : from+p.stride])
	}
	wordsFree.put(words)
}

// dropoutFrom is a dropout whose first element is number at of the stream.
func dropoutFrom[T Float](at int, y []T, kept []bool, x []T, threshold uint64, scale T, key [2]uint32, counter uint64, w *words) {
	for len(y) > 0 {
		skip := at % groupWords
		groups := min(len(w)/groupWords, ceilDiv(skip+len(y), groupWords))
		n := min(len(y), groups*groupWords-skip)
		philoxGroups(w, key, counter, at/groupWords, groups)
		dropoutApply(y[:n], kept, x, w[skip:skip+n], threshold, scale)
		y, kept, x, at = y[n:], kept[n:], x[n:], at+n
	}
}

package layers

import (
	"slices"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/pkg/errors"
)

// attentionParts are the layers within a layer of attention with several heads: projections of its inputs and its result, and the random stream
// of its dropout.
type attentionParts struct {
	query, key, gate, value, output EinsumDense
	dropout                         randomStream
}

// A randomStream is a layer that has nothing but a stream.
type randomStream struct {
	Base
	seed *int
}

// CallAll implements [MultiLayer]: it takes nothing and returns the stream.
func (r *randomStream) CallAll(b *Builder, _ ...ops.Tensor) []ops.Tensor {
	return []ops.Tensor{b.Stream("", r.seed)}
}

// projectionSizes are the heads of queries, and of keys and values, and their sizes.
type projectionSizes struct{ heads, keyHeads, dim, valueDim int }

// makeProjections sets the layers up from one that has their common arguments. The output's shape is that of the query, unless it is given.
func (p *attentionParts) makeProjections(like EinsumDense, s projectionSizes, useBias bool, output []int) {
	in := func(heads, dim int) EinsumDense {
		d := like
		d.Equation, d.OutputShape = "...a,abc->...bc", []int{heads, dim}
		if useBias {
			d.BiasAxes = "bc"
		}
		return d
	}
	p.query, p.key, p.value = in(s.heads, s.dim), in(s.keyHeads, s.dim), in(s.keyHeads, s.valueDim)
	p.gate = in(s.heads, s.valueDim)
	p.output = like
	p.output.OutputShape = output
	made := []byte{'c'}
	for i := 1; i < len(output); i++ {
		made = append(made, byte('c'+i))
	}
	letters := string(made)
	p.output.Equation = "...ab,ab" + letters + "->..." + letters
	if useBias {
		p.output.BiasAxes = letters
	}
}

// children are the layers in the order in which Keras has them. Keras's files find them by the names of its attributes, of which those of
// projections have a prefix in one class.
func (p *attentionParts) children(prefix string, gated, drops bool) []Child {
	cs := []Child{{Name: "query", Attr: prefix + "query_dense", Part: &p.query}, {Name: "key", Attr: prefix + "key_dense", Part: &p.key}}
	if gated {
		cs = append(cs, Child{Name: "gate", Attr: "_gate_dense", Part: &p.gate})
	}
	cs = append(cs, Child{Name: "value", Attr: prefix + "value_dense", Part: &p.value})
	if drops {
		cs = append(cs, Child{Name: "dropout", Attr: "_dropout_layer", Part: &p.dropout})
	}
	return append(cs, Child{Name: "attention_output", Attr: prefix + "output_dense", Part: &p.output})
}

// attentionInputs are the tensors of a call. A mask that is given and the masks of the inputs leave the scores that are read.
type attentionInputs struct{ query, value, key, mask ops.Tensor }

// readAttentionInputs reads query, value and, where they are there, key and mask. One tensor is query and value; where the key is the zero Tensor,
// it is the value.
func readAttentionInputs(xs []ops.Tensor) (in attentionInputs, err error) {
	if len(xs) < 1 || len(xs) > 4 {
		return in, errors.Errorf("expected query and value, and maybe key and attention_mask, got %d tensors", len(xs))
	}
	in = attentionInputs{query: xs[0], value: xs[min(1, len(xs)-1)]}
	in.key = in.value
	if len(xs) > 2 && xs[2].Valid() {
		in.key = xs[2]
	}
	if len(xs) > 3 {
		in.mask = xs[3]
	}
	if bad, ok := failed(in.query, in.value, in.key); ok {
		return in, bad.Err()
	}
	q, v, k := in.query.Shape(), in.value.Shape(), in.key.Shape()
	if len(q) < 3 || len(v) != len(q) || len(k) != len(q) {
		return in, errors.Errorf("query, value and key of shapes %v, %v and %v: expected as many axes each, and at least [batch, time, features]", q, v, k)
	}
	if !slices.EqualFunc(v[:len(v)-1], k[:len(k)-1], sameOrUnknown) {
		return in, errors.Errorf("value and key of shapes %v and %v: expected the same sizes before the last", v, k)
	}
	if !sameOrUnknown(q[0], v[0]) {
		return in, errors.Errorf("query and value of shapes %v and %v: expected batches of one size", q, v)
	}
	return in, nil
}

func sameOrUnknown(m, n int) bool { return m == n || m == ops.Unknown || n == ops.Unknown }

// headAttention is attention after the projections, of tensors [batch, ..., heads, dim].
type headAttention struct {
	axes         []int // over which attention goes
	scale        float64
	dropout      float64
	window       int // 0: none
	causal       bool
	returnScores bool
	stream       ops.Tensor // where there is dropout
}

// masks joins what says which scores are read: all that is not left to the operation. It is the zero Tensor where all are.
func (a *headAttention) masks(in attentionInputs, causal bool) ops.Tensor {
	var all ops.Tensor
	and := func(m ops.Tensor) {
		if all.Valid() {
			m = ops.LogicalAnd(all, m)
		}
		all = m
	}
	if m := in.query.Mask(); m.Valid() {
		and(ops.ExpandDims(m, -1))
	}
	if m := in.value.Mask(); m.Valid() {
		and(ops.ExpandDims(m, -2))
	}
	if m := in.key.Mask(); m.Valid() && !m.Same(in.value.Mask()) {
		and(ops.ExpandDims(m, -2))
	}
	if causal {
		and(ops.GreaterEqual(places(in.query.Dim(1), -1), places(in.value.Dim(1), -2)))
	}
	if a.window > 0 {
		apart := ops.Absolute(ops.Subtract(places(in.query.Dim(1), -1), places(in.value.Dim(1), -2)))
		and(ops.Less(apart, ops.Scalar(float64(a.window))))
	}
	if in.mask.Valid() {
		and(asBool(in.mask.WithMask(ops.Tensor{})))
	}
	return all
}

func asBool(x ops.Tensor) ops.Tensor {
	if x.Err() != nil || x.DType() == ops.Bool {
		return x
	}
	return ops.Cast(x, ops.Bool)
}

// places are the numbers of n places, from 1, with two axes of size 1: before them, and one where it is said.
func places(n, one int) ops.Tensor {
	return ops.ExpandDims(ops.CumSum(ops.BroadcastTo(ops.Scalar(1), 1, n), 1), one)
}

// overScores gives a mask as many axes as the scores have: what it lacks are those of heads, and others that attention does not go over.
func (a *headAttention) overScores(mask ops.Tensor, rank int) ops.Tensor {
	for mask.Valid() && mask.Err() == nil && mask.Rank() < rank {
		axis := -2*len(a.axes) - 1
		if mask.Rank()+1+axis < 0 {
			axis = 0
		}
		mask = ops.ExpandDims(mask, axis)
	}
	return mask
}

// attend is the result, and the scores where they are to be returned.
func (a *headAttention) attend(b *Builder, q, k, v ops.Tensor, in attentionInputs) (y, scores ops.Tensor) {
	if bad, ok := failed(q, k, v); ok {
		return bad, bad
	}
	if a.returnScores || len(a.axes) != 1 {
		return a.byScores(b, q, k, v, in)
	}
	o := ops.AttentionOptions{Scale: &a.scale, IsCausal: a.causal, ZeroIfMasked: a.dropout > 0}
	if b.Training() && a.dropout > 0 {
		o.Dropout, o.Stream = a.dropout, a.stream
	}
	if q.Rank() == 4 {
		return ops.DotProductAttention(q, k, v, ops.Tensor{}, a.overScores(a.masks(in, false), 4), o), y
	}
	lead := slices.Delete(q.Shape(), a.axes[0], a.axes[0]+1)
	lead = lead[:len(lead)-2]
	if a.causal || a.masks(in, false).Valid() || slices.Contains(lead[1:], ops.Unknown) {
		return a.byScores(b, q, k, v, in)
	}
	y = ops.DotProductAttention(a.flat(q), a.flat(k), a.flat(v), ops.Tensor{}, ops.Tensor{}, o)
	if y.Err() != nil {
		return y, y
	}
	y = ops.Reshape(y, append(lead, y.Shape()[1:]...)...)
	return ops.MoveAxis(y, len(lead), a.axes[0]), ops.Tensor{}
}

// flat is [batch, ..., time, ..., heads, dim] as [batch of all the other axes, time, heads, dim].
func (a *headAttention) flat(x ops.Tensor) ops.Tensor {
	x = ops.MoveAxis(x, a.axes[0], x.Rank()-3)
	s := x.Shape()
	return ops.Reshape(x, append([]int{ops.Unknown}, s[len(s)-3:]...)...)
}

// failed finds a tensor that carries an error.
func failed(xs ...ops.Tensor) (bad ops.Tensor, ok bool) {
	for _, x := range xs {
		if x.Err() != nil {
			return x, true
		}
	}
	return bad, false
}

// byScores makes the scores as a whole. They carry the mask that they were made with, as in Keras.
func (a *headAttention) byScores(b *Builder, q, k, v ops.Tensor, in attentionInputs) (y, scores ops.Tensor) {
	if times := q.Dim(-2) / k.Dim(-2); times > 1 {
		k, v = ops.Repeat(k, times, -2), ops.Repeat(v, times, -2)
	}
	dot, combine, rank := attentionEquations(q.Rank(), a.axes)
	mask := a.overScores(a.masks(in, a.causal), rank)
	scores = ops.Einsum(dot, k, ops.Multiply(q, ops.Scalar(a.scale)))
	if bad, ok := failed(scores); ok {
		return bad, bad
	}
	if mask.Valid() && mask.Err() == nil && !fitsFromTheEnd(mask.Shape(), scores.Shape()) {
		y = b.Errorf("mask of shape %v: expected one that can be repeated to the scores' shape %v", mask.Shape(), scores.Shape())
		return y, y
	}
	last := Softmax{}
	for i := range a.axes {
		last.Axis = append(last.Axis, i-len(a.axes))
	}
	scores = last.Apply(scores.WithMask(mask)).WithMask(ops.Tensor{})
	kept := scores
	if b.Training() && a.dropout > 0 {
		kept = ops.Dropout(kept, a.stream, a.dropout)
	}
	return ops.Einsum(combine, kept, v), scores.WithMask(mask)
}

// attentionEquations are the sums of products of keys and queries, and of scores and values, for tensors [batch, ..., heads, dim], and the rank
// of the scores: all axes that attention does not go over, then those of the queries, then those of the keys that it goes over.
func attentionEquations(rank int, axes []int) (dot, combine string, scoresRank int) {
	var target, source, product []byte
	for i := range rank {
		target, source = append(target, byte('a'+i)), append(source, byte('a'+i))
		if i < rank-1 && !slices.Contains(axes, i) {
			product = append(product, byte('a'+i))
		}
	}
	for _, axis := range axes {
		product = append(product, target[axis])
	}
	for k, axis := range slices.Sorted(slices.Values(axes)) {
		source[axis] = byte('a' + rank + k)
	}
	for _, axis := range axes {
		product = append(product, source[axis])
	}
	t, s, p := string(target), string(source), string(product)
	return s + "," + t + "->" + p, p + "," + s + "->" + t, len(product)
}

package ops

import (
	"math"

	"github.com/gokeras/gokeras/internal/kernel"
	"github.com/pkg/errors"
)

// AttentionOptions are the attributes of a [DotProductAttention].
type AttentionOptions struct {
	Scale    *float64 // what scores are multiplied by; nil: 1/√dim
	IsCausal bool     // a query reads no keys behind its own place
	// ZeroIfMasked makes the result of a query that may read no key 0, as the layers do where they give their scores; otherwise it is the mean of
	// all values, as in keras.ops.
	ZeroIfMasked bool
	Dropout      float64 // share of the probabilities that are set to 0 at random, the others being scaled up; in [0, 1]
	Stream       Tensor  // of the dropout
}

// An attention is dot-product attention in one operation. Inputs: query, key, value, then bias, mask and random stream where there are any.
type attention struct {
	scale            float64
	causal, zero     bool
	bias, mask, drop bool
	rate             float64
}

func (o attention) name() string { return "dot_product_attention" }

// inputs says which input is what; -1 for what is not there.
func (o attention) inputs() (bias, mask, stream int) {
	next := 3
	take := func(there bool) int {
		if !there {
			return -1
		}
		next++
		return next - 1
	}
	return take(o.bias), take(o.mask), take(o.drop)
}

func (o attention) infer(in []Spec) ([]Spec, error) {
	q, k, v := in[0].Shape, in[1].Shape, in[2].Shape
	if len(q) != 4 || len(k) != 4 || len(v) != 4 {
		return nil, errors.Errorf("query, key and value of shapes %v, %v and %v: expected [batch, time, heads, dim] each", q, k, v)
	}
	if want := []int{q[0], Unknown, Unknown, q[3]}; !agree(k, want) {
		return nil, errors.Errorf("query and key of shapes %v and %v: expected the same batch and dim", q, k)
	}
	if want := []int{k[0], k[1], k[2], Unknown}; !agree(v, want) || v[0] != q[0] && v[0] != Unknown && q[0] != Unknown {
		return nil, errors.Errorf("query, key and value of shapes %v, %v and %v: expected value to have the batch, time and heads of key", q, k, v)
	}
	if q[2] == Unknown || k[2] == Unknown || q[3] == Unknown || v[3] == Unknown {
		return nil, errors.Errorf("query, key and value of shapes %v, %v and %v: heads and dim must be known", q, k, v)
	}
	if k[2] < 1 || q[2]%k[2] != 0 {
		return nil, errors.Errorf("query and key of shapes %v and %v: the %d heads of key must divide the %d of query", q, k, k[2], q[2])
	}
	if !(o.rate >= 0 && o.rate <= 1) {
		return nil, errors.Errorf("dropout %v: expected a number in [0, 1]", o.rate)
	}
	return []Spec{floats(q[0], q[1], q[2], v[3])}, o.checkRest(in, []int{q[0], q[2], q[1], k[1]})
}

// checkRest looks at bias, mask and stream; scores are [batch, heads, queries, keys].
func (o attention) checkRest(in []Spec, scores []int) error {
	bias, mask, stream := o.inputs()
	if bias >= 0 {
		if err := spreads("bias", in[bias].Shape, scores); err != nil {
			return err
		}
	}
	if mask >= 0 {
		if in[mask].DType != Bool {
			return errors.Errorf("expected a bool mask, got %s", in[mask].DType)
		}
		if err := spreads("mask", in[mask].Shape, scores); err != nil {
			return err
		}
	}
	if stream >= 0 {
		return checkStream(in[stream])
	}
	return nil
}

// spreads makes sure that what has one shape can be repeated to that of the scores.
func spreads(what string, shape, scores []int) error {
	if whole, err := broadcast(shape, scores); err != nil || !agree(whole, scores) {
		return errors.Errorf("%s of shape %v: expected one that can be repeated to [batch, heads, queries, keys], here %v", what, shape, scores)
	}
	return nil
}

// steps are the elements of a row-major shape from one place to the next along each of four axes; 0 along what is repeated.
func steps(shape []int) (s [4]int) {
	n := 1
	for k := range shape {
		d := shape[len(shape)-1-k]
		if d != 1 {
			s[3-k] = n
		}
		n *= d
	}
	return s
}

// attend is the operation's call of the kernel, without results.
func attend[T kernel.Float](o attention, c *binding) (call *kernel.AttentionCall[T], draw func()) {
	q, k, v := c.in[0].Shape, c.in[1].Shape, c.in[2].Shape
	call = &kernel.AttentionCall[T]{
		Attention: kernel.Attention{
			Batch: q[0], Queries: q[1], Heads: q[2], Dim: q[3], Keys: k[1], KeyHeads: k[2], ValueDim: v[3],
			Scale: o.scale, Causal: o.causal, ZeroEmpty: o.zero, Rate: o.rate,
		},
		Q: data[T](c.in[0]), K: data[T](c.in[1]), V: data[T](c.in[2]),
	}
	bias, mask, from := o.inputs()
	if bias >= 0 {
		call.Bias, call.BiasSteps = data[T](c.in[bias]), steps(c.in[bias].Shape)
	}
	if mask >= 0 {
		call.Mask, call.MaskSteps = c.in[mask].bool, steps(c.in[mask].Shape)
	}
	if from < 0 {
		return call, func() {}
	}
	s := c.in[from]
	return call, func() { call.DropoutKey, call.Counter = stream(s) }
}

func (o attention) bind(c *binding) func() error {
	return pick(c, attendForward[float32](o, c), attendForward[float64](o, c))
}

func attendForward[T kernel.Float](o attention, c *binding) func() error {
	call, draw := attend[T](o, c)
	call.Out = data[T](c.out[0])
	return func() error {
		draw()
		call.Forward()
		return nil
	}
}

func (o attention) differentiableInput(i int) bool { return i < 3 || o.bias && i == 3 }

func (o attention) gradient(c *chain) []Tensor {
	g := attentionGradient{attention: o, scores: o.bias && c.needs[3]}
	r := applyAll(g, append(append([]Tensor{}, c.in...), c.g())...)
	out := make([]Tensor, len(c.in))
	for i := range 3 {
		if c.needs[i] {
			out[i] = r[i]
		}
	}
	if g.scores {
		out[3] = sumTo(r[3], c.in[3].Shape())
	}
	return out
}

// attentionGradient has the inputs of its forward operation and the gradient of the result. Its results are the gradients of query, key and
// value, and of the scores if the bias wants them.
type attentionGradient struct {
	attention
	scores bool
}

func (o attentionGradient) name() string { return "dot_product_attention_gradient" }

func (o attentionGradient) infer(in []Spec) ([]Spec, error) {
	q, k := in[0].Shape, in[1].Shape
	out := []Spec{in[0], in[1], in[2]}
	if o.scores {
		out = append(out, floats(q[0], q[2], q[1], k[1]))
	}
	return out, nil
}

func (o attentionGradient) bind(c *binding) func() error {
	return pick(c, attendBackward[float32](o, c), attendBackward[float64](o, c))
}

func attendBackward[T kernel.Float](o attentionGradient, c *binding) func() error {
	call, draw := attend[T](o.attention, c)
	call.DOut = data[T](c.in[len(c.in)-1])
	call.DQ, call.DK, call.DV = data[T](c.out[0]), data[T](c.out[1]), data[T](c.out[2])
	if o.scores {
		call.DScores = data[T](c.out[3])
	}
	return func() error {
		draw()
		call.Backward()
		return nil
	}
}

// DotProductAttention is softmax(scale·query·keyᵀ + bias)·value for each head: query is [batch, time, heads, dim], key and value are
// [batch, keys, heads, dim], and the result is [batch, time, heads, dim of value]. Where key has fewer heads than query, as many heads of query
// in turn read the same one. A bias is added to the scores [batch, heads, time, keys], of which a bool mask leaves those that are true; both
// are repeated to that shape where they are smaller, and both may be left out (the zero Tensor). Scores are made block by block and never
// kept as a whole, in the gradient neither (Dao et al. 2022).
//
// Source: keras.ops.dot_product_attention, whose dropout there is none of.
func DotProductAttention(query, key, value, bias, mask Tensor, options AttentionOptions) Tensor {
	o := attention{causal: options.IsCausal, zero: options.ZeroIfMasked, bias: bias.Valid(), mask: mask.Valid()}
	if options.Scale != nil {
		o.scale = *options.Scale
	} else if query.Err() == nil && query.Rank() == 4 {
		o.scale = 1 / math.Sqrt(float64(query.Dim(3)))
	}
	if options.Dropout != 0 {
		if !options.Stream.Valid() {
			return Fail(query.path, errors.Errorf("dot_product_attention: dropout %v: expected a random stream beside it, got none", options.Dropout))
		}
		o.drop, o.rate = true, options.Dropout
	}
	in := append([]Tensor{asFloat(query), asFloat(key), asFloat(value)}, given(bias, mask)...)
	if o.bias {
		in[3] = asFloat(bias)
	}
	if o.drop {
		in = append(in, options.Stream)
	}
	return apply(o, in...)
}

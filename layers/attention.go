package layers

import (
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// A ScoreMode says how [Attention] compares a query with a key, by Keras's words.
type ScoreMode string

// Keras's modes.
const (
	ScoreDot    ScoreMode = "dot"    // by their product; also ""
	ScoreConcat ScoreMode = "concat" // by the tangents of the sums of their features, times a weight
)

// Attention weighs the steps of a value [batch, steps, features] for each step of a query [batch, time, features] by how much the query has in
// common with the value, or with a key of the value's shape (Luong et al. 2015). It has the inputs query, value and maybe key, in this order, and
// the result is [batch, time, features of the value].
//
// Steps that the value's mask leaves out have no weight; the result is 0 where the query's mask leaves it out, and has that mask.
type Attention struct {
	Base
	UseScale  bool      // multiply the scores by a weight
	ScoreMode ScoreMode // "": ScoreDot
	Dropout   float64   // share of the weights of values that is dropped in training, in [0, 1]
	Seed      *int      // of the dropout; nil: from the model's seed

	// UseCausalMask, an argument of Keras's call, lets no step look at later ones.
	UseCausalMask bool `keras:"use_causal_mask,call"`
	// ReturnAttentionScores, an argument of Keras's call, adds a second result: the weights [batch, time, steps], before dropout. It needs
	// CallAll.
	ReturnAttentionScores bool `keras:"return_attention_scores,call"`
}

func init() { saving.Register[Attention]("Attention", "keras.layers") }

// Merge implements [Merger].
func (a *Attention) Merge(b *Builder, xs ...ops.Tensor) ops.Tensor {
	if a.ReturnAttentionScores {
		return b.Errorf("return_attention_scores gives two results: use ApplyAll")
	}
	return a.CallAll(b, xs...)[0]
}

// CallAll implements [MultiLayer].
func (a *Attention) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor {
	q, v, k, err := readAttended(xs)
	if err == nil {
		err = checkRate("dropout", a.Dropout)
	}
	if err == nil && a.ScoreMode != "" && a.ScoreMode != ScoreDot && a.ScoreMode != ScoreConcat {
		err = errors.Errorf("score_mode %q: expected %q or %q", a.ScoreMode, ScoreDot, ScoreConcat)
	}
	if err == nil && !sameOrUnknown(q.Dim(-1), k.Dim(-1)) {
		err = errors.Errorf("query and key of shapes %v and %v: expected as many features", q.Shape(), k.Shape())
	}
	if err != nil {
		return []ops.Tensor{b.Errorf("%s", err)}
	}
	w := weighing{dropout: a.Dropout, seed: a.Seed, causal: a.UseCausalMask, returnScores: a.ReturnAttentionScores}
	var scale ops.Tensor
	if a.UseScale {
		scale = b.Weight("scale", []int{}, Spec{Initializer: initializers.Ones{}})
	}
	if a.ScoreMode == ScoreConcat {
		sum := summedPairs(q, k)
		if scale.Valid() {
			sum = ops.Multiply(scale, sum)
		}
		weight := b.Weight("concat_score_weight", []int{}, Spec{Initializer: initializers.Ones{}})
		return w.apply(b, ops.Multiply(weight, ops.Sum(ops.Tanh(sum), -1)), q, v)
	}
	scaled := q
	if scale.Valid() {
		scaled = ops.Multiply(scale, q)
	}
	if q.Rank() == 3 && !a.ReturnAttentionScores {
		return w.applyDot(b, scaled, k, q, v)
	}
	return w.apply(b, ops.MatMul(scaled, swapped(k)), q, v)
}

// readAttended reads query, value and key.
func readAttended(xs []ops.Tensor) (q, v, k ops.Tensor, err error) {
	if len(xs) != 2 && len(xs) != 3 {
		return q, v, k, errors.Errorf("expected query and value, and maybe key, got %d tensors", len(xs))
	}
	q, v, k = xs[0], xs[1], xs[len(xs)-1]
	if bad, ok := failed(xs...); ok {
		return q, v, k, bad.Err()
	}
	s, t, u := q.Shape(), v.Shape(), k.Shape()
	n := len(s)
	if n < 3 || len(t) != n || len(u) != n {
		return q, v, k, errors.Errorf("query, value and key of shapes %v, %v and %v: expected as many axes each, and at least [batch, time, features]", s, t, u)
	}
	for i := range n - 1 {
		if !sameOrUnknown(t[i], u[i]) || i < n-2 && !sameOrUnknown(s[i], t[i]) {
			return q, v, k, errors.Errorf("query, value and key of shapes %v, %v and %v: expected the same batch each, and as many values as keys", s, t, u)
		}
	}
	return q, v, k, nil
}

// summedPairs is the sum of each query and each key: [batch, time, steps, features].
func summedPairs(q, k ops.Tensor) ops.Tensor {
	return ops.Add(ops.ExpandDims(q, -2), ops.ExpandDims(k, -3))
}

func swapped(x ops.Tensor) ops.Tensor { return ops.MoveAxis(x, -1, -2) }

// A weighing is what follows the scores in layers of attention with one head.
type weighing struct {
	dropout              float64
	seed                 *int
	causal, returnScores bool
}

// stream is the dropout's, in inference too, because it is a weight; the zero Tensor where there is none.
func (w *weighing) stream(b *Builder) ops.Tensor {
	if w.dropout == 0 {
		return ops.Tensor{}
	}
	return b.Stream("", w.seed)
}

// mask is what the value's mask leaves, over scores [batch, time, steps].
func (w *weighing) mask(v ops.Tensor) ops.Tensor {
	if !v.Mask().Valid() {
		return ops.Tensor{}
	}
	return ops.ExpandDims(v.Mask(), -2)
}

// apply weighs values by scores [batch, time, steps].
func (w *weighing) apply(b *Builder, scores, q, v ops.Tensor) []ops.Tensor {
	mask := w.mask(v)
	if w.causal {
		m := ops.GreaterEqual(places(q.Dim(-2), -1), places(v.Dim(-2), -2))
		if mask.Valid() {
			m = ops.LogicalAnd(mask, m)
		}
		mask = m
	}
	if mask.Valid() {
		const far = 1e9 // exp of what is so much smaller is 0
		scores = ops.Where(mask, scores, ops.Subtract(scores, ops.Scalar(far)))
	}
	scores = ops.Softmax(scores, -1)
	kept, stream := scores, w.stream(b)
	if stream.Valid() && b.Training() {
		kept = ops.Dropout(scores, stream, w.dropout)
	}
	y := masked(ops.MatMul(kept, v.WithMask(ops.Tensor{})), q)
	if w.returnScores {
		return []ops.Tensor{y, scores}
	}
	return []ops.Tensor{y}
}

// applyDot weighs values by the products of queries, as they are scaled, and keys, without making the scores as a whole.
func (w *weighing) applyDot(b *Builder, scaled, k, q, v ops.Tensor) []ops.Tensor {
	o := ops.AttentionOptions{Scale: new(1.0), IsCausal: w.causal}
	if stream := w.stream(b); stream.Valid() && b.Training() {
		o.Dropout, o.Stream = w.dropout, stream
	}
	mask := w.mask(v)
	if mask.Valid() {
		mask = ops.ExpandDims(mask, 1)
	}
	head := func(x ops.Tensor) ops.Tensor { return ops.ExpandDims(x.WithMask(ops.Tensor{}), 2) }
	y := ops.DotProductAttention(head(scaled), head(k), head(v), ops.Tensor{}, mask, o)
	return []ops.Tensor{masked(ops.Squeeze(y, 2), q)}
}

// masked is 0 where the query's mask leaves it out, and has that mask.
func masked(y, q ops.Tensor) ops.Tensor {
	mask := q.Mask()
	if !mask.Valid() || y.Err() != nil {
		return y
	}
	return ops.Where(ops.ExpandDims(mask, -1), y, ops.Scalar(0)).WithMask(mask)
}

// SupportsMasking implements [MaskSupporter].
func (a *Attention) SupportsMasking() bool { return true }

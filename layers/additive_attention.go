package layers

import (
	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// AdditiveAttention is [Attention] whose scores are sums of scale·tanh(query + key) over the features (Bahdanau et al. 2015). It has the same
// inputs, results and masks.
type AdditiveAttention struct {
	Base
	UseScale *bool   // a weight for each feature; nil: true
	Dropout  float64 // share of the weights of values that is dropped in training, in [0, 1]
	Seed     *int    // of the dropout; nil: from the model's seed

	// UseCausalMask, an argument of Keras's call, lets no step look at later ones.
	UseCausalMask bool `keras:"use_causal_mask,call"`
	// ReturnAttentionScores, an argument of Keras's call, adds a second result: the weights [batch, time, steps], before dropout. It needs
	// CallAll.
	ReturnAttentionScores bool `keras:"return_attention_scores,call"`
}

func init() { saving.Register[AdditiveAttention]("AdditiveAttention", "keras.layers") }

// Merge implements [Merger].
func (a *AdditiveAttention) Merge(b *Builder, xs ...ops.Tensor) ops.Tensor {
	if a.ReturnAttentionScores {
		return b.Errorf("return_attention_scores gives two results: use ApplyAll")
	}
	return a.CallAll(b, xs...)[0]
}

// CallAll implements [MultiLayer].
func (a *AdditiveAttention) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor {
	q, v, k, err := readAttended(xs)
	if err == nil {
		err = checkRate("dropout", a.Dropout)
	}
	if err == nil && (q.Dim(-1) == ops.Unknown || !sameOrUnknown(q.Dim(-1), k.Dim(-1))) {
		err = errors.Errorf("query and key of shapes %v and %v: expected as many features, known for the query", q.Shape(), k.Shape())
	}
	if err != nil {
		return []ops.Tensor{b.Errorf("%s", err)}
	}
	scores := ops.Tanh(summedPairs(q, k))
	if optional.Or(a.UseScale, true) {
		scores = ops.MatMul(scores, b.Weight("scale", []int{q.Dim(-1)}, Spec{}))
	} else {
		scores = ops.Sum(scores, -1)
	}
	w := weighing{dropout: a.Dropout, seed: a.Seed, causal: a.UseCausalMask, returnScores: a.ReturnAttentionScores}
	return w.apply(b, scores, q, v)
}

// SupportsMasking implements [MaskSupporter].
func (a *AdditiveAttention) SupportsMasking() bool { return true }

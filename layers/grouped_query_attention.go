package layers

import (
	"math"

	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// GroupedQueryAttention is [MultiHeadAttention] in which several heads of the query in turn share one of key and value (Ainslie et al. 2023). It
// is called in the same ways, on a query [batch, time, features] and a value [batch, steps, features], and the result has the query's shape.
type GroupedQueryAttention struct {
	Base
	HeadDim          int     // size of each head; required
	NumQueryHeads    int     // required
	NumKeyValueHeads int     // must divide NumQueryHeads; required
	Dropout          float64 // share of the weights of values that is dropped in training, in [0, 1]
	UseBias          *bool   // in all projections; nil: true
	SlidingWindow    int     // a step looks at others less than so many steps away; 0: at all
	FlashAttention   bool    // accepted and ignored: attention runs block by block in any case, unless scores are returned
	// KernelInitializer is that of all projections, as are all arguments like it; nil: GlorotUniform.
	KernelInitializer   initializers.Initializer
	BiasInitializer     initializers.Initializer // nil: Zeros
	KernelRegularizer   regularizers.Regularizer
	BiasRegularizer     regularizers.Regularizer
	ActivityRegularizer regularizers.Regularizer // of each projection's output, and of the results
	KernelConstraint    constraints.Constraint
	BiasConstraint      constraints.Constraint
	UseGate             bool // multiply what the heads give by a sigmoid of another projection of the query (Qiu et al. 2025)
	Seed                *int // of the dropout; nil: from the model's seed

	// UseCausalMask, an argument of Keras's call, lets no step look at later ones.
	UseCausalMask bool `keras:"use_causal_mask,call"`
	// ReturnAttentionScores, an argument of Keras's call, adds a second result: the weights [batch, heads, time, steps], before dropout.
	ReturnAttentionScores bool `keras:"return_attention_scores,call"`

	parts attentionParts
}

// Keras exports the class under this name.
func init() { saving.Register[GroupedQueryAttention]("GroupQueryAttention", "keras.layers") }

// Setup implements [Setter].
func (g *GroupedQueryAttention) Setup() {
	g.parts.makeProjections(EinsumDense{
		KernelInitializer: g.KernelInitializer, BiasInitializer: g.BiasInitializer, KernelRegularizer: g.KernelRegularizer,
		BiasRegularizer: g.BiasRegularizer, ActivityRegularizer: g.ActivityRegularizer, KernelConstraint: g.KernelConstraint,
		BiasConstraint: g.BiasConstraint,
	}, projectionSizes{g.NumQueryHeads, g.NumKeyValueHeads, g.HeadDim, g.HeadDim}, optional.Or(g.UseBias, true), nil)
	g.parts.gate.Activation = activations.Sigmoid
	g.parts.dropout.seed = g.Seed
}

// Children implements [Container].
func (g *GroupedQueryAttention) Children() []Child {
	return g.parts.children("_", g.UseGate, g.Dropout > 0)
}

// CallNames are the names of the tensors of a call in Keras.
func (g *GroupedQueryAttention) CallNames() []string { return attentionCallNames() }

// Call implements [Layer]: self-attention. ReturnAttentionScores needs CallAll.
func (g *GroupedQueryAttention) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if g.ReturnAttentionScores {
		return b.Errorf("return_attention_scores gives two results: use ApplyAll")
	}
	return g.CallAll(b, x)[0]
}

// CallAll implements [MultiLayer].
func (g *GroupedQueryAttention) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor {
	in, err := readAttentionInputs(xs)
	if err == nil {
		err = g.check(in)
	}
	if err != nil {
		return []ops.Tensor{b.Errorf("%s", err)}
	}
	ys := g.parts.call(b, &headAttention{
		axes: []int{1}, scale: 1 / math.Sqrt(float64(g.HeadDim)), dropout: g.Dropout, window: g.SlidingWindow, causal: g.UseCausalMask,
		returnScores: g.ReturnAttentionScores,
	}, in, g.UseGate)
	for _, y := range ys {
		b.penalizeOutput(g.ActivityRegularizer, y)
	}
	return ys
}

func (g *GroupedQueryAttention) check(in attentionInputs) error {
	for _, err := range []error{
		positive("head_dim", g.HeadDim), positive("num_query_heads", g.NumQueryHeads), positive("num_key_value_heads", g.NumKeyValueHeads),
		checkWindow(g.SlidingWindow), checkRate("dropout", g.Dropout),
	} {
		if err != nil {
			return err
		}
	}
	if g.NumQueryHeads%g.NumKeyValueHeads != 0 {
		return errors.Errorf("num_key_value_heads %d: expected a number that divides num_query_heads, %d", g.NumKeyValueHeads, g.NumQueryHeads)
	}
	q, v := in.query.Shape(), in.value.Shape()
	if len(q) != 3 || q[2] != v[2] {
		return errors.Errorf("query and value of shapes %v and %v: expected [batch, time, features] with as many features each", q, v)
	}
	return nil
}

// SupportsMasking implements [MaskSupporter].
func (g *GroupedQueryAttention) SupportsMasking() bool { return true }

// SaveConfig implements [saving.ConfigSaver]: Keras's configurations do not have how attention is computed.
func (g *GroupedQueryAttention) SaveConfig(config map[string]any) error {
	delete(config, "flash_attention")
	return nil
}

package layers

import (
	"math"
	"slices"

	"github.com/gokeras/gokeras/internal/optional"
	"github.com/gokeras/gokeras/keras/activations"
	"github.com/gokeras/gokeras/keras/constraints"
	"github.com/gokeras/gokeras/keras/initializers"
	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/regularizers"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/pkg/errors"
)

// MultiHeadAttention lets each step of a query [batch, time, features] look at all steps of a value [batch, steps, features] (Vaswani et al.
// 2017): several heads, each with projections of its own, weigh the values by how much query and key have in common. The result has the query's
// shape.
//
// It is called on query and value, and maybe on a key, without which the value is the key, and a mask [batch, time, steps] that is false for what
// is not to be looked at: b.ApplyAll(&m.attention, query, value, key, mask). Steps that the inputs' own masks leave out are not looked at either.
// Called on one tensor, it is self-attention. The result has the query's mask.
type MultiHeadAttention struct {
	Base
	NumHeads    int     // required
	KeyDim      int     // size of each head of query and key; required
	ValueDim    int     // size of each head of the value; 0: KeyDim
	Dropout     float64 // share of the weights of values that is dropped in training, in [0, 1]
	UseBias     *bool   // in all projections; nil: true
	OutputShape []int   // of the result, without batch and steps; nil: the last size of the query
	// AttentionAxes are the axes of the query and value that attention goes over, for inputs of more than three; negative ones count from the
	// end, where -1 is the features'. nil: all but those of batch and features.
	AttentionAxes  []int
	SlidingWindow  int  // a step looks at others less than so many steps away; 0: at all
	FlashAttention bool // accepted and ignored: attention runs block by block in any case, unless scores are returned
	// KernelInitializer is that of all projections, as are all arguments like it; nil: GlorotUniform.
	KernelInitializer   initializers.Initializer
	BiasInitializer     initializers.Initializer // nil: Zeros
	KernelRegularizer   regularizers.Regularizer
	BiasRegularizer     regularizers.Regularizer
	ActivityRegularizer regularizers.Regularizer // of each projection's output
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

func init() { saving.Register[MultiHeadAttention]("MultiHeadAttention", "keras.layers") }

// Setup implements [Setter].
func (m *MultiHeadAttention) Setup() {
	m.parts.makeProjections(EinsumDense{
		KernelInitializer: m.KernelInitializer, BiasInitializer: m.BiasInitializer, KernelRegularizer: m.KernelRegularizer,
		BiasRegularizer: m.BiasRegularizer, ActivityRegularizer: m.ActivityRegularizer, KernelConstraint: m.KernelConstraint,
		BiasConstraint: m.BiasConstraint,
	}, projectionSizes{m.NumHeads, m.NumHeads, m.KeyDim, m.valueDim()}, optional.Or(m.UseBias, true), m.OutputShape)
	m.parts.gate.Activation = activations.Sigmoid
	m.parts.dropout.seed = m.Seed
}

func (m *MultiHeadAttention) valueDim() int {
	if m.ValueDim == 0 {
		return m.KeyDim
	}
	return m.ValueDim
}

// Children implements [Container].
func (m *MultiHeadAttention) Children() []Child {
	return m.parts.children("", m.UseGate, m.Dropout > 0)
}

// CallNames are the names of the tensors of a call in Keras.
func (m *MultiHeadAttention) CallNames() []string { return attentionCallNames() }

func attentionCallNames() []string { return []string{"query", "value", "key", "attention_mask"} }

// Call implements [Layer]: self-attention. ReturnAttentionScores needs CallAll.
func (m *MultiHeadAttention) Call(b *Builder, x ops.Tensor) ops.Tensor {
	if m.ReturnAttentionScores {
		return b.Errorf("return_attention_scores gives two results: use ApplyAll")
	}
	return m.CallAll(b, x)[0]
}

// CallAll implements [MultiLayer].
func (m *MultiHeadAttention) CallAll(b *Builder, xs ...ops.Tensor) []ops.Tensor {
	in, err := readAttentionInputs(xs)
	if err == nil {
		err = m.check()
	}
	axes := m.AttentionAxes
	if err == nil {
		axes, err = attentionAxes(axes, in.query)
	}
	if err != nil {
		return []ops.Tensor{b.Errorf("%s", err)}
	}
	a := &headAttention{
		axes: axes, scale: 1 / math.Sqrt(float64(m.KeyDim)), dropout: m.Dropout, window: m.SlidingWindow, causal: m.UseCausalMask,
		returnScores: m.ReturnAttentionScores,
	}
	return m.parts.call(b, a, in, m.UseGate)
}

func (m *MultiHeadAttention) check() error {
	for _, err := range []error{
		positive("num_heads", m.NumHeads), positive("key_dim", m.KeyDim), positive("value_dim", m.valueDim()), checkWindow(m.SlidingWindow),
		checkRate("dropout", m.Dropout),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func checkWindow(window int) error {
	if window < 0 {
		return errors.Errorf("sliding_window must be positive, or 0 for none, got %d", window)
	}
	return nil
}

func checkRate(name string, rate float64) error {
	if !(rate >= 0 && rate <= 1) {
		return errors.Errorf("%s %v: expected a number in [0, 1]", name, rate)
	}
	return nil
}

// attentionAxes reads the axes that attention goes over, from 0; nil means all but the first and the last.
func attentionAxes(given []int, query ops.Tensor) ([]int, error) {
	var axes []int
	if given == nil {
		for i := 1; i < query.Rank()-1; i++ {
			axes = append(axes, i)
		}
		return axes, nil
	}
	for _, axis := range given {
		if axis < 0 {
			axis += query.Rank()
		}
		if axis < 1 || axis >= query.Rank()-1 || slices.Contains(axes, axis) {
			return nil, errors.Errorf("attention_axes %v: expected axes between batch and features of a query of shape %v, each once", given, query.Shape())
		}
		axes = append(axes, axis)
	}
	if len(axes) == 0 {
		return nil, errors.New("attention_axes: expected at least one")
	}
	return axes, nil
}

// call projects the inputs, attends and projects the result.
func (p *attentionParts) call(b *Builder, a *headAttention, in attentionInputs, gated bool) []ops.Tensor {
	plain := func(x ops.Tensor) ops.Tensor { return x.WithMask(ops.Tensor{}) }
	query := plain(in.query)
	q, k := b.Apply(&p.query, query), b.Apply(&p.key, plain(in.key))
	var gate ops.Tensor
	if gated {
		gate = b.Apply(&p.gate, query)
	}
	v := b.Apply(&p.value, plain(in.value))
	if a.dropout > 0 {
		a.stream = b.ApplyAll(&p.dropout)[0]
	}
	y, scores := a.attend(b, q, k, v, in)
	if gated {
		y = ops.Multiply(y, gate)
	}
	if p.output.OutputShape == nil {
		p.output.OutputShape = []int{query.Dim(-1)}
	}
	y = b.Apply(&p.output, y).WithMask(in.query.Mask())
	if a.returnScores {
		return []ops.Tensor{y, scores}
	}
	return []ops.Tensor{y}
}

// SupportsMasking implements [MaskSupporter].
func (m *MultiHeadAttention) SupportsMasking() bool { return true }

// SaveConfig implements [saving.ConfigSaver]: Keras's configurations do not have how attention is computed.
func (m *MultiHeadAttention) SaveConfig(config map[string]any) error {
	delete(config, "flash_attention")
	return nil
}

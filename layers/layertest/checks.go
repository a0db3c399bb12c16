package layertest

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"

	"github.com/gokeras/gokeras/keras/ops"
	"github.com/gokeras/gokeras/keras/saving"
	"github.com/gokeras/gokeras/layers"
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

func label(what string, i int) string { return what + " " + strconv.Itoa(i) }

// config saves and loads the layer's config.
func (s *suite) config() error {
	if s.Unsaved {
		return nil
	}
	part := s.build().part
	config, err := saving.ToConfig(part)
	if err != nil {
		return errors.Wrap(err, "a layer is saved by its type's name: register it with saving.Register")
	}
	text, err := json.Marshal(config)
	if err != nil {
		return err
	}
	var read map[string]any
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	loaded, err := saving.FromConfig(read)
	if err != nil {
		return errors.Wrapf(err, "loading %s", text)
	}
	call, err := saving.CallArguments(part)
	if err != nil {
		return err
	}
	if err := saving.SetCallArguments(loaded, call); err != nil {
		return err
	}
	if !reflect.DeepEqual(loaded, any(part)) {
		again, err := saving.ToConfig(loaded)
		return errors.Errorf("the layer does not come back from its config %s: expected %+v, got %+v with config %v (%v)", text, part, loaded, again, err)
	}
	return nil
}

// shapes compares a trace over a batch of unknown size with a run.
func (s *suite) shapes() error {
	sub, err := s.built()
	if err != nil {
		return err
	}
	for _, training := range []bool{false, true} {
		open, err := sub.record(s.Inputs, s.Masks, ops.Unknown, training, true)
		if err != nil {
			return errors.Wrap(err, "with a batch of unknown size")
		}
		p, err := s.compile(sub, 0, training, ops.Float32)
		if err != nil {
			return err
		}
		if err := p.Run(); err != nil {
			return err
		}
		for i, y := range open.out {
			if got := p.Outputs()[i].Shape(); !fits(y.Shape(), got) {
				return errors.Errorf("output %d has shape %v with a batch of unknown size, and %v in a run", i, y.Shape(), got)
			}
		}
	}
	return nil
}

// fits reports whether a shape with sizes that are not known can be the other. Behind the batch, all should be known.
func fits(open, whole []int) bool {
	if len(open) == 0 && len(whole) == 1 && whole[0] == 1 {
		return true // a scalar
	}
	if len(open) != len(whole) {
		return false
	}
	for i, d := range open {
		if d != whole[i] && (d != ops.Unknown || i > 0) {
			return false
		}
	}
	return true
}

// sameWeights compares what training and inference ask for.
func (s *suite) sameWeights() error {
	var asked [2][]*layers.Weight
	for i, training := range []bool{false, true} {
		r, err := s.build().record(s.Inputs, s.Masks, ops.Unknown, training, false)
		if err != nil {
			return err
		}
		asked[i] = r.trace.Declared()
	}
	for _, w := range slices.Concat(asked[0], asked[1]) {
		if find(asked[0], w) == nil || find(asked[1], w) == nil {
			return errors.Errorf("weight %s %v: training and inference must ask for the same weights", w.Path, w.Shape())
		}
	}
	sub, err := s.built()
	if err != nil {
		return err
	}
	return s.counts(len(trained(sub.part)), len(weights(sub.part)))
}

func find(ws []*layers.Weight, w *layers.Weight) *layers.Weight {
	for _, v := range ws {
		if v.Path == w.Path && slices.Equal(v.Shape(), w.Shape()) && v.DType() == w.DType() && v.Spec.NonTrainable == w.Spec.NonTrainable {
			return v
		}
	}
	return nil
}

func (s *suite) counts(trainable, all int) error {
	if s.Trainable != nil && *s.Trainable != trainable {
		return errors.Errorf("trained weights: expected %d, got %d", *s.Trainable, trainable)
	}
	if s.NonTrainable != nil && *s.NonTrainable != all-trainable {
		return errors.Errorf("weights that are not trained: expected %d, got %d", *s.NonTrainable, all-trainable)
	}
	return nil
}

// values compares a step with the case's numbers.
func (s *suite) values() error {
	sub, err := s.built()
	if err != nil {
		return err
	}
	p, err := s.compile(sub, 0, s.Training, ops.Float32)
	if err != nil {
		return err
	}
	if err := p.Run(); err != nil {
		return err
	}
	if err := compareAll("output", p.outputs, func(i int) *tensor.Dense { return p.Outputs()[i] }, s.Outputs, s.Tolerance); err != nil {
		return err
	}
	if err := s.outputMasks(p); err != nil {
		return err
	}
	if s.Penalty != nil {
		want := tensor.New(tensor.WithShape(1), tensor.WithBacking([]float64{*s.Penalty}))
		if err := compare("penalty", p.Outputs()[p.penalty], want, s.Tolerance); err != nil {
			return err
		}
	}
	if err := compareAll("gradient of input", len(s.Inputs), p.inputGradient, s.InputGradients, s.GradientTolerance); err != nil {
		return err
	}
	if err := compareAll("gradient of weight", len(p.trained), p.weightGradient, s.WeightGradients, s.GradientTolerance); err != nil {
		return err
	}
	p.Commit()
	ws := weights(sub.part)
	return compareAll("weight after a run", len(ws), func(i int) *tensor.Dense { return ws[i].Value() }, s.After, s.Tolerance)
}

func (s *suite) outputMasks(p *program) error {
	if s.OutputMasks == nil {
		return nil
	}
	if len(s.OutputMasks) != p.outputs {
		return errors.Errorf("masks of outputs: expected %d, got %d", len(s.OutputMasks), p.outputs)
	}
	for i, want := range s.OutputMasks {
		got := p.mask(i)
		if (got == nil) != (want == nil) {
			return errors.Errorf("output %d: expected a mask: %v, got one: %v", i, want != nil, got != nil)
		}
		if want == nil {
			continue
		}
		if err := sameShape(label("mask of output", i), got, want); err != nil {
			return err
		}
		if !slices.Equal(got.Bools(), want.Bools()) {
			return errors.Errorf("mask of output %d: expected %v, got %v", i, want.Bools(), got.Bools())
		}
	}
	return nil
}

// masks gives a mask to a layer of one input, and looks what becomes of it.
func (s *suite) masks() error {
	sub, err := s.built()
	if err != nil || !sub.one || len(s.Inputs[0].Shape()) != 3 {
		return err
	}
	shape := s.Inputs[0].Shape()
	mask := tensor.New(tensor.Of(tensor.Bool), tensor.WithShape(shape[0], shape[1]))
	r, err := sub.record(s.Inputs, []*tensor.Dense{mask}, shape[0], false, true)
	if err != nil {
		return errors.Wrap(err, "an input with a mask")
	}
	y, given := r.out[0], r.in[1]
	supporter, ok := sub.part.(layers.MaskSupporter)
	supports := ok && supporter.SupportsMasking()
	switch {
	case !supports && y.Mask().Same(given):
		return errors.New("the mask is passed on, though the layer does not say that it supports masking")
	case supports && !y.Mask().Valid():
		return errors.New("the mask is lost, though the layer says that it supports masking")
	case supports && !prefix(y.Mask().Shape(), y.Shape()):
		return errors.Errorf("the mask of shape %v does not fit the output of shape %v: a layer that changes axes must not pass on its mask", y.Mask().Shape(), y.Shape())
	}
	return nil
}

func prefix(short, long []int) bool {
	return len(short) <= len(long) && slices.Equal(short, long[:len(short)])
}

// copies puts a copy of the layer into its place, of which the layer that is called knows nothing.
func (s *suite) copies() error {
	sub := s.build()
	b := layers.NewBuilder(&layers.Trace{}, &holder{part: copyOf(sub.part)}, "", false)
	var xs []ops.Tensor
	for _, x := range s.Inputs {
		spec := specOf(x, x.Shape()[0])
		xs = append(xs, ops.Placeholder("input", spec.DType, spec.Shape...))
	}
	noticed := func(y ops.Tensor) bool { return y.Err() != nil }
	if !slices.ContainsFunc(sub.call(b, xs), noticed) {
		return errors.New("a copy of the layer in its place is not noticed")
	}
	return nil
}

"""Families of layers.py: products by Einstein's notation, and attention. Each draws one case of a class."""

import numpy as np
from keras import constraints, layers
from layer_compositions import draws


def projections(d):
    """Arguments that all projections of a layer share."""
    return {
        "use_bias": d.chance(0.7), "kernel_regularizer": d.regularizer(), "bias_regularizer": d.regularizer(),
        "activity_regularizer": d.regularizer(), "kernel_constraint": d.one([None, constraints.MaxNorm(2)]),
        "bias_constraint": d.one([None, constraints.NonNeg()]),
    }


@draws(12)
def einsum_dense(d, i):
    n, a, b, c, u, v = d.size(1, 3), *d.sizes(5, 1, 4)
    equation, shape, output, biases = [
        ("ab,bc->ac", (n, b), u, "c"),
        ("abc,cd->abd", (n, a, b), (a, u), ["d", "bd"]),
        ("abc,cde->abde", (n, a, b), (a, u, v), ["de", "de", "d", "e", "be"]),
        ("abcd,cde->abe", (n, a, b, c), (None, u), "e"),
        ("...x,xy->...y", (n, *d.sizes(d.size(0, 2), 1, 3), b), u, "y"),
        ("...x,xyz->...yz", (n, *d.sizes(d.size(0, 2), 1, 3), b), (u, v), ["yz", "z", "y"]),
        ("ab...,bc->ac...", (n, b, *d.sizes(d.size(1, 2), 1, 3)), u, "c"),
        ("abc,dcb->ad", (n, a, b), u, "d"),
        ("abc,bde->adce", (n, a, b), (u, None, v), ["de", "e", "d"]),
        ("abc,bd->acbd", (n, a, b), (b, a, u), ["d", "cd"]),
        ("...xy,xyz->...z", (n, *d.sizes(d.size(0, 1), 1, 3), a, b), u, "z"),
        ("abc,cdef->abdef", (n, a, b), (None, u, v, c), "def"),
    ][i]
    if equation == "abc,bde->adce":
        output = (u, b, v)
    arguments = projections(d)
    bias_axes = d.one([None, *biases, *biases]) if isinstance(biases, list) else d.one([None, biases, biases])
    del arguments["use_bias"]
    layer = layers.EinsumDense(equation, output, activation=d.one([None, None, d.activation()]), bias_axes=bias_axes, **arguments)
    return layer, [d.floats(shape)], [None], {}


def scores_of(d, flags):
    """Arguments of a call beside tensors, those that are not the default."""
    return {name: True for name in flags if d.chance(0.4)}


FLAGS = ["use_causal_mask", "return_attention_scores"]


def called(inputs, flags):
    """A call of query, value, key and attention_mask; query alone is self-attention."""

    def call(xs):
        xs = xs if len(xs) > 1 else [xs[0], xs[0]]
        return tuple(xs), {}

    def masked(xs):
        return (xs[0], xs[1], xs[2]), {"attention_mask": xs[3]}

    choose = masked if len(inputs) == 4 else call
    return {"flags": flags, "call": lambda xs: (choose(xs)[0], {**choose(xs)[1], **flags})}


def sequences(d, i, value_features=True):
    """Query, value, key and attention_mask, as many as i says, and their masks."""
    n, time, steps, f = d.size(1, 3), d.size(1, 5), d.size(1, 5), d.size(1, 4)
    g = d.size(1, 4) if value_features else f
    inputs = [d.floats((n, time, f)) / 2, d.floats((n, steps, g)) / 2, d.floats((n, steps, d.size(1, 4))) / 2]
    inputs = inputs[: min(i, 3)]
    masks = [d.mask(x.shape[:2]) if d.chance() else None for x in inputs]
    if i == 4:
        inputs.append(d.mask(d.one([(n, time, steps), (n, 1, time, steps), (n, 1, steps)])))
        masks = [m if inputs[3].ndim == 3 else None for m in masks] + [None]
    return inputs, masks


@draws(12)
def multi_head_attention(d, i):
    inputs, masks = sequences(d, [1, 2, 3, 4][i % 4])
    arguments = projections(d)
    output = d.one([{}, {}, {"output_shape": d.size(1, 4)}, {"output_shape": d.sizes(2, 1, 3)}])
    if inputs[0].shape[1] == inputs[-1].shape[1]:
        arguments["attention_axes"] = d.one([None, 1, (-2,)])
    flags, dropout = scores_of(d, FLAGS), d.one([0.0, 0.0, 0.25])
    # Without scores as a whole, Keras on JAX fails where value_dim is another than key_dim.
    value_dim = d.one([None, d.size(1, 4)]) if dropout or "return_attention_scores" in flags else None
    layer = layers.MultiHeadAttention(
        d.size(1, 3), d.size(1, 4), value_dim=value_dim, dropout=dropout, use_gate=d.chance(0.3), sliding_window=d.one([None, None, d.size(1, 3)]),
        seed=d.one([None, 3]), **output, **arguments,
    )
    return layer, inputs, masks, called(inputs, flags)


@draws(6)
def several_axes(d, i):
    n, a, b, f = d.size(1, 2), *d.sizes(2, 2, 3), d.size(1, 3)
    axes = [None, (1,), (2,), (-2,), (2, 1), 2][i]
    inputs = [d.floats((n, a, b, f)) / 2]
    if i in (0, 4) and d.chance():
        inputs.append(d.floats((n, d.size(1, 3), d.size(1, 3), d.size(1, 3))) / 2)
    layer = layers.MultiHeadAttention(
        d.size(1, 3), d.size(1, 3), value_dim=d.one([None, d.size(1, 3)]), dropout=d.one([0.0, 0.5]), attention_axes=axes, use_gate=d.chance(0.3), **projections(d),
    )
    return layer, inputs, [None] * len(inputs), called(inputs, scores_of(d, FLAGS[1:]))


@draws(8)
def grouped_query_attention(d, i):
    inputs, masks = sequences(d, [1, 2, 3, 4][i % 4], value_features=False)
    groups = d.size(1, 3)
    layer = layers.GroupQueryAttention(
        d.size(1, 4), groups * d.size(1, 3), groups, dropout=d.one([0.0, 0.0, 0.25]), use_gate=d.chance(0.3),
        sliding_window=d.one([None, None, d.size(1, 3)]), seed=d.one([None, 3]), **projections(d),
    )
    return layer, inputs, masks, called(inputs, scores_of(d, FLAGS))


def listed(d, keys=2, extra=0):
    """Query, value and maybe key, of the same features, as a list. Something is left of each value: what Keras computes of nothing is rounding."""
    lead, time, steps, f = d.sizes(1 + extra, 1, 3), d.size(1, 5), d.size(1, 5), d.size(1, 4)
    inputs = [d.floats((*lead, time, f)) / 2, d.floats((*lead, steps, f)) / 2, d.floats((*lead, steps, f)) / 2][:keys]
    if keys == 3:
        inputs[1] = d.floats((*lead, steps, d.size(1, 4))) / 2
    masks = [d.mask(x.shape[:2]) if d.chance() and not extra else None for x in inputs]
    if masks[1] is not None:
        masks[1][:, 0] = True
    flags = scores_of(d, FLAGS)
    return inputs, masks, {"flags": flags, "call": lambda xs: ((list(xs),), flags)}


@draws(9)
def attention(d, i):
    inputs, masks, options = listed(d, 2 + i % 2, extra=1 if i == 4 else 0)
    layer = layers.Attention(use_scale=d.chance(), score_mode=["dot", "dot", "concat"][i % 3], dropout=d.one([0.0, 0.0, 0.25]), seed=d.one([None, 3]))
    return layer, inputs, masks, options


@draws(6)
def additive_attention(d, i):
    inputs, masks, options = listed(d, 2 + i % 2)
    return layers.AdditiveAttention(**d.one([{}, {"use_scale": False}]), dropout=d.one([0.0, 0.25])), inputs, masks, options


LAYERS = [einsum_dense, multi_head_attention, several_axes, grouped_query_attention, attention, additive_attention]

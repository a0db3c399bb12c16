"""Families of layers.py: SimpleRNN, GRU and LSTM, and the wrappers Bidirectional and TimeDistributed."""

from keras import constraints, layers

# Smooth ones: at a bend, finite differences are no gradient.
ACTIVATIONS = ["tanh", "tanh", "linear", "sigmoid", "softsign", "silu", "gelu", "mish", "softplus", "elu", "log_sigmoid"]
# Bounded ones: a state that grows with each step would leave few digits for the others.
GATES = ["sigmoid", "sigmoid", "tanh", "softsign"]


def draws(n):
    """Says how many cases of a family are drawn."""

    def note(family):
        family.draws = n
        return family

    return note


def usual(d, name):
    """Arguments that all three layers have, and those of one."""
    options = {
        "use_bias": d.chance(0.8), "kernel_regularizer": d.regularizer(), "recurrent_regularizer": d.regularizer(), "bias_regularizer": d.regularizer(),
        "activity_regularizer": d.one([None, None, d.regularizer()]), "recurrent_constraint": d.one([None, constraints.MaxNorm(2)]),
        "activation": d.one(ACTIVATIONS), "dropout": d.one([0.0, 0.0, 0.25]), "recurrent_dropout": d.one([0.0, 0.0, 0.5]),
    }
    if name != "SimpleRNN":
        options["recurrent_activation"] = d.one(GATES)
    if name == "GRU":
        options["reset_after"] = d.chance()
    if name == "LSTM":
        options["unit_forget_bias"] = d.chance()
    return options


def sequence(d, masked=0.6):
    n, time, features = d.size(1, 4), d.size(1, 6), d.size(1, 4)
    mask = None
    if d.chance(masked):
        mask = d.mask((n, time))
        if d.chance(0.3):
            mask[-1] = False  # a sequence of nothing
    return d.floats((n, time, features)), mask


def recurrent(d, name):
    x, mask = sequence(d)
    units = d.size(1, 4)
    layer = getattr(layers, name)(
        units, return_sequences=d.chance(), return_state=d.chance(0.4), go_backwards=d.chance(0.4), zero_output_for_mask=d.chance(), **usual(d, name)
    )
    inputs = [x]
    if d.chance(0.4):
        inputs += [d.floats((len(x), units)) for _ in range(2 if name == "LSTM" else 1)]
    # Dropped elements are others in Keras, so that with them only inference can be compared.
    training = d.chance() and layer.dropout == 0 and layer.recurrent_dropout == 0
    return layer, inputs, [mask] + [None] * (len(inputs) - 1), {"training": training}


@draws(6)
def simple_rnn(d, i):
    return recurrent(d, "SimpleRNN")


@draws(8)
def gru(d, i):
    return recurrent(d, "GRU")


@draws(6)
def lstm(d, i):
    return recurrent(d, "LSTM")


@draws(9)
def bidirectional(d, i):
    x, mask = sequence(d)
    name, units = d.one(["SimpleRNN", "GRU", "LSTM", "LSTM"]), d.size(1, 3)
    shared = {"return_sequences": d.chance(), "return_state": d.chance(0.3)}
    merge = d.one(["concat", "concat", "sum", "mul", "ave", None])
    layer, given = getattr(layers, name)(units, **shared, **usual(d, name)), {}
    inner = [(name, units), (name, units)]
    if d.chance(0.3):
        inner[1] = (d.one(["SimpleRNN", "GRU", "LSTM"]), d.size(1, 3) if merge in ("concat", None) else units)
        given["backward_layer"] = getattr(layers, inner[1][0])(inner[1][1], go_backwards=True, **shared, **usual(d, inner[1][0]))
    inputs = [x]
    if d.chance(0.3) and inner[0][0] == inner[1][0]:  # Keras gives both layers the same number of states
        inputs += [d.floats((len(x), n)) for name, n in inner for _ in range(2 if name == "LSTM" else 1)]
    dropped = [layer.dropout + layer.recurrent_dropout, *[b.dropout + b.recurrent_dropout for b in given.values()]]
    layer = layers.Bidirectional(layer, merge_mode=merge, **given)
    return layer, inputs, [mask] + [None] * (len(inputs) - 1), {"training": d.chance() and max(dropped) == 0}


# The least variance of what is normalized: of less, gradients are differences of nearly equal numbers.
SPREAD = 0.1


@draws(7)
def time_distributed(d, i):
    n, time, k = d.size(1, 3), d.size(1, 4), d.size(1, 3)
    masked, training = d.chance(), d.chance()
    if i == 0:
        layer, x = layers.Dense(d.size(1, 3), activation=d.one([None, "tanh"]), kernel_regularizer=d.regularizer()), d.floats((n, time, k))
    elif i == 1:
        layer, x = layers.Conv2D(d.size(1, 3), 2, padding=d.one(["same", "valid"]), bias_regularizer=d.regularizer()), d.floats((n, time, 3, 3, k))
    elif i == 2:
        layer, x, masked = layers.GRU(d.size(1, 3), return_sequences=d.chance()), d.floats((n, time, d.size(1, 3), k)), False
    elif i == 3:
        layer, x = layers.BatchNormalization(momentum=d.one([0.9, 0.5]), gamma_regularizer=d.regularizer()), d.floats((5, time, k))
        # With a mask all samples of a step can be masked, which is a division by nothing.
        masked, training = False, True
        while x.var(axis=0).min() < SPREAD:
            x = d.floats(x.shape)
    elif i == 4:
        layer, x, masked = layers.TimeDistributed(layers.Dense(2, bias_regularizer=d.regularizer())), d.floats((n, time, d.size(1, 3), k)), False
    elif i == 5:
        layer, x, masked = layers.Embedding(5, 2, mask_zero=d.chance()), d.rng.integers(0, 5, size=(n, time, k)).astype("int32"), False
    else:
        layer, x, masked = layers.Bidirectional(layers.LSTM(d.size(1, 2))), d.floats((n, time, d.size(1, 3), k)), False
    return layers.TimeDistributed(layer), [x], [d.mask((n, time)) if masked else None], {"training": training}


LAYERS = [simple_rnn, gru, lstm, bidirectional, time_distributed]

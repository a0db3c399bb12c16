"""Families of layers.py: RNN over cells, the cells, and ConvLSTM."""

import keras
from keras import constraints, layers

from layer_recurrent import ACTIVATIONS, GATES, draws, sequence


class MinimalRNNCell(layers.Layer):
    """The twin of the test's Go type: a cell as notebooks write them."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = units

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units), initializer="uniform", name="kernel")
        self.recurrent_kernel = self.add_weight(shape=(self.units, self.units), initializer="uniform", name="recurrent_kernel")
        self.built = True

    def call(self, inputs, states):
        output = keras.ops.matmul(inputs, self.kernel) + keras.ops.matmul(states[0], self.recurrent_kernel)
        return output, [output]

    def get_config(self):
        return {**super().get_config(), "units": self.units}


keras.saving.register_keras_serializable("Golden")(MinimalRNNCell)


def usual(d, name):
    """Arguments of a cell."""
    options = {
        "use_bias": d.chance(0.8), "kernel_regularizer": d.regularizer(), "recurrent_regularizer": d.regularizer(), "bias_regularizer": d.regularizer(),
        "recurrent_constraint": d.one([None, constraints.MaxNorm(2)]), "activation": d.one(ACTIVATIONS), "dropout": d.one([0.0, 0.0, 0.25]),
        "recurrent_dropout": d.one([0.0, 0.0, 0.5]),
    }
    if name != "SimpleRNNCell":
        options["recurrent_activation"] = d.one(GATES)
    if name == "GRUCell":
        options["reset_after"] = d.chance()
    if name == "LSTMCell":
        options["unit_forget_bias"] = d.chance()
    return options


def cell_of(d, name):
    units = d.size(1, 4)
    return getattr(layers, name)(units, **usual(d, name)), [units, units] if name == "LSTMCell" else [units]


def dropped(cells):
    """Dropped elements are others in Keras, so that with them only inference can be compared."""
    return max(c.dropout + c.recurrent_dropout for c in cells) > 0


def by_itself(d, name):
    cell, sizes = cell_of(d, name)
    n = d.size(1, 4)
    inputs = [d.floats((n, d.size(1, 4))), *[d.floats((n, k)) for k in sizes]]
    return cell, inputs, [None] * len(inputs), {"training": d.chance() and not dropped([cell]), "call": lambda xs: ((xs[0], xs[1:]), {})}


@draws(6)
def simple_rnn_cell(d, i):
    return by_itself(d, "SimpleRNNCell")


@draws(8)
def gru_cell(d, i):
    return by_itself(d, "GRUCell")


@draws(6)
def lstm_cell(d, i):
    return by_itself(d, "LSTMCell")


NAMES = ["SimpleRNNCell", "GRUCell", "LSTMCell"]


def nested(xs, sizes):
    """Tensors in lists, one for each cell."""
    xs, lists = list(xs), []
    for s in sizes:
        lists.append(xs[: len(s)])
        del xs[: len(s)]
    return lists


@draws(5)
def stacked_rnn_cells(d, i):
    cells = [cell_of(d, d.one(NAMES)) for _ in range(d.size(2, 3))]
    sizes, n = [s for _, s in cells], d.size(1, 4)
    inputs = [d.floats((n, d.size(1, 4))), *[d.floats((n, k)) for s in sizes for k in s]]
    layer = layers.StackedRNNCells([c for c, _ in cells])
    return layer, inputs, [None] * len(inputs), {"call": lambda xs: ((xs[0], nested(xs[1:], sizes)), {})}


@draws(14)
def rnn(d, i):
    x, mask = sequence(d)
    options, training = {}, d.chance()
    if i % 7 == 6:
        units = d.size(1, 3)
        cell, sizes, training = MinimalRNNCell(units), [[units]], True
    else:
        cells = [cell_of(d, d.one(NAMES)) for _ in range(d.one([1, 1, 2, 3]))]
        cell, sizes = [c for c, _ in cells], [s for _, s in cells]
        training = training and not dropped(cell)
        if len(cell) == 1:
            cell = cell[0]
    single = not isinstance(cell, list)
    layer = layers.RNN(
        cell, return_sequences=d.chance(), return_state=d.chance(0.4), go_backwards=d.chance(0.4), zero_output_for_mask=d.chance(),
        activity_regularizer=d.one([None, None, d.regularizer()]),
    )
    inputs = [x]
    if d.chance(0.4):
        inputs += [d.floats((len(x), k)) for s in sizes for k in s]
        options["call"] = lambda xs: ((xs[0],), {"initial_state": xs[1:] if single else nested(xs[1:], sizes)})
    return layer, inputs, [mask] + [None] * (len(inputs) - 1), {"training": training, **options}


def conv_lstm(d, axes):
    n, time, channels, filters = d.size(1, 2), d.size(1, 3), d.size(1, 2), d.size(1, 2)
    largest = {1: 5, 2: 4, 3: 3}[axes]
    space, size = d.sizes(axes, 3, largest), d.one([1, 2, 3, d.sizes(axes, 1, 3)])
    strides, dilation = d.one([1, d.sizes(axes, 1, 2)]), 1
    if strides == 1 and size != 3 and axes < 3:
        dilation = d.one([1, d.sizes(axes, 1, 2)]) if size == 1 or size == 2 else 1
    options = usual(d, "LSTMCell")
    data_format = d.one(["channels_last", "channels_last", None, "channels_first"])
    if d.chance(0.2):
        options["activation"] = "softmax"  # of the last axis, whatever it holds
    layer = getattr(layers, f"ConvLSTM{axes}D")(
        filters, size, strides=strides, padding=d.one(["valid", "same"]), data_format=data_format, dilation_rate=dilation, return_sequences=d.chance(),
        return_state=d.chance(0.4), go_backwards=d.chance(0.4), activity_regularizer=d.one([None, None, d.regularizer()]), **options,
    )
    shape = (n, time, channels, *space) if data_format == "channels_first" else (n, time, *space, channels)
    inputs = [d.floats(shape)]
    if d.chance(0.4):
        state = layer.cell.compute_output_shape((n, *shape[2:]))[0]
        inputs += [d.floats(state), d.floats(state)]
    # Without masks, which Keras on JAX spreads along the wrong axes.
    return layer, inputs, [None] * len(inputs), {"training": d.chance() and not dropped([layer])}


@draws(7)
def conv_lstm1d(d, i):
    return conv_lstm(d, 1)


@draws(10)
def conv_lstm2d(d, i):
    return conv_lstm(d, 2)


@draws(5)
def conv_lstm3d(d, i):
    return conv_lstm(d, 3)


LAYERS = [simple_rnn_cell, gru_cell, lstm_cell, stacked_rnn_cells, rnn, conv_lstm1d, conv_lstm2d, conv_lstm3d]

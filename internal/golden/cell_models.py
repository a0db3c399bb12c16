"""Models with cells for the test of keras.Load, in the form of models.py: python cell_models.py writes keras/testdata/cells."""

import keras
from keras import Input, layers

import models
from models import floats


def cells(rng):
    x, h = Input((4, 3)), Input((2,))
    y = layers.RNN([layers.LSTMCell(3), layers.GRUCell(2), layers.LSTMCell(2, use_bias=False)])(layers.Masking()(x))
    start = [layers.Dense(n)(h) for n in (3, 3, 2)]
    y, *_ = layers.RNN([layers.LSTMCell(3), layers.GRUCell(2, reset_after=False)], return_state=True)(layers.RepeatVector(3)(y), initial_state=[start[:2], start[2:]])
    y = layers.RNN(layers.SimpleRNNCell(3, dropout=0.0), go_backwards=True)(layers.Reshape((1, 2))(y))
    m = keras.Model([x, h], layers.Dense(1)(y))
    m.compile(keras.optimizers.SGD(0.1), "mse")
    x = floats(rng, 8, 4, 3)
    x[0, 2:] = 0
    return m, [x, floats(rng, 8, 2)], [floats(rng, 8, 1)]


def conv_lstm(rng):
    m = keras.Sequential([
        Input((3, 5, 5, 2)), layers.ConvLSTM2D(2, 3, padding="same", return_sequences=True), layers.ConvLSTM2D(2, (2, 3), strides=(1, 2), go_backwards=True),
        layers.Flatten(), layers.Dense(1),
    ])
    m.compile(keras.optimizers.SGD(0.1), "mse")
    return m, [floats(rng, 8, 3, 5, 5, 2)], [floats(rng, 8, 1)]


if __name__ == "__main__":
    models.write_models([cells, conv_lstm], models.OUT.parent / "cells")

"""Trains the two models of examples/sentiment in Keras and writes the accuracy on the sentences kept for the test.

python sentiment.py    writes examples/sentiment/testdata/keras.json: one figure for each seed; takes a few minutes

Split, sizes and epochs are those of examples/sentiment/main.go.
"""

import csv
import json
import math
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "examples" / "sentiment" / "testdata" / "keras.json"
WORDS, LENGTH, SIZE, HEADS = 5000, 32, 32, 2
EPOCHS, BATCH, RATE = 4, 32, 3e-3
SEEDS = [1, 2, 3, 4, 5]


@keras.saving.register_keras_serializable("sentiment")
class Positions(layers.Layer):
    """Adds a learned vector to each place of a sequence."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, shape):
        self.table = self.add_weight(name="table", shape=shape[1:], initializer="random_uniform")

    def call(self, x):
        return x + self.table


def lstm():
    return keras.Sequential([
        keras.Input((LENGTH,), dtype="int32"),
        layers.Embedding(WORDS, SIZE, mask_zero=True),
        layers.Dropout(0.5),
        layers.Bidirectional(layers.LSTM(SIZE // 2)),
        layers.Dropout(0.5),
        layers.Dense(1, activation="sigmoid"),
    ])


def transformer():
    words = keras.Input((LENGTH,), dtype="int32")
    x = Positions()(layers.Embedding(WORDS, SIZE, mask_zero=True)(words))
    x = layers.Dropout(0.5)(x)
    seen = layers.MultiHeadAttention(HEADS, SIZE // HEADS, dropout=0.1)(x, x)
    x = layers.LayerNormalization()(layers.Add()([x, seen]))
    thought = layers.Dense(SIZE)(layers.Dense(2 * SIZE, activation="relu")(x))
    x = layers.LayerNormalization()(layers.Add()([x, thought]))
    x = layers.Dropout(0.5)(layers.GlobalAveragePooling1D()(x))
    return keras.Model(words, layers.Dense(1, activation="sigmoid")(x))


def sentences():
    """Every fourth sentence is kept for the test; words are numbered by those for training."""
    with open(ROOT / "datasets" / "data" / "movie_sentences.csv", encoding="utf-8-sig", newline="") as f:
        rows = [(text.strip(), int(label == "1")) for label, text in csv.reader(f)]
    x, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    test = np.arange(len(x)) % 4 == 3
    numbers = layers.TextVectorization(max_tokens=WORDS, output_sequence_length=LENGTH)
    numbers.adapt(x[~test])
    ids = np.asarray(numbers(x))
    return (ids[~test], y[~test]), (ids[test], y[test])


def accuracy(build, seed, train, test):
    keras.utils.set_random_seed(seed)
    model = build()
    rate = keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * math.ceil(len(train[0]) / BATCH))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(*train, epochs=EPOCHS, batch_size=BATCH, verbose=2)
    return round(model.evaluate(*test, verbose=0, return_dict=True)["accuracy"], 4)


def main():
    train, test = sentences()
    figures = {b.__name__: [accuracy(b, seed, train, test) for seed in SEEDS] for b in [lstm, transformer]}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    print(figures)


if __name__ == "__main__":
    main()

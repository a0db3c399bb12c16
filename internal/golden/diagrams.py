"""Asks Keras's model_to_dot for the diagrams of models, with randomly drawn options.

Writes keras/visualization/diagram/testdata/diagrams.json.gz: each model as a .keras file, and the DOT text of its diagram, in which nodes are
numbered as they come, because Keras names them after addresses. Needs pydot. Run with KERAS_BACKEND=jax.

    python diagrams.py           the committed fixture
    python diagrams.py --seed 7  the same with fresh draws, to any file given by --out
"""

import argparse
import base64
import gzip
import io
import json
import os
import re
import tempfile
import zipfile

import keras
import numpy as np
from keras import layers
from keras.src.utils.naming import to_snake_case
from keras.utils import model_to_dot

OUT = os.path.join(os.path.dirname(__file__), "../../keras/visualization/diagram/testdata/diagrams.json.gz")
FLAGS = ["show_shapes", "show_dtype", "show_layer_names", "show_layer_activations", "show_trainable", "expand_nested"]
DRAWN = 12


def stack():
    return keras.Sequential([
        keras.Input((6, 6, 1)), layers.Conv2D(2, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten(), layers.Dropout(0.5),
        layers.Dense(2, activation="softmax")], name="my stack")


def closed():
    inner = keras.Sequential([layers.Dense(3), layers.BatchNormalization(), layers.Activation("tanh")], name="inner part")
    inner.trainable = False
    return keras.Sequential([keras.Input((4,)), layers.Dense(3), inner, layers.Dense(1, trainable=False)])


def towers():
    a, b = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    tower = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="elu"), layers.Dense(2)], name="tower")
    return keras.Model([a, b], layers.Subtract()([tower(a), tower(b)]))


def outputs():
    i = keras.Input((4,))
    inner = keras.Model(i, [layers.Dense(2)(i), layers.Dense(3, activation="gelu")(i)], name="two_heads")
    x = keras.Input((4,))
    a, b = inner(x)
    return keras.Model(x, [layers.Concatenate()([a, b]), b])


def operations():
    a = keras.Input((4,))
    h = layers.Dense(4)(a)
    return keras.Model(a, keras.ops.sigmoid(h * 2.0 + a) * h)


def deep():
    first = keras.Sequential([keras.Input((3,)), layers.Dense(3), layers.ReLU()], name="1st")
    second = keras.Sequential([keras.Input((3,)), first, layers.Dense(2)], name="second")
    i = keras.Input((3,))
    third = keras.Model(i, second(layers.Dense(3)(i)), name="third")
    x = keras.Input((3,))
    return keras.Model(x, layers.Dense(1)(third(x)))


def words():
    ids = keras.Input((None,), dtype="int32", name="ids")
    h = layers.LSTM(3)(layers.Embedding(5, 2, mask_zero=True)(ids))
    return keras.Model(ids, layers.Dense(1, activation="sigmoid")(h))


def unused():
    a, b = keras.Input((4,)), keras.Input((2,), name="unused")
    return keras.Model([a, b], layers.Dense(1)(a))


MODELS = [stack, closed, towers, outputs, operations, deep, words, unused]


class Draw:
    """A random graph of dense layers, operations, and models within it, some applied several times."""

    def __init__(self, rng):
        self.rng = rng

    def one(self, options):
        return options[self.rng.integers(len(options))]

    def dense(self, units=3):
        layer = layers.Dense(units, activation=self.one([None, "relu", "tanh", "leaky_relu"]))
        layer.trainable = bool(self.rng.random() < 0.8)
        return layer

    def stack(self, depth):
        first = self.model(depth - 1) if depth > 0 and self.rng.random() < 0.3 else self.dense()
        return keras.Sequential([keras.Input((3,)), first] + [self.dense() for _ in range(self.rng.integers(0, 3))])

    def part(self, depth):
        kind = self.rng.random()
        if depth > 0 and kind < 0.3:
            return self.stack(depth) if kind < 0.15 else self.model(depth - 1)
        if kind < 0.5:
            return self.one([layers.Dropout(0.1), layers.ReLU(), layers.BatchNormalization(), layers.Activation("elu")])
        return self.dense()

    def model(self, depth):
        inputs = [keras.Input((3,)) for _ in range(self.rng.integers(1, 3) if depth == 2 else 1)]
        tensors, parts = list(inputs), []
        for _ in range(self.rng.integers(2, 6)):
            x = self.one(tensors)
            if len(tensors) > 1 and self.rng.random() < 0.25:
                other = self.one(tensors)
                y = self.one([layers.Add(), layers.Maximum()])([x, other]) if self.rng.random() < 0.5 else x * other
            else:
                if not parts or self.rng.random() < 0.7:
                    parts.append(self.part(depth))
                y = self.one(parts)(x)
            tensors.append(y)
        return keras.Model(inputs if len(inputs) > 1 else inputs[0], tensors[-1])  # Python shows a list of one as such


def name_operations(model):
    """Operations have no names of their own in Go, where they are numbered in each model."""
    used = {layer.name for layer in model.layers}
    for operation in getattr(model, "_operations", []):
        if isinstance(operation, layers.Layer):
            continue
        name, n = to_snake_case(type(operation).__name__), 0
        operation.name = name
        while operation.name in used:
            n += 1
            operation.name = f"{name}_{n}"
        used.add(operation.name)
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            name_operations(layer)


def numbered(text):
    """The text with nodes named n0, n1 and so on in the order in which they come."""
    names = {}
    ids = r'(?<![\w"#.])\d{9,}(?![\w"])'
    return re.sub(ids, lambda m: names.setdefault(m[0], f"n{len(names)}"), text)


def archive(model):
    """The model's file, without what differs from run to run: times, and the addresses by which Keras numbers objects."""
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "m.keras")
        model.save(path)
        with zipfile.ZipFile(path) as z:
            members = {name: z.read(name) for name in z.namelist()}
    numbers, settled = {}, io.BytesIO()
    with zipfile.ZipFile(settled, "w") as z:
        for name, data in members.items():
            if name == "metadata.json":
                data = re.sub(rb'"date_saved": "[^"]*"', b'"date_saved": "2026-01-01@00:00:00"', data)
            if name == "config.json":
                data = re.sub(rb'"shared_object_id": (\d+)', lambda m: b'"shared_object_id": %d' % numbers.setdefault(m[1], len(numbers)), data)
            z.writestr(zipfile.ZipInfo(name), data)
    return base64.b64encode(settled.getvalue()).decode()


def case(name, model, rng, options):
    diagrams = []
    name_operations(model)
    for _ in range(options):
        o = {flag: bool(rng.integers(2)) for flag in FLAGS}
        o["rankdir"], o["dpi"] = str(rng.choice(["TB", "LR", "BT"])), int(rng.choice([72, 200]))
        diagrams.append({"options": o, "dot": numbered(model_to_dot(model, **o).to_string())})
    return {"name": name, "model": archive(model), "diagrams": diagrams}


def cases(seed):
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    for make in MODELS:
        keras.utils.clear_session()
        yield case(make.__name__, make(), rng, 4)
    for i in range(DRAWN):
        keras.utils.clear_session()
        yield case(f"drawn {i}", Draw(rng).model(2), rng, 3)


p = argparse.ArgumentParser()
p.add_argument("--seed", type=int, default=1)
p.add_argument("--out", default=OUT)
args = p.parse_args()
os.makedirs(os.path.dirname(os.path.abspath(args.out)), exist_ok=True)
with open(args.out, "wb") as f, gzip.GzipFile("", "wb", 9, f, 0) as z:
    z.write(json.dumps({"cases": list(cases(args.seed))}, separators=(",", ":")).encode())

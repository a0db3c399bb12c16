"""Draws configurations of every layer and asks Keras for outputs, masks, losses, gradients and the weights afterwards.

python layers.py                  writes layers/testdata/keras/<family>.json.gz, for this file (core) and each module layer_<family>.py
python layers.py --seed 7         the same with fresh draws, to any folder given by --out
python layers.py pooling          one family only

A family is a list LAYERS of functions (draw, number) that give a layer, its inputs, their masks and a dict of: training, whether to ask in training mode;
call, a function of the inputs that gives the arguments and named arguments of a call, where the layer does not take its one input, a list that it merges, or a
sequence and its initial states; flags, the arguments of the call that are fields of a layer here.
"""

import argparse
import base64
import gzip
import importlib
import json
import os
import pathlib
import zlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
from keras import layers, regularizers
from keras.src import backend
from keras.src.layers.merging.base_merge import Merge

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parent.parent / "layers" / "testdata" / "keras"
DRAWS = 12
ACTIVATIONS = [
    "linear", "relu", "relu6", "sigmoid", "tanh", "softmax", "log_softmax", "softplus", "softsign", "exponential", "elu", "selu",
    "gelu", "silu", "mish", "hard_sigmoid", "log_sigmoid",
]


class Draw:
    """Random choices for one case."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def one(self, values):
        return values[self.rng.integers(len(values))]

    def chance(self, p=0.5):
        return bool(self.rng.random() < p)

    def size(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def sizes(self, n, low, high):
        return tuple(self.size(low, high) for _ in range(n))

    def floats(self, shape):
        """Normal numbers on a grid, which compresses well; shifted by half a step, so that none is 0, where some activations bend."""
        return ((np.round(self.rng.normal(size=shape) * 64) + 0.5) / 64).astype("float32")

    def distinct(self, shape):
        """Numbers without ties, where the gradient of a maximum is not defined."""
        n = int(np.prod(shape))
        return ((self.rng.permutation(n).reshape(shape) - n // 2) / 16).astype("float32")

    def mask(self, shape):
        m = self.rng.random(size=shape) < 0.7
        m.reshape(-1)[0] = True
        return m

    def regularizer(self):
        return self.one([None, None, regularizers.L1(0.03), regularizers.L2(0.02), regularizers.L1L2(0.01, 0.05), regularizers.L2()])

    def activation(self):
        return self.one(ACTIVATIONS)


def dense(d, i):
    rank = d.size(2, 4)
    shape = (d.size(2, 4), *d.sizes(rank - 2, 2, 3), d.size(1, 6))
    layer = layers.Dense(
        d.size(1, 5), activation=d.one([None, d.activation()]), use_bias=d.chance(0.7), kernel_regularizer=d.regularizer(),
        bias_regularizer=d.regularizer(), activity_regularizer=d.regularizer(), trainable=i != 3,
    )
    mask = d.mask(shape[:2]) if rank == 3 and d.chance() else None
    return layer, [d.floats(shape)], [mask], {}


def flatten(d, i):
    rank = d.size(1, 4)
    shape = d.sizes(rank, 2, 4)
    mask = d.mask(shape[:2]) if rank == 3 and d.chance() else None
    return layers.Flatten(data_format=d.one([None, "channels_last", "channels_first"])), [d.floats(shape)], [mask], {}


def reshape(d, i):
    n = d.size(1, 3)
    shape, target = d.one([
        ((12,), (3, 4)), ((3, 4), (12,)), ((2, 3, 4), (6, 4)), ((12,), (-1, 3)), ((2, 6), (3, -1)), ((4,), (2, 1, 2)), ((6, 2), (-1,)), ((2, 3), (3, 2)),
    ])
    return layers.Reshape(target), [d.floats((n, *shape))], [None], {}


def activation(d, i):
    shape = d.sizes(d.size(2, 4), 2, 4)
    mask = d.mask(shape[:2]) if len(shape) == 3 else None
    return layers.Activation(ACTIVATIONS[i]), [d.floats(shape) * d.one([1, 3])], [mask], {}


def dropout(d, i):
    shape = d.sizes(d.size(2, 4), 2, 4)
    noise = d.one([None, None, (None, *([1] * (len(shape) - 1))), (*([1] * (len(shape) - 1)), shape[-1])])
    layer = layers.Dropout(d.one([0, 0.1, 0.5, 0.9]), noise_shape=noise, seed=d.one([None, 3]))
    return layer, [d.floats(shape)], [d.mask(shape[:2]) if len(shape) > 2 and d.chance() else None], {}


def batch_normalization(d, i):
    shape = (d.size(3, 5), *d.sizes(d.size(1, 3), 2, 4))
    axis, mask = d.one([-1, -1, d.size(1, len(shape) - 1)]), None
    if i % 3 == 0:
        shape, axis = (d.size(3, 5), d.size(2, 4), d.size(2, 4)), d.one([-1, -1, 1])  # Keras fails on a mask with one channel
        mask = d.mask(shape[:2])
    layer = layers.BatchNormalization(
        axis=axis, momentum=d.one([0.99, 0.9, 0.0]), epsilon=d.one([1e-3, 1e-2]), center=d.chance(0.8), scale=d.chance(0.8),
        beta_regularizer=d.regularizer(), gamma_regularizer=d.regularizer(), trainable=i not in (2, 6),
    )
    return layer, [d.floats(shape)], [mask], {"training": i % 4 != 1}


def embedding(d, i):
    rows = d.size(2, 9)
    layer = layers.Embedding(rows, d.size(1, 5), mask_zero=d.chance(), embeddings_regularizer=d.regularizer(), trainable=i != 5)
    return layer, [d.rng.integers(0, rows, size=d.sizes(d.size(1, 3), 2, 4)).astype("int32")], [None], {}


def add(d, i):
    shape = d.sizes(d.size(2, 4), 2, 4)
    inputs = [d.floats(shape) for _ in range(d.size(2, 4))]
    if d.chance(0.3):
        inputs[-1] = d.floats((shape[0], *([1] * (len(shape) - 2)), shape[-1]))  # repeated along axes of size 1
    masks = [d.mask(shape[:2]) if len(shape) == 3 and inputs[j].shape == shape and d.chance() else None for j in range(len(inputs))]
    return layers.Add(), inputs, masks, {}


def concatenate(d, i):
    shape = list(d.sizes(d.size(2, 4), 2, 3))
    axis = d.one([-1, -1, d.size(1, len(shape) - 1)])
    inputs, masks = [], []
    masked = len(shape) == 3 and d.chance(0.7)
    for _ in range(d.size(2, 3)):
        shape[axis] = d.size(1, 4)
        inputs.append(d.floats(shape))
        masks.append(d.mask(shape[:2]) if masked and d.chance(0.7) else None)
    return layers.Concatenate(axis=axis), inputs, masks, {}


LAYERS = [
    dense, flatten, reshape, activation, dropout, batch_normalization, embedding, add, concatenate,
]


def families():
    found = {"core": LAYERS}
    for path in sorted(HERE.glob("layer_*.py")):
        found[path.stem.removeprefix("layer_")] = importlib.import_module(path.stem).LAYERS
    return found


def array(a):
    """An array as shape, type and bytes; None stays None."""
    if a is None:
        return None
    a = np.asarray(a)
    kind = {"f": "<f4", "i": "<i4", "b": "|b1"}[a.dtype.kind]
    return {"shape": list(a.shape), "type": a.dtype.kind, "data": base64.b64encode(a.astype(kind).tobytes()).decode()}


def start(d, layer):
    """Gives the weights values that show every mistake, unlike zeros and ones. Their grid is finer than that of the inputs, so that hardly any output is 0,
    where the penalties of activities bend."""
    for w in layer.weights:
        value = ((np.round(d.rng.normal(size=w.shape) * 8192) + 0.5) / 16384).astype("float32")
        w.assign(np.abs(value) + np.float32(0.125) if w.path.endswith("variance") else value)


def ask(name, i, *seed):
    d = Draw([*seed, i])
    layer, inputs, masks, options = name(d, i)
    merging, several = isinstance(layer, Merge), len(inputs) > 1
    training = options.get("training", False)
    kwargs = {"training": training} if "training" in layer._call_signature.parameters else {}

    def call(xs):
        if "call" in options:
            return options["call"](xs)
        if merging:
            return (xs,), {}
        return (xs[0],), {"initial_state": xs[1:]} if several else {}

    args, extra = call([keras.ops.convert_to_tensor(x) for x in inputs])
    y = layer(*args, **extra, **kwargs)
    cotangents = [d.floats(y.shape) for y in keras.tree.flatten(y)]
    start(d, layer)

    floats = [j for j, x in enumerate(inputs) if x.dtype.kind == "f"]
    rest = [v.value for v in layer.non_trainable_variables]

    def total(trained, given):
        """The loss, and all that the layer did. Layer.stateless_call would leave out masks and activity regularizers."""
        xs = [given[floats.index(j)] * 1 if j in floats else keras.ops.convert_to_tensor(x) for j, x in enumerate(inputs)]
        for x, m in zip(xs, masks):
            if m is not None:
                backend.set_keras_mask(x, keras.ops.convert_to_tensor(m))
        args, extra = call(xs)
        state = [*zip(layer.trainable_variables, trained), *zip(layer.non_trainable_variables, rest)]
        with backend.StatelessScope(state_mapping=state, collect_losses=True) as scope:
            y = layer(*args, **extra, **kwargs)
            penalty = sum(layer.losses, keras.ops.zeros(()))
            after = [scope.get_current_value(v) for v in layer.non_trainable_variables]
        ys = keras.tree.flatten(y)
        loss = sum(keras.ops.sum(y * r) for y, r in zip(ys, cotangents)) + penalty
        return loss, (ys, after, penalty, [backend.get_keras_mask(y) for y in ys])

    trained, given = [v.value for v in layer.trainable_variables], [keras.ops.convert_to_tensor(inputs[j]) for j in floats]
    gradients = jax.jit(jax.grad(total, argnums=(0, 1), has_aux=True))
    (by_weight, by_input), (ys, after, penalty, out_masks) = gradients(trained, given)
    config = keras.saving.serialize_keras_object(layer)
    config.pop("build_config", None)
    later = dict(zip([v.path for v in layer.trainable_variables + layer.non_trainable_variables], trained + after))
    return {
        "name": f"{name.__name__}_{i}",
        "kind": "merge" if merging else "all" if several or len(ys) > 1 else "one",
        "config": json.loads(json.dumps(config)),
        "training": training,
        **({"flags": options["flags"]} if "flags" in options else {}),
        "inputs": [array(x) for x in inputs],
        "masks": [array(m) for m in masks],
        "weights": [array(w) for w in layer.weights],
        "outputs": [array(y) for y in ys],
        "output_masks": [array(m) for m in out_masks],
        "cotangents": [array(r) for r in cotangents],
        "penalty": float(penalty),
        "input_gradients": [array(by_input[floats.index(j)]) if j in floats else None for j in range(len(inputs))],
        "weight_gradients": [array(g) for g in by_weight],
        "after": [array(later[w.path]) for w in layer.weights],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("families", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for family, functions in families().items():
        if options.families and family not in options.families:
            continue
        cases, jumps = [], []
        for number, function in enumerate(functions):
            for i in range(len(ACTIVATIONS) if function is activation else getattr(function, "draws", DRAWS)):
                keras.backend.clear_session()
                (jumps if hasattr(function, "jumps") else cases).append(ask(function, i, options.seed, zlib.crc32(family.encode()), number))
        text = json.dumps({"keras": keras.__version__, "seed": options.seed, "cases": cases, "jumps": jumps}, separators=(",", ":"))
        out = options.out / f"{family}.json.gz"
        out.write_bytes(gzip.compress(text.encode(), mtime=0))
        print(f"{family}: {len(cases) + len(jumps)} cases, {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()

"""Draws models with one to three outputs and asks Keras what fit makes of its arguments: losses, loss weights, metrics and weighted
metrics for each output by position and by name, sample and class weights, steps per epoch, all that concerns validation, and the options that optimizers share.

Asked on TensorFlow, which keeps the mask of predictions for the metrics of training, as JAX does not; and without its graphs, in which
the size of a batch is not known and all batches count alike in the losses of outputs. Writes keras/testdata/training/fitting.json.gz.

python fitting.py            writes the fixture
python fitting.py --seed 7   the same with fresh draws
"""

import argparse
import base64
import gzip
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "keras" / "testdata" / "training" / "fitting.json.gz"
CASES, STEPS = 24, 4
NAMES = ["rating", "click", "topic"]


def array(a):
    a = np.asarray(a)
    kind = {"f": "<f4", "i": "<i4"}[a.dtype.kind]
    return {"shape": list(a.shape), "type": a.dtype.kind, "data": base64.b64encode(a.astype(kind).tobytes()).decode()}


class Draw:
    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def one(self, values):
        return values[self.rng.integers(len(values))]

    def chance(self, p=0.5):
        return bool(self.rng.random() < p)

    def size(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def floats(self, *shape):
        return ((np.round(self.rng.normal(size=shape) * 64) + 0.5) / 64).astype("float32")


def output(d, kind, lead):
    """Units, activation, loss, words for metrics and targets for samples of the given leading shape."""
    if kind == "number":
        units = d.size(1, 2)
        return units, None, d.one(["mse", "mae"]), ["mse", "mae"], d.floats(*lead, units)
    if kind == "yes":
        return 1, "sigmoid", "binary_crossentropy", ["accuracy", "acc", "mse", "Precision", "AUC", "RootMeanSquaredError"], d.rng.integers(0, 2, size=(*lead, 1)).astype("float32")
    classes = d.size(2, 4)
    y = d.rng.integers(0, classes, size=lead).astype("int32")
    return classes, "softmax", "sparse_categorical_crossentropy", ["accuracy", "acc"], y


def given(d, names, values, p):
    """The values of outputs in one of the forms that Keras takes; an output without has an empty list."""
    if not d.chance(p):
        return None
    if len(names) == 1:
        return values[0]
    form = d.one(["lists", "names", "flat"])
    if form == "names":
        return {n: v for n, v in zip(names, values) if v}
    if form == "flat" and all(values):
        return [v[0] for v in values]
    return values


def options(d):
    """What all optimizers share."""
    o = {}
    if d.chance(0.3):
        o["use_ema"] = True
        o["ema_momentum"] = d.one([0.9, 0.99])
        o["ema_overwrite_frequency"] = d.one([None, 2, 3])
    if d.chance(0.3):
        o["gradient_accumulation_steps"] = d.size(2, 3)
    if d.chance(0.3):
        o["loss_scale_factor"] = d.one([8.0, 1024.0])
    if d.chance(0.3):
        o["weight_decay"] = 0.02
    return o


def draw(seed, i):
    d = Draw([seed, i])
    k, masked = 1 + i % 3, i % 6 == 5
    if masked:
        k = 1
    n, val = d.size(17, 30), d.size(7, 12)
    names = NAMES[:k]
    steps = (STEPS,) if masked else ()
    kinds = [d.one(["number", "yes", "class"]) for _ in names]
    heads = [output(d, kind, (n + val, *steps)) for kind in kinds]
    ys = [h[4] for h in heads]
    losses = [h[2] for h in heads]
    form = d.one(["list", "dict", "one"]) if k > 1 else "one"
    if form == "one" and (k == 1 or kinds == ["number"] * k):
        loss = losses[0]
        losses = [loss] * k
    elif form == "dict":
        loss = dict(zip(names, losses))
    else:
        loss = list(losses)
    weights = None
    if k > 1 and not isinstance(loss, str) and d.chance():
        weights = [d.size(1, 8) / 4 for _ in names]
        if form == "dict":
            weights = dict(zip(names, weights))
    words = [[str(w) for w in d.rng.permutation(h[3])[: d.size(0, 2)]] for h in heads]
    weighted = [[str(w) for w in d.rng.permutation(h[3])[: d.size(0, 2)]] for h in heads]

    def sample():
        shape = (n, STEPS) if masked else (n,)
        return (d.rng.integers(1, 9, size=shape) / 4).astype("float32")

    fit, sample_weight = {}, None
    if k == 1 and kinds[0] != "number" and not masked and d.chance():
        fit["class_weight"] = {int(c): d.size(1, 8) / 4 for c in range(d.size(1, 3))}
    elif d.chance(0.7):
        sample_weight = [sample() for _ in names] if k > 1 and d.chance() else [sample()]
    fit["batch_size"] = d.size(3, 7)
    fit["epochs"] = d.size(3, 4)
    if d.chance(0.4):
        fit["initial_epoch"] = 1
    if d.chance(0.4):
        fit["steps_per_epoch"] = d.size(2, 4)
        if d.chance(0.3):
            del fit["batch_size"]
    validation = d.one(["data", "data", "split", "none"])
    if validation != "none":
        if d.chance():
            fit["validation_freq"] = d.one([2, [1, 3], [2]])
        if validation == "data" and d.chance():
            fit["validation_steps"] = d.size(1, 2)
        if d.chance():
            fit["validation_batch_size"] = d.size(2, 5)
    if validation == "split":
        fit["validation_split"] = 0.25
    return {
        "names": names, "masked": masked, "width": d.size(2, 4), "hidden": d.size(3, 5), "units": [h[0] for h in heads],
        "activations": [h[1] or "linear" for h in heads], "loss": loss, "loss_weights": weights,
        "metrics": given(d, names, words, 0.8), "weighted_metrics": given(d, names, weighted, 0.6),
        "x": d.rng.integers(0, 6, size=(n + val, STEPS)).astype("int32") if masked else None, "samples": n, "y": ys, "sample_weight": sample_weight,
        "validation": validation, "fit": fit, "draw": d, "dynamic": not masked and d.chance(0.2), "options": {} if masked else options(d),  # TensorFlow's rows of an Embedding's gradient cannot be scaled.
    }


def model(case):
    if case["masked"]:
        first = keras.Input((STEPS,), dtype="int32")
        h = keras.layers.Embedding(6, case["width"], mask_zero=True)(first)
    else:
        first = keras.Input((case["width"],))
        h = keras.layers.Dense(case["hidden"], activation="tanh")(first)
    outs = [keras.layers.Dense(u, activation=a, name=n)(h) for u, a, n in zip(case["units"], case["activations"], case["names"])]
    return keras.Model(first, outs if len(outs) > 1 else outs[0])


def numbers(logs):
    return {k: float(v) for k, v in logs.items()}


def ask(case):
    keras.backend.clear_session()
    d, n = case.pop("draw"), case["samples"]
    m = model(case)
    start = []
    for w in m.weights:
        w.assign(d.floats(*w.shape) / 2)
        start.append(np.array(w))
    x = case["x"] if case["masked"] else d.floats(len(case["y"][0]), case["width"])
    optimizer = keras.optimizers.SGD(0.05, momentum=0.9, **case.pop("options"))
    if case.pop("dynamic"):
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=2.0, dynamic_growth_steps=2)
    m.compile(
        optimizer=optimizer, loss=case["loss"], loss_weights=case["loss_weights"],
        metrics=case["metrics"], weighted_metrics=case["weighted_metrics"], run_eagerly=True,
    )
    batches = []

    class Record(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            batches.append(numbers(logs))

    def alone(values):
        return values[0] if len(values) == 1 else values

    weight = case["sample_weight"]
    if weight is not None and len(weight) < len(case["names"]):
        weight = weight[0]
    elif weight is not None:
        weight = alone(weight)
    vx, vy = x[n:], alone([y[n:] for y in case["y"]])
    history = m.fit(
        x[:n], alone([y[:n] for y in case["y"]]), sample_weight=weight, shuffle=False, verbose=0, callbacks=[Record()],
        validation_data=(vx, vy) if case["validation"] == "data" else None, **case["fit"],
    )
    return {
        **case, "optimizer": keras.saving.serialize_keras_object(optimizer), "x": array(x), "y": [array(y) for y in case["y"]], "sample_weight": None if weight is None else [array(w) for w in case["sample_weight"]],
        "start": [array(w) for w in start], "end": [array(w) for w in m.weights], "batches": batches,
        "epochs": {k: [float(v) for v in vs] for k, vs in history.history.items()},
        "evaluate": numbers(m.evaluate(vx, vy, batch_size=4, verbose=0, return_dict=True)),
        "evaluate_steps": numbers(m.evaluate(vx, vy, batch_size=3, steps=2, verbose=0, return_dict=True)),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cases = [ask(draw(options.seed, i)) for i in range(CASES)]
    OUT.write_bytes(gzip.compress(json.dumps({"cases": cases}, separators=(",", ":")).encode(), mtime=0))
    print(f"{len(cases)} cases, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()

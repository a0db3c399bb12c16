"""Asks Keras for the results of its metrics over ragged batches, with and without weights, and for what "accuracy" stands for.

Writes metrics/testdata/metrics.json.
"""

import json
import os

import numpy as np
from keras import metrics
from keras.src.trainers.compile_utils import get_metric

OUT = os.path.join(os.path.dirname(__file__), "../../metrics/testdata/metrics.json")
SIZES = (5, 8, 1, 3)
rng = np.random.default_rng(3)


def one_hot(labels, n):
    return np.eye(n, dtype="float32")[labels]


def shapes(n):
    """Name, labels and predictions of one batch of n samples."""
    p = lambda *s: np.round(rng.random(s), 1).astype("float32")  # Rounded: ties and values at the threshold occur.
    yield "binary_1", rng.integers(0, 2, (n, 1)), p(n, 1)
    yield "binary_rank", rng.integers(0, 2, (n,)), p(n, 1)
    yield "binary_squeeze", rng.integers(0, 2, (n, 1)), p(n)
    yield "binary_many", rng.integers(0, 2, (n, 4)), p(n, 4)
    yield "binary_3", rng.integers(0, 2, (n, 2, 3)), p(n, 2, 3)
    yield "regression_1", p(n, 1), p(n, 1)
    yield "regression_rank", p(n), p(n, 1)
    yield "regression_many", p(n, 3), p(n, 3)
    yield "regression_4", p(n, 2, 3, 2), p(n, 2, 3, 2)
    yield "categorical", one_hot(rng.integers(0, 7, n), 7), p(n, 7)
    yield "categorical_3", one_hot(rng.integers(0, 7, (n, 4)), 7), p(n, 4, 7)
    yield "sparse", rng.integers(0, 7, n), p(n, 7)
    yield "sparse_1", rng.integers(0, 7, (n, 1)), p(n, 7)
    yield "sparse_3", rng.integers(0, 7, (n, 4)), p(n, 4, 7)
    yield "sparse_31", rng.integers(0, 7, (n, 4, 1)), p(n, 4, 7)


def measures(kind):
    m = metrics
    if kind.startswith("regression") or kind.startswith("binary"):
        yield m.MeanSquaredError()
        yield m.MeanAbsoluteError()
        yield m.RootMeanSquaredError()
    if kind.startswith("binary"):
        yield m.BinaryAccuracy()
        yield m.BinaryAccuracy(threshold=0.3)
        yield m.BinaryAccuracy(threshold=0.0)
    if kind.startswith("categorical"):
        yield m.CategoricalAccuracy()
        yield m.TopKCategoricalAccuracy()
        yield m.TopKCategoricalAccuracy(k=2)
    if kind.startswith("sparse"):
        yield m.SparseCategoricalAccuracy()
    yield m.Mean()


def run(metric, batches, weights):
    results = []
    for (t, p), w in zip(batches, weights):
        if isinstance(metric, metrics.Mean) and type(metric) is metrics.Mean:
            metric.update_state(p, sample_weight=w)
        else:
            metric.update_state(t, p, sample_weight=w)
        results.append(float(metric.result()))
    return results


batches, cases, flat = {}, [], []
for n in SIZES:
    for kind, t, p in shapes(n):
        batches.setdefault(kind, []).append((t, p))
WEIGHTS = [rng.random(n).astype("float32") for n in SIZES]
WEIGHTS[1][2] = 0.0
for kind, pairs in batches.items():
    for weighted in (False, True):
        w = WEIGHTS if weighted else [None] * len(SIZES)
        for metric in measures(kind):
            cases.append({
                "batches": kind, "class": type(metric).__name__, "name": metric.name, "weighted": weighted,
                "threshold": getattr(metric, "threshold", None), "k": getattr(metric, "k", None), "results": run(metric, pairs, w),
            })
        # Predictions of rank 1 have no axis to choose by; regression has no classes.
        if kind.startswith("regression") or kind == "binary_squeeze":
            continue
        metric = get_metric("accuracy", pairs[0][0], pairs[0][1])
        cases.append({"batches": kind, "class": "Accuracy", "name": metric.name, "resolved": type(metric).__name__,
                      "weighted": weighted, "results": run(metric, pairs, w)})
for cls in (metrics.MeanSquaredError, metrics.MeanAbsoluteError, metrics.RootMeanSquaredError):
    pairs = [(p[:, 0], t[:, 0]) for t, p in batches["regression_1"]]
    flat.append({"class": cls.__name__, "results": run(cls(), pairs, [None] * len(SIZES))})

directions = {}
for name in dir(metrics):
    cls = getattr(metrics, name)
    if isinstance(cls, type) and issubclass(cls, metrics.Metric) and cls is not metrics.Metric:
        try:
            m = cls()
        except TypeError:
            continue
        directions[name] = {"name": m.name, "direction": getattr(m, "_direction", None)}


def array(a):
    return {"shape": a.shape, "data": np.asarray(a, "float64").ravel().tolist(), "integer": a.dtype.kind == "i"}


with open(OUT, "w") as f:
    json.dump({
        "batches": {k: [[array(t), array(p)] for t, p in v] for k, v in batches.items()},
        "weights": [w.tolist() for w in WEIGHTS], "cases": cases, "flat": flat, "directions": directions,
    }, f, separators=(",", ":"))
    f.write("\n")

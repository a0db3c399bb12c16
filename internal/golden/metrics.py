"""Draws arguments of every metric and asks Keras for the results over ragged, weighted batches, for names, directions and words.

python metrics.py              writes metrics/testdata/metrics.json.gz
python metrics.py --seed 7     the same with fresh draws; --out DIR writes to another directory

What Keras refuses is a batch without a result: Go has to refuse it too.
"""

import argparse
import gzip
import inspect
import json
import os
import pathlib
import warnings

os.environ["KERAS_BACKEND"] = "numpy"  # The others compile each operation for each of the many shapes.

import keras
import numpy as np
from keras import metrics
from keras.src.metrics import ALL_OBJECTS_DICT
from keras.src.trainers.compile_utils import get_metric

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "metrics" / "testdata"
SIZES = (5, 7, 1, 3)
DRAWS = 6
REGRESSION = [
    "MeanSquaredError", "RootMeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError",
    "CosineSimilarity", "LogCoshError", "PearsonCorrelation", "ConcordanceCorrelation",
]
COUNTS = ["FalsePositives", "FalseNegatives", "TruePositives", "TrueNegatives", "Precision", "Recall"]
TRADEOFFS = {
    "SensitivityAtSpecificity": "specificity", "SpecificityAtSensitivity": "sensitivity", "PrecisionAtRecall": "recall",
    "RecallAtPrecision": "precision",
}
IOUS = ["IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"]


class Draw:
    """Random choices for one case."""

    def __init__(self, *seed):
        self.rng = np.random.default_rng(seed)

    def one(self, values):
        return values[self.rng.integers(len(values))]

    def chance(self, p=0.5):
        return bool(self.rng.random() < p)

    def size(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def grid(self, shape, low, high, steps=64):
        """Numbers on a grid, which are short in decimals and now and then equal."""
        return (self.rng.integers(low * steps, high * steps, size=shape, endpoint=True) / steps).astype("float32")

    def labels(self, shape, classes):
        return self.rng.integers(0, classes, size=shape).astype(self.one(["int32", "float32"]))

    def inner(self, low=0, high=2, sizes=(1, 4)):
        """The shape of a sample."""
        return tuple(self.size(*sizes) for _ in range(self.size(low, high)))


def one_hot(labels, n):
    return np.eye(n, dtype="float32")[np.asarray(labels, "int32")]


def positive(x):
    return np.maximum(np.abs(x), np.float32(1 / 64))


class Case:
    """A metric with its arguments, and how to draw a batch and the shape that weights follow."""

    def __init__(self, kwargs, batch, weighted_ranks=None):
        self.kwargs, self.batch, self.ranks = kwargs, batch, weighted_ranks


def regression(d, name):
    sample = d.inner(1, 3) if d.chance(0.9) else d.one([(), (1,)])
    kwargs = {}
    if name in ("CosineSimilarity", "PearsonCorrelation", "ConcordanceCorrelation"):
        sample = d.inner(1, 2, (4, 6))
        axes = [-1] + list(range(1, len(sample) + 1))
        if d.chance():
            kwargs["axis"] = d.one(axes)

    def batch(n):
        t, p = d.grid((n, *sample), -2, 2), d.grid((n, *sample), -2, 2)
        if name == "PearsonCorrelation":  # Which is not defined where nothing varies.
            for axis, length in enumerate(sample):
                step = np.float32(0.013) * np.arange(length, dtype="float32").reshape((-1,) + (1,) * (len(sample) - 1 - axis))
                t, p = t + step, p - step
        if name == "MeanAbsolutePercentageError":
            t = np.where(t == 0, np.float32(1), t) if d.chance(0.8) else t
        if sample[-1:] == (1,) and d.chance():
            if len(sample) > 1 or d.chance():
                return (t[..., 0], p) if d.chance() else (t, p[..., 0])
        return t, p

    return Case(kwargs, batch)


def hinge(d, name):
    sample = d.inner(1, 3)
    signed, free = d.chance(), d.chance(0.2)

    def batch(n):
        p = d.grid((n, *sample), -2, 2)
        if name == "CategoricalHinge":
            return one_hot(d.labels((n, *sample[:-1]), sample[-1]), sample[-1]), p
        t = d.labels(p.shape, 2)
        if free:
            return d.grid(p.shape, -2, 2), p
        return (2 * t - 1 if signed else t), p

    return Case({}, batch)


def divergence(d, name):
    sample = d.inner(1, 3)

    def batch(n):
        return d.grid((n, *sample), 0, 1), d.grid((n, *sample), 0, 1)

    return Case({}, batch)


def binary_crossentropy(d, name):
    sample = d.inner(1, 3)
    kwargs = {"from_logits": d.chance(), "label_smoothing": d.one([0, 0, 0.1, 0.5])}

    def batch(n):
        p = d.grid((n, *sample), -4, 4) if kwargs["from_logits"] else d.grid((n, *sample), 0, 1)
        return d.one([d.grid(p.shape, 0, 1), d.labels(p.shape, 2)]), p

    return Case(kwargs, batch)


def categorical_crossentropy(d, name):
    sparse = name.startswith("Sparse")
    classes = d.size(2, 5)
    sample = (*d.inner(0, 2, (2, 4)), classes)
    kwargs = {"from_logits": d.chance()}
    axis = len(sample)
    if sparse:
        kwargs["ignore_class"] = d.one([None, None, -1, 0, 2])
    else:
        kwargs["label_smoothing"] = d.one([0, 0, 0.1])
        if d.chance(0.3):
            axis = kwargs["axis"] = d.size(1, len(sample))

    def batch(n):
        p = d.grid((n, *sample), -4, 4) if kwargs["from_logits"] else positive(d.grid((n, *sample), 0, 1))
        if not sparse:
            hot = one_hot(d.labels((n, *sample)[:axis] + (n, *sample)[axis + 1:], p.shape[axis]), p.shape[axis])
            return d.one([np.moveaxis(hot, -1, axis), d.grid(p.shape, 0, 1)]), p
        t = d.labels(p.shape[:-1], classes)
        if kwargs["ignore_class"] == -1:
            t = np.where(d.rng.random(t.shape) < 0.3, -1, t).astype(t.dtype)
        return (t[..., None] if d.chance(0.3) else t), p

    ranks = None if kwargs.get("ignore_class") is None else [len(sample)]
    return Case(kwargs, batch, ranks)


def binary_accuracy(d, name):
    sample = d.inner(0, 3)
    kwargs = {"threshold": d.one([0.5, 0.25, 0.0, 0.7])} if name == "BinaryAccuracy" else {}

    def batch(n):
        t, p = d.labels((n, *sample), 2), d.grid((n, *sample), 0, 1, 8)
        if name == "Accuracy":
            p = d.labels(p.shape, 3)
        if sample[-1:] == (1,) and d.chance():
            return (t[..., 0], p) if d.chance() else (t, p[..., 0])
        return t, p

    return Case(kwargs, batch)


def class_accuracy(d, name):
    classes = d.size(3, 7)
    sample = (*d.inner(0, 2), classes)
    kwargs = {}
    if "TopK" in name and d.chance(0.8):
        kwargs["k"] = d.size(1, classes)
    if name == "SparseTopKCategoricalAccuracy" and d.chance(0.3):
        kwargs["from_sorted_ids"] = True

    def batch(n):
        p = d.grid((n, *sample), 0, 1, 8)
        t = d.labels(p.shape[:-1], classes)
        if kwargs.get("from_sorted_ids"):
            return t, np.argsort(p, axis=-1).astype("float32")
        if not name.startswith("Sparse"):
            return one_hot(t, classes), p
        return (t[..., None] if d.chance(0.3) and name == "SparseCategoricalAccuracy" else t), p

    return Case(kwargs, batch)


def word(d, name):
    kind = d.size(0, 2)
    classes = d.size(2, 5)
    sample = d.inner(0, 1)
    flat = d.chance()

    def batch(n):
        if kind == 0:
            return d.labels((n, *sample) if flat else (n, *sample, 1), 2), d.grid((n, *sample, 1), 0, 1)
        t = d.labels((n, *sample), classes)
        if kind == 1:
            return (t if flat else t[..., None]), d.grid((n, *sample, classes), 0, 1)
        return one_hot(t, classes), d.grid((n, *sample, classes), 0, 1)

    return Case({}, batch)


def thresholds(d):
    return d.one([None, 0.5, [0.25], 0.0, 1.0, [0.5, 0.25, 0.75], [0.0, 0.5, 1.0], [0.0, 0.25, 0.5, 0.75, 1.0], [0.9, 0.1]])


def count(d, name):
    sample = d.inner(0, 2, (2, 5)) if d.chance(0.8) else (1,)
    kwargs = {"thresholds": thresholds(d)}
    if name in ("Precision", "Recall") and sample and sample != (1,):
        if d.chance(0.4):
            kwargs["top_k"] = d.size(1, sample[-1])
        if d.chance(0.4):
            kwargs["class_id"] = d.size(0, sample[-1] - 1)

    def batch(n):
        t, p = d.labels((n, *sample), 2), d.grid((n, *sample), 0, 1, 8)
        if "top_k" in kwargs:  # Which of equal ones it takes is the back end's own.
            p = (np.argsort(d.rng.random(p.shape), axis=-1) / 8).astype("float32")
        if sample == (1,) and d.chance():
            return (t[..., 0], p) if d.chance() else (t, p[..., 0])
        return t, p

    return Case(kwargs, batch)


def tradeoff(d, name):
    sample = d.inner(0, 2, (2, 4))
    kwargs = {TRADEOFFS[name]: d.one([0.0, 0.2, 0.5, 0.6, 0.75, 1.0])}
    if d.chance():
        kwargs["num_thresholds"] = d.one([1, 2, 3, 10, 50])
    if sample and d.chance(0.4):
        kwargs["class_id"] = d.size(0, sample[-1] - 1)

    def batch(n):
        return d.labels((n, *sample), 2), d.grid((n, *sample), 0, 1)

    return Case(kwargs, batch)


def away(logits, steps):
    """Logits whose sigmoid is at no threshold, where the last digit of the sigmoid would decide."""
    while True:
        x = steps / (1 + np.exp(-logits.astype("float64")))
        near = np.abs(x - np.round(x)) < 1e-3
        if not near.any():
            return logits
        logits = np.where(near, logits + np.float32(1 / 64), logits)


def auc(d, name):
    kwargs = {"curve": d.one(["ROC", "PR", "PRGAIN"]), "summation_method": d.one(["interpolation", "minoring", "majoring"])}
    labels = d.size(2, 4)
    sample = (labels,)
    multi = d.chance(0.4)
    logits = d.chance(0.3)
    steps = 199
    if multi:
        kwargs["multi_label"] = True
        if d.chance():
            kwargs["num_labels"] = labels
    else:
        sample = d.inner(0, 2, (2, 4))
    if sample and d.chance(0.4):
        kwargs["label_weights"] = d.grid((sample[-1],), 0, 2, 8).tolist()
    if d.chance(0.4):
        kwargs["thresholds"] = d.one([[0.5], [0.25, 0.5, 0.75], [0.8, 0.3, 0.4], [0.1, 0.9]])
        steps = 20
    elif d.chance():
        kwargs["num_thresholds"] = d.one([2, 3, 11, 50])
        steps = kwargs["num_thresholds"] - 1
    if logits:
        kwargs["from_logits"] = True

    def batch(n):
        t, p = d.labels((n, *sample), 2), d.grid((n, *sample), 0, 1)
        if logits:
            p = away(d.grid(p.shape, -4, 4), steps)
        return t, p

    return Case(kwargs, batch)


def fscore(d, name):
    classes = d.size(1, 5)
    kwargs = {"average": d.one([None, "micro", "macro", "weighted"]), "threshold": d.one([None, 0.5, 0.25, 1.0])}
    if name == "FBetaScore" and d.chance(0.8):
        kwargs["beta"] = d.one([0.5, 1.0, 2.0])

    def batch(n):
        return d.labels((n, classes), 2), d.grid((n, classes), 0, 1, 8)

    return Case(kwargs, batch)


def iou(d, name):
    classes = d.size(2, 5)
    sample = d.inner(0, 2)
    kwargs = {"num_classes": classes}
    if d.chance(0.4):
        kwargs["dtype"] = "float32"
    if name in ("IoU", "OneHotIoU"):
        kwargs["target_class_ids"] = sorted(d.rng.choice(classes, size=d.size(1, classes), replace=False).tolist())
    if d.chance(0.4):
        kwargs["ignore_class"] = d.one([0, 1, 255])
    hot_t, hot_p = name.startswith("OneHot"), name.startswith("OneHot")
    if hot_t:
        if d.chance(0.3):
            kwargs["sparse_y_pred"], hot_p = True, False
    elif d.chance(0.4):
        hot_t, hot_p = d.chance(), d.chance()
        kwargs["sparse_y_true"], kwargs["sparse_y_pred"] = not hot_t, not hot_p

    def batch(n):
        t, p = d.labels((n, *sample), classes + d.size(0, 1)), d.labels((n, *sample), classes)
        if hot_t:
            t = one_hot(np.minimum(t, classes - 1), classes)
        if hot_p:
            p = d.grid((n, *sample, classes), 0, 1, 8)
        return t, p

    return Case(kwargs, batch, [len(sample) + 1])


def binary_iou(d, name):
    sample = d.inner(0, 2)
    kwargs = {}
    if d.chance():
        kwargs["target_class_ids"] = d.one([[0], [1], [0, 1]])
    if d.chance():
        kwargs["threshold"] = d.one([0.0, 0.25, 0.7])
    if d.chance():
        kwargs["dtype"] = "float32"

    def batch(n):
        return d.labels((n, *sample), 2), d.grid((n, *sample), 0, 1, 8)

    return Case(kwargs, batch, [len(sample) + 1])


def r2(d, name):
    outputs = d.size(1, 4)
    kwargs = {"class_aggregation": d.one([None, "uniform_average", "variance_weighted_average"]), "num_regressors": d.one([0, 0, 1, 4])}

    def batch(n):
        t = d.grid((n, outputs), -2, 2)
        p = t + d.grid((n, outputs), -1, 1)
        return (t[:, 0], p) if outputs == 1 and d.chance() else (t, p)

    return Case(kwargs, batch)


def mean(d, name):
    sample = d.inner(0, 3)

    def batch(n):
        return d.grid((n, *sample), -2, 2), d.grid((n, *sample), -2, 2)

    return Case({}, batch)


def squares(y_true, y_pred):
    return (y_true - y_pred) ** 2


def weights(d, case, name, t, p):
    """Weights that fit, and now and then do not."""
    shape = max(t.shape, p.shape, key=len)
    if name == "R2Score":
        return positive(d.grid(d.one([shape[:1], shape]), 0, 2, 8))
    if name in ("FBetaScore", "F1Score"):
        return d.grid(shape[:1], 0, 2, 8)
    if case.ranks:
        shape = shape[:case.ranks[0]]
    else:
        choices = [shape[:1], shape[:1], shape[:2], shape[:-1] or shape, shape, (shape[0], *(1 for _ in shape[1:-1])), ()]
        if d.chance(0.05):
            choices = [(shape[0] + 1,), (*shape, 2), (shape[0], 7)]
        shape = d.one(choices)
    if d.chance(0.2):
        return d.rng.random(shape) < 0.7
    return d.grid(shape, 0, 2, 8)


def array(a):
    if a is None:
        return None
    a = np.asarray(a)
    flat = a.ravel().tolist()
    if a.dtype.kind == "f":
        flat = [float(f"{v:.9g}") for v in flat]
    else:
        flat = [int(v) for v in flat]
    return [list(a.shape), a.dtype.name, flat]


def number(v):
    v = np.asarray(v, "float64")
    plain = lambda x: None if np.isnan(x) else float(f"{x:.9g}")
    return plain(v) if v.ndim == 0 else [plain(x) for x in v]


DRAW = {
    "Mean": mean, "Sum": mean, "MeanMetricWrapper": mean, "accuracy": word, "R2Score": r2, "AUC": auc, "BinaryIoU": binary_iou,
    "Accuracy": binary_accuracy, "BinaryAccuracy": binary_accuracy, "BinaryCrossentropy": binary_crossentropy,
    "KLDivergence": divergence, "Poisson": divergence, "F1Score": fscore, "FBetaScore": fscore,
}
DRAW |= {name: regression for name in REGRESSION} | {name: count for name in COUNTS} | {name: tradeoff for name in TRADEOFFS}
DRAW |= {name: iou for name in IOUS} | {name: hinge for name in ("Hinge", "SquaredHinge", "CategoricalHinge")}
DRAW |= {name: categorical_crossentropy for name in ("CategoricalCrossentropy", "SparseCategoricalCrossentropy")}
DRAW |= {name: class_accuracy for name in (
    "CategoricalAccuracy", "SparseCategoricalAccuracy", "TopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy")}


def run(seed, index, name, draw):
    d = Draw(seed, index, draw)
    case = DRAW[name](d, name)
    metric, resolved = None, None
    weighted = draw % 3 > 0
    out = {"class": name, "batches": []}
    for n in SIZES:
        t, p = case.batch(n)
        w = weights(d, case, name, t, p) if weighted else None
        if metric is None:
            if name == "accuracy":
                metric = get_metric(d.one(["accuracy", "acc"]), t, p)
                out["resolved"] = type(metric).__name__
                out["object"] = metric.name
            elif name == "MeanMetricWrapper":
                metric = metrics.MeanMetricWrapper(squares)
            else:
                metric = getattr(metrics, name)(**case.kwargs)
                out["object"] = keras.saving.serialize_keras_object(metric)
                if name == "CosineSimilarity":  # Whose config lacks it.
                    out["object"]["config"] |= case.kwargs
        try:
            if name in ("Mean", "Sum"):
                metric.update_state(p, sample_weight=w)
            else:
                metric.update_state(t, p, sample_weight=w)
            result = number(metric.result())
        except Exception:
            out["batches"].append([array(t), array(p), array(w)])
            out["refused"] = True
            break
        out["batches"].append([array(t), array(p), array(w), result])
    return out


def described():
    """Names, directions and words."""
    names = {}
    for name in DRAW:
        if name == "accuracy":
            continue
        kwargs = {"num_classes": 2, "target_class_ids": [0], "fn": squares} | {v: 0.5 for v in TRADEOFFS.values()}
        cls = getattr(metrics, name)
        taken = inspect.signature(cls.__init__).parameters
        keras.backend.clear_session()
        m = cls(**{k: v for k, v in kwargs.items() if k in taken and taken[k].default is inspect.Parameter.empty})
        names[name] = [m.name, getattr(m, "_direction", None)]
    words = {}
    for key in sorted(ALL_OBJECTS_DICT):
        t, p = np.ones((2, 2), "float32"), np.full((2, 2), 0.5, "float32")
        try:
            m = get_metric(key, t, p)
        except TypeError:  # It needs arguments.
            continue
        if "y_true" not in inspect.signature(m.update_state).parameters:  # It is given values, or is no metric.
            continue
        words[key] = [type(m).__name__, m.name]
    return names, words


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    cases = [run(args.seed, i, name, draw) for i, name in enumerate(DRAW) for draw in range(DRAWS)]
    names, words = described()
    text = json.dumps({"cases": cases, "names": names, "words": words}, separators=(",", ":"))
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "metrics.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()

"""Reads the embedded data sets with NumPy and shuffles as Keras's loaders do. Writes datasets/testdata/datasets.json."""

import gzip
import json
import os

import numpy as np

ROOT = os.path.join(os.path.dirname(__file__), "../../datasets")
DATA = os.path.join(ROOT, "data")


def images(name):
    with gzip.open(os.path.join(DATA, name + "-images-idx3-ubyte.gz")) as f:
        x = np.frombuffer(f.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(os.path.join(DATA, name + "-labels-idx1-ubyte.gz")) as f:
        y = np.frombuffer(f.read(), np.uint8, offset=8)
    rows = x.reshape(len(x), -1).astype(int)
    weights = np.arange(1, rows.shape[1] + 1)  # Weighted sums notice pixels that change places.
    return {"shape": x.shape, "labels": y[:10].tolist(), "counts": np.bincount(y).tolist(),
            "first": int(rows[0] @ weights), "last": int(rows[-1] @ weights), "total": int(rows.sum())}


def boston(test_split, seed):
    """The last lines of keras.datasets.boston_housing.load_data on the same rows."""
    a = np.genfromtxt(os.path.join(DATA, "boston_house_prices.csv"), delimiter=",", skip_header=2)
    indices = np.arange(len(a))
    np.random.RandomState(seed).shuffle(indices)
    a = a[indices]
    n = int(len(a) * (1 - test_split))
    return {"test_split": test_split, "seed": seed, "train": n, "test": len(a) - n, "first": a[0].tolist(), "targets": a[:, -1].tolist()}


def order(n, seed):
    indices = np.arange(n)
    np.random.RandomState(seed).shuffle(indices)
    return {"n": n, "seed": seed, "order": indices.tolist()}


with open(os.path.join(ROOT, "testdata/datasets.json"), "w") as f:
    json.dump({
        "mnist": [images("mnist-mini-train"), images("mnist-mini-t10k")],
        "fashion": [images("fashion-mini-train"), images("fashion-mini-t10k")],
        "boston": [boston(0.2, 113), boston(0.5, 1), boston(0.0, 7)],
        "shuffles": [order(1, 0), order(2, 5), order(17, 4294967295), order(1000, 42)],
    }, f, separators=(",", ":"))
    f.write("\n")

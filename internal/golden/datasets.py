"""Reads the embedded data sets with NumPy and scikit-learn, lets Keras's loaders read small files of its own, and asks scikit-learn for its figures.

python datasets.py              writes datasets/testdata: answers.json and the files that were loaded
python datasets.py --seed 7     the same with fresh draws; --out DIR writes to another directory

Keras's loaders run as they are but for get_file, which hands them the small files.
"""

import argparse
import csv
import gzip
import io
import json
import os
import pathlib
import pickle
import struct
import tarfile
import tempfile
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
from keras.src.datasets import boston_housing, california_housing, cifar, cifar100, fashion_mnist, imdb, mnist, reuters
from keras.utils import get_file
from sklearn import datasets as sk

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent / "datasets"
DATA = ROOT / "data"
CASES = 12


# The embedded sets.


def weighted(a):
    """A sum that notices numbers that change places."""
    a = np.asarray(a, np.float64).ravel()
    return float(a @ (np.arange(a.size) % 1009 + 1))


def images(name):
    with gzip.open(DATA / (name + "-images-idx3-ubyte.gz")) as f:
        x = np.frombuffer(f.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(DATA / (name + "-labels-idx1-ubyte.gz")) as f:
        y = np.frombuffer(f.read(), np.uint8, offset=8)
    return {"shape": x.shape, "labels": y[:10].tolist(), "counts": np.bincount(y).tolist(), "sum": weighted(x)}


def boston(test_split, seed):
    """The last lines of keras.datasets.boston_housing.load_data on the same rows."""
    a = np.genfromtxt(DATA / "boston_house_prices.csv", delimiter=",", skip_header=2)
    indices = np.arange(len(a))
    np.random.RandomState(seed).shuffle(indices)
    a = a[indices]
    n = int(len(a) * (1 - test_split))
    return {"test_split": test_split, "seed": seed, "train": n, "test": len(a) - n, "first": a[0].tolist(), "sum": weighted(a[:, -1])}


def order(n, seed):
    indices = np.arange(n)
    np.random.RandomState(seed).shuffle(indices)
    return {"n": n, "seed": seed, "order": indices.tolist()}


def scikit(load, **arguments):
    d = load(**arguments)
    return {
        "shape": d.data.shape, "features": list(d.feature_names), "classes": [str(n) for n in d.get("target_names", [])],
        "first": d.data[0].tolist(), "last": d.data[-1].tolist(), "columns": d.data.sum(0).tolist(), "sum": weighted(d.data),
        "target": weighted(d.target),
    }


def table(rows, texts):
    """Column by column: the numbers' weighted sum without the missing ones, or all texts joined; None and "" are missing."""
    columns = []
    for name in rows[0]:
        values = [r[name] for r in rows]
        c = {"name": name, "missing": sum(v in (None, "") for v in values)}
        if name in texts:
            c["length"], c["first"], c["last"] = sum(len(v or "") for v in values), values[0], values[-1]
            c["distinct"] = len(set(values))
        else:
            c["sum"] = weighted([0.0 if v in (None, "") else float(v) for v in values])
        columns.append(c)
    return {"rows": len(rows), "columns": columns}


def tables():
    def rows(name):
        with open(DATA / name, newline="") as f:
            return json.load(f) if name.endswith("json") else list(csv.DictReader(f))

    co2 = rows("co2.csv")
    for r in co2:
        r["date"] = "-".join([r["date"][:4], r["date"][4:6], r["date"][6:]])
    return {
        "penguins": table(rows("penguins.json"), ["Species", "Island", "Sex"]),
        "cars": table(rows("cars.json"), ["Name", "Year", "Origin"]),
        "weather": table(rows("seattle-weather.csv"), ["date", "weather"]),
        "sunspots": table(rows("sunspots.csv"), ["YEAR"]),
        "co2": table(co2, ["date"]),
    }


def texts():
    with open(DATA / "movie_sentences.csv", encoding="utf-8-sig", newline="") as f:
        rows = list(csv.reader(f))
    sentences = [r[1].strip() for r in rows]
    with gzip.open(DATA / "moby-dick.txt.gz", "rt", encoding="utf-8", newline="") as f:
        book = f.read()
    return {
        "sentences": len(rows), "positive": sum(r[0] == "1" for r in rows), "lengths": [len(s.encode()) for s in sentences[:50]],
        "first": sentences[0], "last": sentences[-1], "bytes": len(book.encode()), "whales": book.lower().count("whale"),
        "ending": book[-40:],
    }


# Figures.


def figure(rng, make, **arguments):
    shuffled = {"shuffle": False, **arguments}
    x, y = make(**shuffled)
    return {**{k: v for k, v in arguments.items() if v is not None}, "x": x.ravel().tolist(), "y": y.tolist()}


def figures(rng):
    def size():
        return int(rng.integers(1, 12)) if rng.integers(2) else (int(rng.integers(0, 6)), int(rng.integers(1, 6)))

    return {
        "moons": [figure(rng, sk.make_moons, n_samples=size()) for _ in range(CASES)],
        "circles": [figure(rng, sk.make_circles, n_samples=size(), factor=float(rng.random()) if i else 0.0) for i in range(CASES)],
    }


# Keras's loaders on small files.


def npz(path, rng, **arrays):
    """An .npz whose object arrays are pickled as NumPy 1 or 2 do."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if rng.integers(2) else zipfile.ZIP_STORED) as z:
        for name, a in arrays.items():
            out = io.BytesIO()
            if a.dtype == object:
                np.lib.format.write_array_header_1_0(out, np.lib.format.header_data_from_array_1_0(a))
                out.write(pickled(a, int(rng.integers(3, 6))))
            else:
                np.lib.format.write_array(out, a, version=(int(rng.integers(1, 4)), 0))
            z.writestr(zipfile.ZipInfo(name + ".npy"), out.getvalue())


def pickled(a, protocol):
    b = pickle.dumps(a, protocol=protocol)
    # The line that ends the name in protocol 3 tells its length; later ones have a byte for it.
    return b.replace(b"numpy._core.multiarray\n", b"numpy.core.multiarray\n") if protocol == 3 else b


def python2(d):
    """A pickle of protocol 2 as Python 2 wrote CIFAR's: texts and bytes are one type."""
    def text(s):
        return (b"U" + bytes([len(s)]) if len(s) < 256 else b"T" + struct.pack("<i", len(s))) + s

    def integer(i):
        return b"K" + bytes([i]) if i < 256 else b"J" + struct.pack("<i", i)

    def value(v):
        if isinstance(v, np.ndarray):
            shape = b"".join(map(integer, v.shape)) + b"\x86"
            dtype = b"cnumpy\ndtype\n" + text(b"u1") + b"K\x00K\x01\x87R(K\x03" + text(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
            return (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + text(b"b") + b"\x87R"
                    + b"(K\x01" + shape + dtype + b"\x89" + text(v.tobytes()) + b"tb")
        if isinstance(v, list):
            return b"](" + b"".join(map(value, v)) + b"e"
        return integer(v) if isinstance(v, int) else text(v)

    return b"\x80\x02}(" + b"".join(text(k) + value(v) for k, v in d.items()) + b"u."


def objects(lists):
    a = np.empty(len(lists), object)
    a[:] = lists
    return a


def newswires(rng, n, equal=False):
    length = int(rng.integers(2, 9))
    lists = [[int(w) for w in rng.integers(1, rng.choice([30, 300, 70000]), length if equal else rng.integers(1, 12))] for _ in range(n)]
    return np.array(lists, dtype=object) if equal else objects(lists)


def options(rng, **more):
    def maybe(value):
        return value if rng.integers(2) else "default"

    o = {
        "num_words": maybe(int(rng.integers(1, 60))), "skip_top": maybe(int(rng.integers(0, 12))), "maxlen": maybe(int(rng.integers(2, 14))),
        "seed": maybe(int(rng.integers(0, 2**32))), "start_char": maybe(None if rng.integers(2) else int(rng.integers(0, 5))),
        "oov_char": maybe(None if rng.integers(2) else int(rng.integers(0, 5))), "index_from": maybe(int(rng.integers(0, 6))), **more,
    }
    return {k: v for k, v in o.items() if v != "default"}


def sequences(load, o):
    try:
        (x, y), (xt, yt) = load(**o)
    except ValueError:
        return {"options": o, "refused": True}
    return {"options": o, "x": [list(map(int, s)) for s in x], "y": list(map(int, y)), "xt": [list(map(int, s)) for s in xt], "yt": list(map(int, yt))}


def splits(load, o=None):
    (x, y), (xt, yt) = load(**(o or {}))
    return {
        "options": o or {}, "shape": x.shape, "x": weighted(x), "y": np.ravel(y)[:20].tolist(), "y_shape": np.shape(y), "sum": weighted(y),
        "test_shape": xt.shape, "xt": weighted(xt), "yt": np.ravel(yt)[:20].tolist(),
    }


def archive(path, files):
    with open(path, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as z, tarfile.open(fileobj=z, mode="w") as t:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))


def pixels(rng, n):
    return (rng.integers(0, 8, (n, 3072)) * 36).astype(np.uint8)


def cifar10_file(out, rng):
    """CIFAR's binary form, and what Keras's reader makes of the other one."""
    files, parts = {"cifar-10-batches-bin/readme.html": b"<html>"}, {}
    for i in rng.permutation(6):
        name, n = ("test_batch" if i == 5 else f"data_batch_{i + 1}"), int(rng.integers(1, 3))
        x, y = pixels(rng, n), rng.integers(0, 10, n).astype(np.uint8)
        files[f"cifar-10-batches-bin/{name}.bin"] = np.concatenate([y[:, None], x], 1).tobytes()
        batch = out / "batch"
        batch.write_bytes(python2({b"data": x, b"labels": y.tolist()}))
        parts[int(i)] = cifar.load_batch(batch)
        batch.unlink()
    archive(out / "cifar-10-binary.tar.gz", files)

    def load():
        x = np.concatenate([parts[i][0] for i in range(5)]).transpose(0, 2, 3, 1)
        y = np.concatenate([parts[i][1] for i in range(5)]).reshape(-1, 1)
        return (x, y), (parts[5][0].transpose(0, 2, 3, 1), np.reshape(parts[5][1], (-1, 1)))

    return splits(load)


def cifar100_file(out, rng, asked):
    root = out / "cifar-100-python"
    files = {"cifar-100-python/meta": python2({
        b"fine_label_names": [b"fine%d" % i for i in range(100)], b"coarse_label_names": [b"coarse%d" % i for i in range(20)]})}
    for name in ["train", "test"]:
        n = int(rng.integers(2, 4))
        files["cifar-100-python/" + name] = python2({
            b"filenames": [b"image%d.png" % i for i in range(n)], b"batch_label": b"part 1 of 1",
            b"fine_labels": rng.integers(0, 100, n).tolist(), b"coarse_labels": rng.integers(0, 20, n).tolist(), b"data": pixels(rng, n)})
    root.mkdir(exist_ok=True)
    for name, data in files.items():
        (out / name).write_bytes(data)

    def here(origin=None, file_hash=None, **_):
        asked[origin] = file_hash
        return str(out)

    cifar100.get_file = here
    cases = [splits(cifar100.load_data, {"label_mode": mode}) for mode in ["fine", "coarse"]]
    for path in root.iterdir():
        path.unlink()
    root.rmdir()
    archive(out / "cifar-100-python.tar.gz", files)
    return cases


def idx(path, a):
    with open(path, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as z:
        z.write(bytes([0, 0, 8, a.ndim]) + struct.pack(">%dI" % a.ndim, *a.shape) + a.tobytes())


def fashion(out, rng):
    for part, n in [("train", 3), ("t10k", 2)]:
        idx(out / (part + "-images-idx3-ubyte.gz"), (rng.integers(0, 8, (n, 28, 28)) * 36).astype(np.uint8))
        idx(out / (part + "-labels-idx1-ubyte.gz"), rng.integers(0, 10, n).astype(np.uint8))
    return splits(fashion_mnist.load_data)


def housing(path, rng, load, rows, width, **more):
    x = rng.integers(0, 50, (rows, width)).astype(rng.choice([np.float32, np.float64]))
    npz(path, rng, x=np.asfortranarray(x) if rng.integers(2) else x, y=rng.integers(0, 500, rows).astype(x.dtype))
    cases = [splits(load)]
    for i in range(CASES):
        o = {"seed": int(rng.integers(0, 2**32)), "test_split": float(rng.random())}
        cases.append(splits(load, {**o, **{k: str(rng.choice(v)) for k, v in more.items()}}))
    return cases


def word_index(out, rng, module, name):
    words = [chr(int(c)) * int(n) for c, n in zip(rng.integers(97, 600, 5), rng.integers(1, 4, 5))]
    (out / name).write_text(json.dumps({w: i + 1 for i, w in enumerate(words)}))
    return module.get_word_index()


def loaders(out, rng):
    asked = {}

    def here(fname=None, origin=None, file_hash=None, **_):
        asked[origin] = file_hash
        return str(out / (fname or origin.rsplit("/", 1)[1]))

    for module in [boston_housing, california_housing, fashion_mnist, imdb, mnist, reuters]:
        module.get_file = here
    npz(out / "imdb.npz", rng, x_train=newswires(rng, 14), y_train=rng.integers(0, 2, 14), x_test=newswires(rng, 9, equal=True), y_test=rng.integers(0, 2, 9))
    npz(out / "reuters.npz", rng, x=newswires(rng, 21), y=rng.integers(0, 46, 21))
    npz(out / "mnist.npz", rng, x_train=rng.integers(0, 256, (7, 5, 5), np.uint8), y_train=rng.integers(0, 10, 7, np.uint8),
        x_test=rng.integers(0, 256, (3, 5, 5), np.uint8), y_test=rng.integers(0, 10, 3, np.uint8))
    answers = {
        "imdb": [sequences(imdb.load_data, {})] + [sequences(imdb.load_data, options(rng)) for _ in range(2 * CASES)],
        "reuters": [sequences(reuters.load_data, {})]
                   + [sequences(reuters.load_data, options(rng, test_split=float(rng.random()))) for _ in range(2 * CASES)],
        "labels": list(reuters.get_label_names()),
        "mnist": splits(mnist.load_data), "fashion": fashion(out, rng),
        "cifar10": cifar10_file(out, rng), "cifar100": cifar100_file(out, rng, asked),
        "imdb_words": word_index(out, rng, imdb, "imdb_word_index.json"),
        "reuters_words": word_index(out, rng, reuters, "reuters_word_index.json"),
        "boston": housing(out / "boston_housing.npz", rng, boston_housing.load_data, 23, 13),
        "california": housing(out / "california_housing.npz", rng, california_housing.load_data, 640, 8, version=["small", "large"]),
    }
    return {**answers, "hashes": asked}


def get_file_paths():
    """Where keras.utils.get_file puts what it fetches, and what it returns."""
    cases = []
    for fname in [None, "data", "data.tar.gz", "a.b.c"]:
        for extract in [False, True]:
            for subdir in [None, "sub/dir"]:
                with tempfile.TemporaryDirectory() as tmp:
                    origin = os.path.join(tmp, "some.set.tar.gz")
                    archive(origin, {"inner/file.txt": b"content"})
                    more = {"cache_subdir": subdir} if subdir else {}
                    cache = os.path.join(tmp, "cache")
                    os.mkdir(cache)
                    got = get_file(fname, "file://" + origin, extract=extract, cache_dir=cache, **more)
                    files = [os.path.relpath(os.path.join(d, f), cache) for d, _, names in os.walk(cache) for f in names]
                    cases.append({"fname": fname or "", "extract": extract, "subdir": subdir or "", "path": os.path.relpath(got, cache), "files": sorted(files)})
    return cases


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--out", type=pathlib.Path, default=ROOT / "testdata")
    args = p.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(args.seed)
    answers = {
        "mnist": [images("mnist-mini-train"), images("mnist-mini-t10k")],
        "fashion": [images("fashion-mini-train"), images("fashion-mini-t10k")],
        "boston": [boston(0.2, 113), boston(0.0, 7)] + [boston(float(rng.random()), int(rng.integers(0, 2**32))) for _ in range(3)],
        "shuffles": [order(1, 0), order(2, 5), order(17, 4294967295), order(int(rng.integers(3, 700)), int(rng.integers(0, 2**32)))],
        "scikit": {
            "iris": scikit(sk.load_iris), "wine": scikit(sk.load_wine), "breast_cancer": scikit(sk.load_breast_cancer),
            "digits": scikit(sk.load_digits), "diabetes": scikit(sk.load_diabetes), "diabetes_raw": scikit(sk.load_diabetes, scaled=False),
        },
        "tables": tables(), "texts": texts(), "figures": figures(rng), "loaders": loaders(args.out, rng), "get_file": get_file_paths(),
    }
    with open(args.out / "answers.json", "w") as f:
        json.dump(answers, f, separators=(",", ":"), ensure_ascii=False)
        f.write("\n")


main()

"""Runs random pipelines through tf.data, and directories and time series through Keras's loaders, and writes what they yield to
keras/data/testdata/data.json.gz.

A pipeline is a list of steps. Its elements are numbers x with labels 10 x, but where it begins with "ragged": vectors of x % 4 times x.
"""

import argparse
import base64
import gzip
import io
import json
import os
import pathlib
import tempfile

import keras
import numpy as np
import tensorflow as tf
from keras.src.utils import dataset_utils
from PIL import Image

OUT = os.path.join(os.path.dirname(__file__), "../../keras/data/testdata/data.json.gz")


def whole(rng, low, high):
    return int(rng.integers(low, high + 1))


def step(rng):
    """A step that works on scalars."""
    kind = str(rng.choice(["take", "skip", "shard", "repeat", "filter", "concatenate", "interleave", "flat_map", "map", "cache", "prefetch", "zip"]))
    if kind in ("take", "skip"):
        return {"step": kind, "n": whole(rng, -1, 12)}
    if kind == "shard":
        n = whole(rng, 1, 4)
        return {"step": kind, "n": n, "index": whole(rng, 0, n - 1)}
    if kind == "repeat":
        return {"step": kind, "n": whole(rng, 0, 3)}
    if kind in ("filter", "map"):
        return {"step": kind, "n": whole(rng, 2, 4)}
    if kind in ("concatenate", "zip"):
        return {"step": kind, "n": whole(rng, 0, 9)}
    if kind == "interleave":
        return {"step": kind, "cycle": whole(rng, 1, 5), "block": whole(rng, 1, 4), "n": whole(rng, 1, 5)}
    if kind == "flat_map":
        return {"step": kind, "n": whole(rng, 1, 4)}
    return {"step": kind, "n": 2}


def join(rng):
    """A step that makes vectors of scalars."""
    kind = str(rng.choice(["batch", "window", "padded_batch", "unbatch"]))
    if kind == "window":
        return {"step": kind, "n": whole(rng, 1, 5), "shift": whole(rng, 1, 7), "stride": whole(rng, 1, 3), "drop": bool(rng.integers(2))}
    return {"step": kind, "n": whole(rng, 1, 6), "drop": bool(rng.integers(2))}


def apply(ds, s):
    kind, n = s["step"], s.get("n")
    many = lambda x, y: tf.data.Dataset.range(x % n + 1).map(lambda i: (100 * x + i, y))
    return {
        "take": lambda: ds.take(n),
        "skip": lambda: ds.skip(n),
        "shard": lambda: ds.shard(n, s["index"]),
        "repeat": lambda: ds.repeat(n),
        "filter": lambda: ds.filter(lambda x, y: x % n != 0),
        "map": lambda: ds.map(lambda x, y: (x + n, y * n)),
        "concatenate": lambda: ds.concatenate(numbers(n)),
        "zip": lambda: tf.data.Dataset.zip((ds, numbers(n))).map(lambda a, b: (a[0] + b[0], a[1])),
        "interleave": lambda: ds.interleave(many, cycle_length=s["cycle"], block_length=s["block"], num_parallel_calls=None),
        "flat_map": lambda: ds.flat_map(many),
        "cache": lambda: ds.cache(),
        "prefetch": lambda: ds.prefetch(n),
        "batch": lambda: ds.batch(n, drop_remainder=s["drop"]),
        "unbatch": lambda: ds.batch(n, drop_remainder=s["drop"]).unbatch(),
        "padded_batch": lambda: ds.padded_batch(n, drop_remainder=s["drop"]),
        "window": lambda: ds.window(n, shift=s["shift"], stride=s["stride"], drop_remainder=s["drop"]).flat_map(
            lambda x, y: tf.data.Dataset.zip((x, y)).batch(n)),
    }[kind]()


def numbers(n):
    return tf.data.Dataset.range(n).map(lambda x: (x, 10 * x))


def array(a):
    a = np.asarray(a)
    if a.dtype == object:
        return {"shape": list(a.shape), "texts": [v.decode() for v in a.ravel()]}
    return {"shape": list(a.shape), "data": [round(float(v), 3) for v in a.ravel()]}


def elements(ds):
    return [[array(v) for v in (e if isinstance(e, tuple) else (e,))] for e in ds.as_numpy_iterator()]


def pipelines(rng):
    for _ in range(80):
        n = whole(rng, 0, 20)
        steps = [step(rng) for _ in range(whole(rng, 0, 4))] + [join(rng)] + [{"step": "take", "n": 12}]
        ds = numbers(n)
        for s in steps:
            ds = apply(ds, s)
        card = int(ds.cardinality())
        yield {"n": n, "steps": steps, "length": max(card, -1), "elements": elements(ds)}


def ragged(rng):
    for _ in range(8):
        n, size = whole(rng, 1, 9), whole(rng, 1, 4)
        shapes = [[-1, whole(rng, 4, 6)], [-1, -1]][whole(rng, 0, 1)]
        padding = whole(rng, -3, 3)
        ds = tf.data.Dataset.range(n).map(lambda x: tf.fill([x % 4 + 1, x % 3 + 2], x)).padded_batch(
            size, padded_shapes=[None if s < 0 else s for s in shapes], padding_values=tf.constant(padding, tf.int64))
        yield {"n": n, "size": size, "shapes": shapes, "padding": padding, "elements": elements(ds)}


def timeseries(rng):
    while True:
        rows = whole(rng, 5, 30)
        data = rng.integers(0, 100, (rows, 2) if rng.integers(2) else (rows,)).astype("float32")
        targets = rng.integers(0, 100, whole(rng, 1, rows + 3)).astype("int32") if rng.integers(3) else None
        o = {"sequence_length": whole(rng, 1, 5), "sequence_stride": whole(rng, 1, 4), "sampling_rate": whole(rng, 1, 3), "batch_size": whole(rng, 1, 5)}
        if rng.integers(2):
            o["start_index"] = whole(rng, 1, rows - 1)
        if rng.integers(2):
            o["end_index"] = whole(rng, 1, rows)
        case = {"x": array(data), "y": None if targets is None else array(targets), **o}
        try:
            batches = elements(keras.utils.timeseries_dataset_from_array(data, targets, **o))
        except (ValueError, tf.errors.InvalidArgumentError):
            yield case | {"refused": True}
            continue
        yield case | {"elements": batches}


def image(rng, suffix):
    size = (whole(rng, 4, 9), whole(rng, 4, 9), 3)
    a = np.full(size, rng.integers(0, 256, 3)) if suffix == "jpg" else rng.integers(0, 256, size)  # Decoders of JPEG agree where nothing changes.
    out = io.BytesIO()
    Image.fromarray(a.astype("uint8")).save(out, {"jpg": "jpeg"}.get(suffix, suffix), **({"quality": 100} if suffix == "jpg" else {}))
    return out.getvalue()


def refuse_no_files(split):
    """Keras takes all files where the share of validation comes to none, by a slice from -0 on; that is an error here, as it is in training."""
    def checked(samples, labels, share, subset):
        if share and int(share * len(samples)) == 0:
            raise ValueError("no files for validation")
        return split(samples, labels, share, subset)
    return checked


def directories(rng, what):
    """Without the shuffle of each epoch, which is tf.data's own, but with the order that comes before it."""
    for _ in range(10):
        classes = [str(c) for c in rng.permutation(["b", "a", "Z", "ä", ".hidden"])[: whole(rng, 3, 5)]]
        files = {}
        for c in classes:
            for i in range(whole(rng, 1, 4)):
                suffix = str(rng.choice(["png", "bmp", "jpg", "PNG"])) if what == "image" else "txt"
                name = f"{c}/{str(rng.choice(['', 'sub/', 'x.d/']))}{whole(rng, 0, 99)}.{suffix}"
                files[name] = image(rng, suffix.lower()) if what == "image" else bytes(rng.choice(list(b"ab c\nd"), whole(rng, 0, 12)).tolist())
        files["top.txt"] = b"not in a class"
        o = {"label_mode": str(rng.choice(["int", "categorical", "binary", "none"])), "batch_size": whole(rng, 1, 4), "shuffle": bool(rng.integers(2))}
        visible = sorted(c for c in classes if c[0] != ".")
        if o["label_mode"] == "binary" or o["label_mode"] != "none" and rng.integers(2):
            o["class_names"] = [str(c) for c in rng.permutation(visible)[:2]]
        if rng.integers(2):
            o |= {"validation_split": float(rng.choice([0.2, 0.4, 0.5])), "subset": str(rng.choice(["training", "validation"]))}
        o["seed"] = whole(rng, 0, 2**31)
        if what == "image":
            o |= {"image_size": [whole(rng, 3, 8), whole(rng, 3, 8)], "color_mode": "rgb" if any(f.endswith("jpg") for f in files) else str(rng.choice(["rgb", "rgba"])),
                  "interpolation": str(rng.choice(["bilinear", "nearest", "area"])), **({str(rng.choice(["crop_to_aspect_ratio", "pad_to_aspect_ratio"])): True} if rng.integers(2) else {})}
        elif rng.integers(2):
            o["max_length"] = whole(rng, 1, 6)
        case = {"what": what, "files": {k: base64.b64encode(v).decode() for k, v in files.items()}, **o}
        with tempfile.TemporaryDirectory() as d:
            for name, content in files.items():
                path = pathlib.Path(d, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            load = keras.utils.image_dataset_from_directory if what == "image" else keras.utils.text_dataset_from_directory
            module = keras.src.utils.image_dataset_utils if what == "image" else keras.src.utils.text_dataset_utils
            tell = module.paths_and_labels_to_dataset
            module.paths_and_labels_to_dataset = lambda *args, **kw: tell(*args, **(kw | {"shuffle": False}))
            try:
                ds = load(d, verbose=False, **(o | {"label_mode": None if o["label_mode"] == "none" else o["label_mode"]}))
            except ValueError:
                yield case | {"refused": True}
                continue
            finally:
                module.paths_and_labels_to_dataset = tell
            paths = [os.path.relpath(p, d) for p in getattr(ds, "file_paths", [])]
            yield case | {"paths": paths, "classes": ds.class_names, "elements": elements(ds)}


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=5)
parser.add_argument("--out", default=OUT)
args = parser.parse_args()
rng = np.random.default_rng(args.seed)
series = timeseries(rng)
dataset_utils.get_training_or_validation_split = refuse_no_files(dataset_utils.get_training_or_validation_split)
answers = {
    "pipelines": list(pipelines(rng)),
    "ragged": list(ragged(rng)),
    "timeseries": [next(series) for _ in range(40)],
    "directories": list(directories(rng, "image")) + list(directories(rng, "text")),
}
os.makedirs(os.path.dirname(args.out), exist_ok=True)
with gzip.GzipFile(args.out, "wb", mtime=0) as f:
    f.write(json.dumps(answers, separators=(",", ":")).encode())

"""Draws arguments of every preparation layer for numbers and text, nasty data included, and asks Keras what it makes of it.

python preparation.py              writes layers/testdata/preparation.json.gz and keras/testdata/preparation/*
python preparation.py --seed 7     the same with fresh draws; --out DIR writes below another directory
python preparation.py --check DIR  opens what go test ./keras -run Preparation -write DIR wrote, and compares predictions

What Keras refuses has no output: Go has to refuse it too.
"""

import argparse
import base64
import gzip
import json
import os
import pathlib
import re
import zipfile

os.environ["KERAS_BACKEND"] = "tensorflow"  # Text is TensorFlow's.
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
from keras import layers

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WORDS = [
    "", "a", "b", "A", "B", "cat", "Cat", "dog", "[UNK]", "é", "e\u0301", "É", "İ", "ı", "I", "i", "ß", "ſ", "😀", "👨‍👩‍👧", "שלום", "عربي", "a b",
    "\u00a0", "x\u00a0y", "\u2003", "hello,", "World!", "don't", "-1", "0", "\t", "tab\ttab", "line\nline", "\x1c", "«quoted»", "¿qué?", "a_b", "～",
    "Ünïcödé", "中文字", "한글", "\u200d", "x" * 70, "Y" * 33,
]
BROKEN = [b"\xff", b"\xe2\x82", b"a\xc3", b"\xf0\x9f\x98z", b"\xed\xa0\x80", b"\x00", b"a\x00b", b"\xf4\x90\x80\x80", b"\xe0\x80\x80"]
NUMBERS = [0, 1, 2, 3, 5, 7, 10, 11, 100, -1, -2, -7, 2**31 - 1, -(2**31), 1000000007]


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

    def some(self, values, n):
        """n different values."""
        return [values[i] for i in self.rng.permutation(len(values))[:n]]

    def maybe(self, kwargs, name, values, p=0.4):
        if self.chance(p):
            kwargs[name] = self.one(values)

    def shape(self, low=1, high=2):
        shape = [self.size(1, 4) for _ in range(self.size(low, high))]
        if len(shape) > 1 and self.chance(0.3):
            shape[-1] = 1
        return shape

    def texts(self, shape, pool):
        flat = np.empty(int(np.prod(shape)), dtype=object)
        flat[:] = [self.one(pool) for _ in range(flat.size)]
        return flat.reshape(shape)

    def integers(self, shape, pool):
        return np.array([self.one(pool) for _ in range(int(np.prod(shape)))], dtype="int64").reshape(shape)

    def floats(self, shape, special=True):
        x = np.round(self.rng.normal(size=shape) * 4, 2).astype("float32")
        if special:
            pool = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e30, -1.0]
            hit = self.rng.random(size=shape) < 0.15
            x[hit] = [self.one(pool) for _ in range(int(hit.sum()))]
        return x

    def sentence(self):
        words = [self.one(WORDS) for _ in range(self.size(0, 6))]
        return self.one([" ", "  ", "\t", " \n"]).join(words)


def raw(s):
    return s.encode() if isinstance(s, str) else s


def pack(x):
    if x is None:
        return None
    if isinstance(x, tf.Tensor):
        x = x.numpy()
    x = np.asarray(x)
    out = {"shape": list(x.shape)}
    if x.dtype.kind in "OSU":
        texts = x.reshape(-1).tolist()
        return out | {"type": "s", "texts": [base64.b64encode(raw(s)).decode() for s in texts]}
    kind = {"f": "f", "i": "i", "u": "i", "b": "i"}[x.dtype.kind]
    if kind == "i" and x.size and (x.max() > 2**31 - 1 or x.min() < -(2**31)):
        kind = "l"
    return out | {"type": kind, "data": base64.b64encode(x.astype({"f": "<f4", "i": "<i4", "l": "<i8"}[kind]).tobytes()).decode()}


def tensor(x):
    """An array as TensorFlow takes it; NumPy would drop zeros at the end of texts."""
    if x.dtype == object:
        return tf.reshape(tf.constant([raw(s) for s in x.reshape(-1)], dtype=tf.string), x.shape)
    return tf.constant(x)


def modes(d, kwargs, names):
    d.maybe(kwargs, "output_mode", names, 0.7)


def rescaling(d):
    c = d.size(1, 4)
    x = d.floats(d.shape(0, 2) + [c], special=False)
    kwargs = {"scale": d.one([1 / 255, -2.5, [round(float(v), 2) for v in d.rng.normal(size=c)]])}
    d.maybe(kwargs, "offset", [0.5, [round(float(v), 2) for v in d.rng.normal(size=c)]])
    return kwargs, None, [x if d.chance() else x.astype("int32")]


def normalization(d):
    shape = [d.size(1, 4) for _ in range(d.size(2, 3))]
    axis = d.one([None, -1, 1, (), (1,), tuple(range(1, len(shape)))])
    kwargs = {"axis": axis} if d.chance(0.8) else {}
    d.maybe(kwargs, "invert", [True])
    axes = (kwargs.get("axis", -1),) if not isinstance(kwargs.get("axis", -1), (tuple, type(None))) else (kwargs["axis"] or ())
    sizes = [shape[a] for a in axes]
    draw = lambda: [d.floats([d.size(1, 5)] + shape[1:], special=False) for _ in range(d.size(1, 3))]
    if d.chance(0.4):
        given = d.one([[], sizes[-1:], sizes, [1] * len(sizes)]) if sizes else []
        kwargs["mean"] = np.round(d.rng.normal(size=given), 2).tolist()
        kwargs["variance"] = np.round(d.rng.random(size=given) * 3 * (d.rng.random(size=given) > 0.2), 2).tolist()
        batches = None
    else:
        batches = draw()
    return kwargs, batches, [d.floats(shape)]


def discretization(d):
    kwargs, batches = {}, None
    if d.chance():
        kwargs["bin_boundaries"] = np.sort(np.round(d.rng.normal(size=d.size(1, 5)) * 3, 1)).tolist()
    else:
        kwargs["num_bins"] = d.size(1, 12)
        d.maybe(kwargs, "epsilon", [0.1, 0.05, 0.5, 0.003])
        shapes = [[d.size(1, 300), d.size(1, 2)] for _ in range(d.size(1, 3))]
        batches = [d.floats(s, special=False) for s in shapes]
        if len(batches) > 1:  # How Keras sorts equal numbers of different weights is up to the machine.
            batches = [d.rng.normal(size=s).astype("float32") for s in shapes]
    modes(d, kwargs, ["int", "one_hot", "multi_hot", "count"])
    x = d.floats(d.shape(1, 3))
    return kwargs, batches, [x if d.chance(0.8) else np.nan_to_num(x, posinf=7, neginf=-7).clip(-1e6, 1e6).astype("int32")]


def category_encoding(d):
    kwargs = {"num_tokens": d.size(1, 6)}
    modes(d, kwargs, ["one_hot", "multi_hot", "count"])
    x = d.integers(d.shape(1, 3), range(kwargs["num_tokens"] + 2)).astype("int32")
    if kwargs.get("output_mode") == "count" and d.chance():
        return kwargs, None, [x, d.floats(x.shape, special=False)]
    return kwargs, None, [x]


def hashing(d):
    kwargs = {"num_bins": d.one([1, 2, 3, 10, 1000, 2**31 - 1])}
    d.maybe(kwargs, "salt", [133, [133, 137], [0, 2**40 + 1]], 0.5)
    if kwargs["num_bins"] <= 10:
        modes(d, kwargs, ["int", "one_hot", "multi_hot", "count"])
    high = 2 if kwargs.get("output_mode", "int") != "int" else 3
    shape = d.shape(1, high)
    kind = d.one(["text", "bytes", "int", "float"])
    if kind == "text":
        d.maybe(kwargs, "mask_value", ["", "a", "é"])
        x = d.texts(shape, WORDS + BROKEN)
    elif kind == "bytes":
        x = d.texts([8], [bytes(d.rng.integers(0, 256, size=d.size(0, 200)).astype("uint8")) for _ in range(8)])
    else:
        d.maybe(kwargs, "mask_value", [0, -1, 7])
        x = d.integers(shape, NUMBERS + [2**62, -(2**63)])
        if kind == "float":
            x = d.integers(shape, [0, 1, 7, -1, -9, 1234567]).astype("float32") + np.float32(d.one([0, 0.5]))
    return kwargs, None, [x]


def hashed_crossing(d):
    kwargs = {"num_bins": d.one([1, 2, 5, 1000])}
    if kwargs["num_bins"] < 10:
        modes(d, kwargs, ["int", "one_hot"])
    shape = d.one([[4], [3, 1]])
    draw = [lambda: d.texts(shape, WORDS + BROKEN), lambda: d.integers(shape, NUMBERS)]
    return kwargs, None, [d.one(draw)() for _ in range(d.size(2, 3))]


def lookup(d, pool, mask, foreign):
    """Arguments that lookups of text and numbers share, a vocabulary or data to learn it from, and inputs."""
    kwargs, batches = {}, None
    mode = d.one(["int", "int", "one_hot", "multi_hot", "count", "tf_idf"])
    kwargs["output_mode"] = mode
    d.maybe(kwargs, "num_oov_indices", [0, 1, 2, 5], 0.5)
    d.maybe(kwargs, "mask_token", mask, 0.5)
    oov = kwargs.get("num_oov_indices", 1)
    special = oov + ("mask_token" in kwargs and mode == "int")
    tokens = [t for t in d.some(pool, d.size(1, 8)) if t != kwargs.get("mask_token") and t not in ("[UNK]", -1)] or [pool[1]]
    if mode != "int" and d.chance(0.3) or d.chance(0.2):
        kwargs["max_tokens"] = max(2, special + d.size(1, 9))
        if mode not in ("int", "one_hot"):
            kwargs["pad_to_max_tokens"] = d.chance()
    invert = mode == "int" and d.chance(0.3)
    if invert:
        kwargs["invert"] = True
    if d.chance(0.4):
        tokens = tokens[: max(1, kwargs.get("max_tokens", 99) - special)]
        if d.chance(0.3):
            tokens = [kwargs.get("mask_token")] * (special - oov) + [d.default_oov] * oov + tokens
        kwargs["vocabulary"] = tokens
        if mode == "tf_idf":
            kwargs["idf_weights"] = np.round(d.rng.random(size=len(tokens)) * 2, 2).tolist()
    else:
        shape = d.one([[d.size(2, 9)], [d.size(1, 4), d.size(1, 5)]])
        batches = [d.draw(shape, tokens + mask + [d.default_oov]) for _ in range(d.size(1, 2))]
    if invert:
        return kwargs, batches, [d.integers(d.shape(1, 2), [0, 1, 2, 3, 4, 9, -1, 100])]
    return kwargs, batches, [d.draw(d.shape(1, 2), tokens + (foreign if oov or d.chance(0.2) else []))]


def string_lookup(d):
    d.default_oov, d.draw = "[UNK]", d.texts
    kwargs, batches, x = lookup(d, WORDS, ["", "a"], WORDS + BROKEN)
    d.maybe(kwargs, "salt", [5, [7, 9]], 0.3)
    return kwargs, batches, x


def integer_lookup(d):
    d.default_oov, d.draw = -1, d.integers
    kwargs, batches, x = lookup(d, NUMBERS, [0, 7], NUMBERS)
    if d.chance(0.3):
        kwargs["oov_method"] = "farmhash"
        d.maybe(kwargs, "salt", [5, [7, 9]])
    return kwargs, batches, x


def text_vectorization(d):
    kwargs, batches = {}, None
    d.maybe(kwargs, "standardize", [None, "lower", "strip_punctuation", "lower_and_strip_punctuation"], 0.6)
    d.maybe(kwargs, "split", [None, "character", "whitespace"], 0.6)
    d.maybe(kwargs, "ngrams", [1, 2, 3, (2,), (1, 3), (2, 1)], 0.4)
    mode = d.one(["int", "multi_hot", "count", "tf_idf"])
    kwargs["output_mode"] = mode
    if mode == "int":
        d.maybe(kwargs, "output_sequence_length", [1, 3, 8], 0.6)
    d.maybe(kwargs, "max_tokens", [3, 5, 20], 0.4)
    if mode != "int" and "max_tokens" in kwargs:
        kwargs["pad_to_max_tokens"] = d.chance()
    whole = "split" in kwargs and kwargs["split"] is None
    def draw(n):
        if whole:
            return d.texts([n, d.size(3, 5)], WORDS)
        return d.texts(d.one([[n], [n, 1]]), [d.sentence() for _ in range(5)])
    if d.chance(0.3):
        words = [w for w in d.some(["a", "b", "cat", "é", "😀", "a b", "dont", "hello"], 4) if w]
        words = words[: kwargs.get("max_tokens", 99) - (2 if mode == "int" else 1)]
        kwargs["vocabulary"] = words
        if mode == "tf_idf":
            kwargs["idf_weights"] = np.round(d.rng.random(size=len(words)) * 2, 2).tolist()
    else:
        batches = [draw(d.size(2, 5)) for _ in range(d.size(1, 2))]
        batches[0].reshape(-1)[0] = "a cat, a Dog"
    x = draw(d.size(1, 4))
    if not whole:
        x.reshape(-1)[0] = b"hello \xffworld\xe2\x82" if d.chance(0.3) else "Don't cat! a"
    return kwargs, batches, [x]


CLASSES = {
    "Rescaling": rescaling, "Normalization": normalization, "Discretization": discretization, "CategoryEncoding": category_encoding,
    "Hashing": hashing, "HashedCrossing": hashed_crossing, "StringLookup": string_lookup, "IntegerLookup": integer_lookup,
    "TextVectorization": text_vectorization,
}
DRAWS = {"StringLookup": 40, "IntegerLookup": 40, "TextVectorization": 50, "Hashing": 30}


def learn(layer, batches):
    """Adapts to an array, or to several as batches."""
    batches = [tensor(b) for b in batches]
    layer.adapt(batches[0] if len(batches) == 1 else iter(batches))


def case(seed, i, name):
    d = Draw(seed, i, list(CLASSES).index(name))
    kwargs, batches, inputs = CLASSES[name](d)
    out = {"name": f"{name} {i}", "class": name, "inputs": [pack(x) for x in inputs], "adapt": [pack(b) for b in batches or []]}
    try:
        layer = getattr(layers, name)(**kwargs)
        out["config"] = keras.saving.serialize_keras_object(layer)
        if batches:
            learn(layer, batches)
        xs = [tensor(x) for x in inputs]
        y = layer(xs if name == "HashedCrossing" else xs[0], **({"count_weights": xs[1]} if name == "CategoryEncoding" and len(xs) > 1 else {}))
        if isinstance(y, (tf.RaggedTensor,)):
            raise ValueError("ragged")
        if name.endswith("Lookup") and kwargs.get("output_mode", "int") != "int" or name == "TextVectorization" and kwargs["output_mode"] != "int":
            y = tf.cast(y, "float32")  # as their compute_output_spec says
        out["output"] = pack(y)
        if hasattr(layer, "get_vocabulary"):
            tokens = layer.get_vocabulary()
            out["tokens"] = [base64.b64encode(str(t).encode()).decode() for t in tokens]
        if name == "Discretization" and batches:
            out["boundaries"] = layer.bin_boundaries
        if name == "Normalization" and batches:
            out["moments"] = [pack(layer.adapt_mean.numpy().reshape(-1)), pack(layer.adapt_variance.numpy().reshape(-1))]
    except Exception as e:  # Whatever Keras refuses.
        out["error"] = f"{type(e).__name__}: {e}"[:200]
        out.setdefault("config", {"module": "keras.layers", "class_name": name, "config": json.loads(json.dumps(kwargs)), "registered_name": None})
    return out


def characters(seed):
    """Texts that are cut into characters, broken ones above all."""
    d = Draw(seed, 99)
    parts = [b"\xf0", b"\x9f", b"\x98", b"\x80", b"\xe2", b"\x82", b"\xac", b"\xed", b"\xa0", b"\xc0", b"\xc3", b"\xa9", b"a", b"\xf4", b"\x90", b"\xff", b"\xe0"]
    texts = BROKEN + ["e\u0301".encode(), "👨‍👩‍👧".encode()] + [b"".join(d.one(parts) for _ in range(d.size(1, 6))) for _ in range(60)]
    cut = tf.strings.unicode_split(texts, "UTF-8").to_list()
    b64 = lambda b: base64.b64encode(b).decode()
    return [{"text": b64(t), "characters": [b64(c) for c in cs]} for t, cs in zip(texts, cut)]


def models(seed):
    """Two models of all layers, adapted, with an input and the predictions."""
    d = Draw(seed, 100)
    corpus = np.array(["the cat sat", "the DOG sat down!", "é 😀 the end", "a cat, a dog"], dtype=object)
    rows = d.rng.normal(size=(6, 3)).astype("float32")
    words = np.array([["red", "grün"], ["blau", "red"], ["red", "blau"]], dtype=object)
    ids = d.integers([5, 2], NUMBERS)
    text, number, colour, code = (keras.Input(s, dtype=t) for s, t in [((1,), "string"), ((3,), "float32"), ((2,), "string"), ((2,), "int32")])
    made = []
    for mode in ("int", "multi_hot", "tf_idf"):
        tv = layers.TextVectorization(output_mode=mode, **({"output_sequence_length": 5} if mode == "int" else {"ngrams": 2}))
        tv.adapt(corpus.astype(str))
        sl = layers.StringLookup(output_mode=mode, num_oov_indices=2)
        sl.adapt(words.astype(str))
        il = layers.IntegerLookup(output_mode=mode, max_tokens=6)
        il.adapt(ids)
        made += [tv(text), sl(colour), il(code)]
    no, di = layers.Normalization(), layers.Discretization(num_bins=3, epsilon=0.05)
    no.adapt(rows)
    di.adapt(rows)
    lookups, made = made, [no(number), layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[1.0, 4.0, 0.0])(number), di(number), layers.Rescaling(0.5, [1.0, 2.0, 3.0])(number)]
    made += [layers.Hashing(num_bins=7, mask_value="red")(colour), layers.Hashing(num_bins=4, salt=[1, 2], output_mode="count")(code)]
    made += [layers.CategoryEncoding(num_tokens=4)(code)]
    x = [
        np.array([["the cat, the dog"], [""], ["é a 😀 unknown end sat down"]], dtype=object), rows[:3],
        np.array([["red", "rot"], ["", "grün"], ["blau", "blau"]], dtype=object), d.integers([3, 2], [0, 1, 2, 3]).astype("int32"),
    ]
    for name, outputs in (("lookups", lookups), ("numbers", made)):
        m = keras.Model([text, number, colour, code], outputs)
        yield name, m, {"inputs": [pack(a) for a in x], "outputs": [pack(a) for a in m([tensor(a) for a in x])]}


def unpack(a):
    if a["type"] == "s":
        return tf.reshape(tf.constant([base64.b64decode(s) for s in a["texts"]]), a["shape"])
    kind = {"f": "<f4", "i": "<i4", "l": "<i8"}[a["type"]]
    return np.frombuffer(base64.b64decode(a["data"]), kind).reshape(a["shape"])


def check(folder):
    for path in sorted(pathlib.Path(folder).glob("*.keras")):
        said = json.loads(path.with_suffix(".json").read_text())
        m = keras.models.load_model(path)
        x = [tf.constant(unpack(a)) for a in said["inputs"]]
        y = m(x if len(x) > 1 else x[0])
        y = y if isinstance(y, (list, tuple)) else [y]
        for i, (got, want) in enumerate(zip(y, said["outputs"], strict=True)):
            np.testing.assert_allclose(np.asarray(got), unpack(want), rtol=1e-5, atol=1e-6, err_msg=f"{path.name}, output {i}")
        m.save(path.with_suffix(".again.keras"))
        path.with_suffix(".again.keras").unlink()
        print(path.name, "opened", len(said["outputs"]), "outputs")


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z:
        z.write(json.dumps(value).encode())


def undated(path):
    """Takes the time out of a file, so that writing it again leaves it as it is."""
    with zipfile.ZipFile(path) as z:
        members = [(name, z.read(name)) for name in z.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members:
            if name == "metadata.json":
                data = json.dumps(json.loads(data) | {"date_saved": "2026-01-01@00:00:00"}).encode()
            if name == "config.json":
                data = re.sub(rb', "shared_object_id": \d+', b"", data)
            z.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--out", type=pathlib.Path, default=ROOT)
    p.add_argument("--check")
    o = p.parse_args()
    if o.check:
        return check(o.check)
    keras.utils.set_random_seed(o.seed)
    keras.config.enable_unsafe_deserialization()
    cases = [case(o.seed, i, name) for name in CLASSES for i in range(DRAWS.get(name, 25))]
    write(o.out / "layers" / "testdata" / "preparation.json.gz", {"cases": cases, "characters": characters(o.seed)})
    keras.backend.clear_session()
    folder = o.out / "keras" / "testdata" / "preparation"
    for name, m, said in models(o.seed):
        write(folder / (name + ".json.gz"), said)
        m.save(folder / (name + ".keras"))
        undated(folder / (name + ".keras"))


if __name__ == "__main__":
    main()

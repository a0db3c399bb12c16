"""Asks scikit-learn for what its transformers learn and make, pandas for what is in CSV files, and Keras for its utilities.

Draws all arguments and data at random. Writes keras/preprocessing/testdata: preprocessing.json.gz, picture.png and picture.jpg.
"""

import argparse
import csv
import gzip
import io
import json
import math
import os
import tempfile
import warnings

import keras
import numpy as np
import pandas as pd
from keras.src.backend import tensorflow as tensorflow_backend
from PIL import Image
from sklearn import compose, impute, model_selection, pipeline, preprocessing

OUT = os.path.join(os.path.dirname(__file__), "../../keras/preprocessing/testdata")
MODULE = "gokeras.preprocessing"
WORDS = ["red", "green", "blue", "Grün", "青", "a,b", 'say "x"', " padded", "Z", "é", "e\u0301"]
warnings.simplefilter("ignore")
parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=4)
rng = np.random.default_rng(parser.parse_args().seed)


def one_of(*choices):
    return choices[rng.integers(len(choices))]


def maybe(p=0.5):
    return bool(rng.random() < p)


def absent(v):
    return v is None or (isinstance(v, float) and math.isnan(v))


def plain(v):
    """A number of nine digits, null for NaN."""
    v = float(v)
    return None if math.isnan(v) else float(f"{v:.9g}")


def array(a, texts=False):
    a = np.asarray(keras.ops.convert_to_numpy(a) if not isinstance(a, np.ndarray) else a)
    flat = a.ravel().tolist()
    if texts or any(isinstance(v, str) for v in flat):
        return {"shape": a.shape, "texts": ["" if absent(v) else v for v in flat]}
    return {"shape": a.shape, "numbers": [None if v is None else plain(v) for v in flat]}


def thing(cls, **config):
    return {"module": MODULE, "class_name": cls, "config": {k: v for k, v in config.items() if v is not None}, "registered_name": None}


def categories(values):
    known = [v for v in values if not absent(v)]
    config = {}
    if known:
        config["texts" if isinstance(known[0], str) else "numbers"] = known
    if len(known) < len(values):
        config["missing"] = True
    return thing("Categories", **config)


# Numbers and texts to learn from.


def features(rows, width, nan):
    """Columns of different kinds: of a deviation, of a few values, constant, whole numbers far from zero."""
    x = np.empty((rows, width))
    for k in range(width):
        kind = rng.integers(5)
        if kind == 0:
            x[:, k] = one_of(0.1, -7.0, 0.0, 1e6)
        elif kind == 1:
            x[:, k] = rng.choice([-1.5, 0, 0.25, 3], rows)
        elif kind == 2:
            x[:, k] = rng.integers(1000, 1100, rows)
        else:
            x[:, k] = np.round(rng.normal(size=rows) * 10.0 ** rng.integers(-3, 4) + one_of(0, 50, -2), 5)
    return holes(x, nan) if nan else x


def holes(x, nan):
    """Misses values, never a whole column."""
    gone = rng.random(x.shape) < nan
    gone[rng.integers(len(x)), :] = False
    x = x.copy()
    x[gone] = np.nan  # Among texts, too: None would be a category like any other.
    return x


def size():
    return int(rng.integers(2, 25)), int(rng.integers(1, 5))


def values_of(rows, width, texts, missing):
    """Categorical features."""
    x = np.empty((rows, width), dtype=object if texts else float)
    for k in range(width):
        n = int(rng.integers(1, 6))
        x[:, k] = rng.choice(rng.choice(WORDS, n, replace=False), rows) if texts else rng.choice(rng.integers(-4, 5, n) / 2, rows)
    return holes(x, 0.2) if missing else x


def rows_again(x, strange):
    """Rows that mix the values of x, with some that it lacks where strange."""
    n = int(rng.integers(1, 9))
    z = np.stack([rng.choice(x[:, k], n) for k in range(x.shape[1])], axis=1).astype(x.dtype)
    if strange:
        z[rng.random(z.shape) < 0.3] = "unheard" if x.dtype == object else 99.0
    return z


def case(model, config, x, z, learned, inverse=True):
    model.fit(x)
    out = model.transform(z)
    texts = x.dtype == object
    c = {"config": config, "x": array(x, texts), "z": array(z, texts), "out": array(out),
         "learned": {k: learned_value(getattr(model, v)) for k, v in learned.items()}}
    if inverse:
        c["inverse"] = array(np.asarray(model.inverse_transform(out)), texts)
    return c


def learned_value(v):
    if isinstance(v, list):
        return [categories(list(e)) for e in v]
    v = np.asarray(v)
    return [e if isinstance(e, str) else plain(e) for e in v.tolist()]


def scaler():
    rows, width = size()
    nan = one_of(0, 0.2)
    x, z = features(rows, width, nan), features(int(rng.integers(1, 9)), width, nan)
    kind = rng.integers(4)
    if kind == 0:
        mean, std = maybe(0.8), maybe(0.8)
        return case(preprocessing.StandardScaler(with_mean=mean, with_std=std), thing("StandardScaler", with_mean=mean, with_std=std), x, z,
                    ({"mean": "mean_"} if mean else {}) | ({"scale": "scale_"} if std else {}))
    if kind == 1:
        feature_range, clip = one_of((0, 1), (-1, 1), (2.5, 10)), maybe()
        return case(preprocessing.MinMaxScaler(feature_range=feature_range, clip=clip), thing("MinMaxScaler", feature_range=feature_range, clip=clip), x, z,
                    {"min": "min_", "scale": "scale_", "data_min": "data_min_", "data_max": "data_max_"})
    if kind == 2:
        clip = maybe()
        return case(preprocessing.MaxAbsScaler(clip=clip), thing("MaxAbsScaler", clip=clip), x, z, {"scale": "scale_"})
    centering, scaling, unit, quantiles = maybe(0.8), maybe(0.8), maybe(), one_of((25.0, 75.0), (10.0, 90.0), (5.0, 60.0))
    return case(preprocessing.RobustScaler(with_centering=centering, with_scaling=scaling, unit_variance=unit, quantile_range=quantiles),
                thing("RobustScaler", with_centering=centering, with_scaling=scaling, unit_variance=unit, quantile_range=quantiles), x, z,
                ({"center": "center_"} if centering else {}) | ({"scale": "scale_"} if scaling else {}))


def imputer():
    rows, width = size()
    if maybe(0.3):
        strategy, fill = one_of("most_frequent", "constant"), one_of(None, "nothing")
        x = values_of(rows, width, True, True)
        return case(impute.SimpleImputer(strategy=strategy, fill_value=fill),
                    thing("SimpleImputer", strategy=strategy, fill_text=fill), x, holes(rows_again(x, False), 0.4), {"statistic_texts": "statistics_"}, False)
    strategy, fill, indicator = one_of("mean", "median", "most_frequent", "constant"), one_of(None, 0.0, -1.5), maybe()
    x, z = features(rows, width, 0.25), features(int(rng.integers(1, 9)), width, 0)
    missing = one_of(None, -99.0)
    learned = impute.SimpleImputer(add_indicator=True).fit(x).indicator_.features_
    z[:, learned] = holes(z[:, learned], 0.5) if len(learned) else z[:, learned]
    if missing is not None:
        x, z = np.nan_to_num(x, nan=missing), np.nan_to_num(z, nan=missing)
    model = impute.SimpleImputer(missing_values=np.nan if missing is None else missing, strategy=strategy, fill_value=fill if strategy == "constant" else None,
                                 add_indicator=indicator)
    config = thing("SimpleImputer", strategy=strategy, missing_values=missing, fill_value=fill if strategy == "constant" else None, add_indicator=indicator)
    return case(model, config, x, z, {"statistics": "statistics_"}, False)


def given_categories(x):
    """All categories of each feature and one more, texts in any order."""
    given = []
    for k in range(x.shape[1]):
        known = sorted({v for v in x[:, k] if not absent(v)})
        known = known + (["further"] if x.dtype == object else [50.0])
        if x.dtype == object:
            known = [str(v) for v in rng.permutation(known)]
        if any(absent(v) for v in x[:, k]):
            known.append(float("nan"))
        given.append(known)
    return given


def as_arrays(given, x):
    return "auto" if given is None else [np.array(g, dtype=x.dtype) for g in given]


def one_hot():
    texts, missing, ignore, drop = maybe(), maybe(), maybe(), one_of(None, None, "first", "if_binary")
    x = values_of(*size(), texts, missing)
    given = given_categories(x) if maybe(0.3) else None
    if drop == "first" and given is None:
        x[0, 0], x[-1, 0] = ("one", "two") if texts else (1.0, 2.0)  # Else nothing may be left.
    unknown = "ignore" if ignore else "error"
    model = preprocessing.OneHotEncoder(categories=as_arrays(given, x), drop=drop, handle_unknown=unknown, sparse_output=False)
    config = thing("OneHotEncoder", categories=given and [categories(g) for g in given], drop=drop, handle_unknown=unknown)
    return case(model, config, x, rows_again(x, ignore), {"fitted": "categories_"})


def ordinal():
    texts, missing, use, unknown, gone = maybe(), maybe(), maybe(), one_of(float("nan"), -1, 70), one_of(float("nan"), -2, 80)
    x = values_of(*size(), texts, missing)
    given = given_categories(x) if maybe(0.4) else None
    handle = "use_encoded_value" if use else "error"
    model = preprocessing.OrdinalEncoder(categories=as_arrays(given, x), handle_unknown=handle, unknown_value=unknown if use else None,
                                         encoded_missing_value=gone)
    config = thing("OrdinalEncoder", categories=given and [categories(g) for g in given], handle_unknown=handle,
                   unknown_value=unknown if use and not absent(unknown) else None, encoded_missing_value=None if absent(gone) else gone)
    return case(model, config, x, rows_again(x, use), {"fitted": "categories_"})


def chain():
    rows, width = size()
    x, z = features(rows, width, 0.2), features(int(rng.integers(1, 9)), width, 0.2)
    model = pipeline.make_pipeline(preprocessing.StandardScaler(), preprocessing.MinMaxScaler())
    return case(model, thing("Pipeline", steps=[thing("StandardScaler"), thing("MinMaxScaler")]), x, z, {})


def labels():
    y = rng.choice(rng.choice(WORDS, 4, replace=False), int(rng.integers(1, 15))) if maybe() else rng.choice([3.0, -1.0, 10.0, 0.5], int(rng.integers(1, 15)))
    e = preprocessing.LabelEncoder()
    codes = e.fit_transform(y)
    return {"y": array(y), "codes": codes.tolist(), "classes": array(e.classes_)}


def table():
    """A frame of mixed columns, as Columns transforms it."""
    rows = int(rng.integers(4, 30))
    frame = pd.DataFrame({"a": features(rows, 1, 0.2)[:, 0], "b": features(rows, 1, 0)[:, 0], "word": values_of(rows, 1, True, True)[:, 0],
                          "c": features(rows, 1, 0.2)[:, 0], "sort": values_of(rows, 1, True, False)[:, 0], "d": features(rows, 1, 0)[:, 0]})
    frame["word"] = frame["word"].astype(object)  # Misses values as NaN.
    frame["sort"] = frame["sort"].astype(object)
    rest = one_of("drop", "passthrough")
    strategy, indicator = one_of("mean", "median"), maybe()
    model = compose.ColumnTransformer([
        ("numbers", pipeline.make_pipeline(impute.SimpleImputer(strategy=strategy, add_indicator=indicator), preprocessing.StandardScaler()), ["c", "a"]),
        ("words", pipeline.make_pipeline(impute.SimpleImputer(strategy="most_frequent"),
                                         preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False)), ["word", "sort"]),
        ("as_is", "passthrough", ["b"]),
    ], remainder=rest)
    config = thing("Columns", remainder=rest, steps=[
        thing("ColumnStep", name="numbers", columns=["c", "a"],
              transformer=thing("Pipeline", steps=[thing("SimpleImputer", strategy=strategy, add_indicator=indicator), thing("StandardScaler")])),
        thing("ColumnStep", name="words", columns=["word", "sort"],
              transformer=thing("Pipeline", steps=[thing("SimpleImputer", strategy="most_frequent"), thing("OneHotEncoder", handle_unknown="ignore")])),
        thing("ColumnStep", name="as_is", columns=["b"]),
    ])
    columns = [{"name": n} | array(frame[n].to_numpy(), frame[n].dtype == object) for n in frame]
    out = np.asarray(model.fit_transform(frame), dtype=float)
    return {"config": config, "columns": columns, "out": array(out), "names": model.get_feature_names_out().tolist()}


# CSV files.


def cell(kind):
    if kind == "number":
        return one_of(str(rng.integers(-5, 1000)), f"{rng.normal():.6g}", "1e-3", "-0", "+7", ".5", "5.", "1E5", "", "NA", "NaN", "?")
    if kind == "missing":
        return one_of("", "NA", "NaN", "?")
    return one_of(*WORDS, "", "NA", "?", "2 lines\nhere", "1.5.2", "0x10", "1_000", "x" * 40, "12")


def csv_file():
    kinds = [one_of("number", "text", "number", "missing") for _ in range(int(rng.integers(2, 6)))]
    names = [one_of("", "größe ", "x,") + f"column {i}" for i in range(len(kinds))]
    separator, end, bom, header = one_of(",", ";", "\t", "|"), one_of("\n", "\r\n"), maybe(0.3), maybe(0.8)
    f = io.StringIO()
    w = csv.writer(f, delimiter=separator, lineterminator=end, quoting=one_of(csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    if header:
        w.writerow(names)
    rows = [[cell(k) for k in kinds] for _ in range(int(rng.integers(1, 12)))]
    w.writerows(rows)
    text = f.getvalue()
    if maybe(0.3) and text.endswith(end):
        text = text[: -len(end)]
    text = ("\ufeff" if bom else "") + text
    frame = pd.read_csv(io.BytesIO(text.encode()), sep=separator, header=0 if header else None, keep_default_na=False, na_values=["", "NA", "NaN", "?"],
                        float_precision="round_trip", encoding="utf-8-sig")
    columns = []
    for name in frame:
        v = frame[name].to_numpy()
        texts = v.dtype.kind not in "if"
        columns.append({"name": str(name).strip(), "texts": ["" if absent(e) or e is pd.NA else str(e).replace("\r\n", "\n") for e in v.tolist()]} if texts
                       else {"name": str(name).strip(), "numbers": [None if math.isnan(e) else float(e) for e in v.tolist()]})
    return {"text": text, "separator": separator, "header": header, "columns": columns}


# Keras's utilities.


def padded():
    sequences = [rng.integers(1, 100, int(rng.integers(0, 7))).tolist() for _ in range(int(rng.integers(1, 6)))] + [[5]]
    o = {"maxlen": one_of(None, 1, 3, 9), "padding": one_of("pre", "post"), "truncating": one_of("pre", "post"), "value": int(one_of(0, -1, 7))}
    return {"sequences": sequences, "out": array(keras.utils.pad_sequences(sequences, **o)), **o}


def normalized():
    rank = int(rng.integers(1, 4))
    x = np.round(rng.normal(size=rng.integers(1, 5, rank)), 3)
    x[rng.random(x.shape) < 0.1] = 0
    axis = int(rng.integers(-rank, rank))
    order = one_of(2, 1, 3, 0.5)
    # The branch for NumPy arrays confuses axes when they are not the last.
    out = keras.utils.normalize(x, axis=-1, order=order) if axis in (-1, rank - 1) else np.moveaxis(
        keras.utils.normalize(np.moveaxis(x, axis, -1), axis=-1, order=order), -1, axis)
    return {"x": array(x), "axis": axis, "order": order, "out": array(out.reshape(x.shape))}  # Of one axis it makes two.


def categorical():
    y = one_of(rng.integers(0, 5, 7), rng.integers(0, 5, (7, 1)), rng.integers(0, 5, (3, 4)), rng.integers(0, 3, (2, 3, 1)))
    n = one_of(None, 6)
    return {"labels": array(y), "classes": n, "hot": array(keras.utils.to_categorical(y, n))}


def share(n):
    return one_of(0, 0, float(np.round(rng.uniform(0.05, 0.95), 2)), int(rng.integers(1, n + 1)), float(np.round(rng.uniform(0.05, 0.6), 2)))


def python_size(s):
    return None if s == 0 else s


def split():
    """The sizes of train_test_split; null where it refuses them."""
    n = int(rng.integers(2, 60))
    test, train = share(n), share(n)
    c = {"n": n, "test": test, "train": train, "sizes": None}
    try:
        a, b = model_selection.train_test_split(np.arange(n), test_size=python_size(test), train_size=python_size(train), random_state=0)
        c["sizes"] = [len(a), len(b)]
    except ValueError:
        pass
    return c


def stratified():
    """How many of each label both sets get, the least and the most over the ways to break ties; null where it is refused."""
    y = rng.permutation(np.repeat(np.arange(4), rng.integers(1 if maybe(0.1) else 2, 20, 4)))
    test, train = share(len(y)), share(len(y))
    c = {"labels": y.tolist(), "test": test, "train": train, "counts": None}
    try:
        all_counts = []
        for state in range(25):
            parts = model_selection.train_test_split(y, test_size=python_size(test), train_size=python_size(train), random_state=state, stratify=y)
            all_counts.append([np.bincount(p, minlength=4).tolist() for p in parts])
        c["counts"] = [np.min(all_counts, axis=0).tolist(), np.max(all_counts, axis=0).tolist()]
    except ValueError:
        pass
    return c


def halves():
    n = int(rng.integers(2, 40))
    left, right = share(n), share(n)
    c = {"n": n, "left": left, "right": right, "out": None}
    try:
        l, r = keras.utils.split_dataset(np.arange(n), left_size=python_size(left), right_size=python_size(right), preferred_backend="tensorflow")
        c["out"] = [[int(v) for v in l], [int(v) for v in r]]
    except ValueError:
        pass
    return c


def picture():
    name = one_of("picture.png", "picture.jpg")
    o = {"color_mode": one_of("rgb", "rgba", "grayscale"), "target_size": one_of(None, (4, 7), (20, 9), (13, 13)),
         "interpolation": one_of("nearest", "bilinear", "bicubic", "box", "hamming", "lanczos"), "keep_aspect_ratio": maybe()}
    data_format = one_of("channels_last", "channels_first")
    image = keras.utils.img_to_array(keras.utils.load_img(os.path.join(OUT, name), **o), data_format=data_format)
    return {"file": name, "data_format": data_format, "out": array(image), **o}


def drawn():
    """What array_to_img makes of an array."""
    data_format, scale, channels = one_of("channels_last", "channels_first"), maybe(), int(one_of(1, 3, 4))
    x = np.round(rng.uniform(0, 255, (3, 4, channels)) * one_of(1, 1e-3 if scale else 1), 3).astype("float32")
    out = np.asarray(keras.utils.array_to_img(x if data_format == "channels_last" else x.transpose(2, 0, 1), data_format=data_format, scale=scale))
    return {"x": array(x if data_format == "channels_last" else x.transpose(2, 0, 1)), "data_format": data_format, "scale": scale,
            "out": array(out.reshape(3, 4, channels))}


def resized():
    data_format = one_of("channels_last", "channels_first")
    shape = ([2] if maybe() else []) + [int(rng.integers(1, 9)), int(rng.integers(1, 9)), int(rng.integers(1, 4))]
    x = np.round(rng.uniform(0, 255, shape), 1).astype("float32")
    if data_format == "channels_first":
        x = np.moveaxis(x, -1, -3)
    target, interpolation = [int(rng.integers(1, 9)), int(rng.integers(1, 9))], one_of("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")
    out = keras.preprocessing.image.smart_resize(x, target, interpolation, data_format, backend_module=tensorflow_backend)
    return {"x": array(x), "size": target, "interpolation": interpolation, "data_format": data_format, "out": array(np.asarray(out))}


def pictures():
    y, x = np.mgrid[0:11, 0:17]
    wave = lambda f: 127 + 120 * np.sin(f * x + rng.uniform(0, 6)) * np.cos(0.3 * f * y + rng.uniform(0, 6))
    pixels = np.stack([wave(rng.uniform(0.1, 1)) for _ in range(4)], axis=-1).astype("uint8")
    Image.fromarray(pixels).save(os.path.join(OUT, "picture.png"))
    Image.fromarray(pixels[..., :3]).save(os.path.join(OUT, "picture.jpg"), quality=90)


pictures()
draws = {
    "transformers": [(scaler, 40), (imputer, 25), (one_hot, 30), (ordinal, 25), (chain, 6)], "labels": [(labels, 8)], "tables": [(table, 6)],
    "csv": [(csv_file, 30)], "padded": [(padded, 20)], "normalized": [(normalized, 20)], "categorical": [(categorical, 8)], "splits": [(split, 40)],
    "stratified": [(stratified, 30)], "halves": [(halves, 30)], "pictures": [(picture, 12)], "drawn": [(drawn, 8)], "resized": [(resized, 16)],
}
answers = {name: [draw() for draw, n in many for _ in range(n)] for name, many in draws.items()}
x = (rng.normal(size=(9, 4)) * [1, 10, 1e-3, 5] + [0, 100, 2, -3]).astype("float32")
layer = keras.layers.Normalization()
layer.adapt(x)
answers |= {"x": array(x), "scaled": array(layer(x))}
with open(os.path.join(OUT, "preprocessing.json.gz"), "wb") as f:
    f.write(gzip.compress(json.dumps(answers, separators=(",", ":"), allow_nan=False, default=lambda v: v.item()).encode(), mtime=0))

"""Asks Keras what its layers for images do, over random shapes, formats, modes and types of numbers.

python image.py              writes layers/testdata/image.json.gz
python image.py --seed 7     the same with fresh draws, to any file given by --out

Random layers get ranges of which both ends are the same number, so that what they draw is known; both sides of RandomFlip are asked for.
"""

import argparse
import gzip
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
from keras import layers

from layers import Draw, array

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "layers" / "testdata" / "image.json.gz"
DRAWS = 8


def images(d, low=1, top=7, kind=None):
    """Images without equal pixels, in a format; whole numbers now and then."""
    n, h, w, c = d.size(1, 3), d.size(low, top), d.size(low, top), d.one([1, 2, 3, 3, 4])
    data_format = d.one(["channels_last", "channels_last", None, "channels_first"])
    shape = (n, c, h, w) if data_format == "channels_first" else (n, h, w, c)
    x = np.round(d.rng.uniform(0, 255, size=shape)).astype("float32")
    if (d.chance(0.2) if kind is None else kind == "int"):
        return x.astype("int32"), data_format
    return x + np.float32(0.25), data_format


def size_of(x, data_format):
    return x.shape[2:] if data_format == "channels_first" else x.shape[1:3]


def resizing(d, i):
    x, data_format = images(d)
    crop = d.chance(0.3)
    layer = layers.Resizing(
        d.size(1, 9), d.size(1, 9), interpolation=d.one(["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"]), crop_to_aspect_ratio=crop,
        pad_to_aspect_ratio=not crop and d.chance(0.4), fill_value=d.one([0.0, 3.5]), antialias=d.chance(), data_format=data_format,
    )
    return layer, x


def center_crop(d, i):
    x, data_format = images(d)
    return layers.CenterCrop(d.size(1, 9), d.size(1, 9), data_format=data_format), x


def random_crop(d, i):
    """Images that are not larger in both directions, for which nothing is drawn."""
    x, data_format = images(d)
    height, width = size_of(x, data_format)
    sides = [height + d.size(0, 3), d.size(1, 9)] if d.chance() else [d.size(1, 9), width + d.size(0, 3)]
    return layers.RandomCrop(*sides, data_format=data_format), x


def known(d, low, high):
    """A range that holds one number."""
    v = round(float(d.rng.uniform(low, high)), 4)
    return (v, v)


def filling(d):
    return {
        "fill_mode": d.one(["reflect", "reflect", "wrap", "constant", "nearest"]), "interpolation": d.one(["bilinear", "bilinear", "nearest"]),
        "fill_value": d.one([0.0, 3.5]), "seed": d.one([None, 5]),
    }


def random_rotation(d, i):
    x, data_format = images(d, 2)
    return layers.RandomRotation(known(d, -0.99, 0.99), data_format=data_format, **filling(d)), x


def random_zoom(d, i):
    x, data_format = images(d, 2)
    width = None if d.chance(0.3) else known(d, -0.9, 0.99)
    return layers.RandomZoom(known(d, -0.9, 0.99), width, data_format=data_format, **filling(d)), x


def random_translation(d, i):
    x, data_format = images(d, 2)
    return layers.RandomTranslation(known(d, -0.99, 0.99), known(d, -0.99, 0.99), data_format=data_format, **filling(d)), x


def random_contrast(d, i):
    x, data_format = images(d)
    v = d.one([(0, 255), (40, 200), (0, 1000)])
    low = round(float(d.rng.uniform(-1, 0)), 4)
    return layers.RandomContrast((low, -low), value_range=v, seed=d.one([None, 5]), data_format=data_format), x


def random_brightness(d, i):
    x, data_format = images(d, kind=["float", "int"][i % 2])
    v = d.one([(0, 255), (40, 200), (0, 1000)])
    return layers.RandomBrightness(known(d, -0.99, 0.99), value_range=v, seed=d.one([None, 5]), data_format=data_format), x


LAYERS = [
    resizing, center_crop, random_crop, random_rotation, random_zoom, random_translation, random_contrast, random_brightness,
]


def smooth(layer, x):
    """Whether no number is so close to a step that rounding decides on which side it is."""
    if isinstance(layer, layers.Resizing):
        return x.dtype.kind == "f" or layer.interpolation == "nearest" or off_steps(layer(x.astype("f4")), 1)
    if isinstance(layer, layers.RandomContrast):
        return clear_of_ends(layer, x)
    if isinstance(layer, layers.RandomBrightness):
        return off_steps(layer.factor[0] * (layer.value_range[1] - layer.value_range[0]), 0) and clear_of_ends(layer, x)
    return getattr(layer, "interpolation", None) != "nearest" or all(np.array_equal(other(x, training=True), layer(x, training=True)) for other in moved(layer))


def off_steps(y, half):
    y = np.asarray(y, "f8") + half / 2
    return np.all(np.abs(y - np.round(y)) > 1e-3)


def moved(layer):
    """The same layer with what it draws a little larger, and a little smaller."""
    for by in (1e-5, -1e-5):
        config = layer.get_config()
        for key in ("factor", "height_factor", "width_factor"):
            if isinstance(config.get(key), (list, tuple)):
                config[key] = [v + by for v in config[key]]
        yield type(layer).from_config(config)


def clear_of_ends(layer, x):
    ends = layer.value_range
    layer.value_range = (-1e9, 1e9)
    y = np.asarray(layer(x, training=True), "f8")
    layer.value_range = ends
    return x.dtype.kind == "i" or all(np.all(np.abs(y - end) > 0.01) for end in ends)


def ask(name, i, seed):
    d = Draw([seed, LAYERS.index(name), i])
    layer, x = name(d, i)
    while not smooth(layer, x):
        layer, x = name(d, i)
    y, gradient = layer(x, training=True), None
    cotangent = d.floats(y.shape)
    if x.dtype.kind == "f":

        def total(x):
            return keras.ops.sum(layer.stateless_call([], [v.value for v in layer.non_trainable_variables], x, training=True)[0] * cotangent)

        gradient = jax.grad(total)(x)
    config = keras.saving.serialize_keras_object(layer)
    config.pop("build_config", None)
    return {
        "name": f"{name.__name__}_{i}",
        "config": json.loads(json.dumps(config)),
        "input": array(x),
        "output": array(y),
        "cotangent": array(cotangent),
        "gradient": array(gradient),
    }


def flips(seed):
    """Images and what each mode of RandomFlip makes of them, by Keras's transformation."""
    cases = []
    for i, mode in enumerate(["horizontal", "vertical", "horizontal_and_vertical"] * 2):
        d = Draw([seed, len(LAYERS), i])
        x, data_format = images(d, 2, 5, "float")
        layer = layers.RandomFlip(mode, data_format=data_format)
        whole = np.ones((x.shape[0], 1, 1, 1), bool)
        flipped = layer.transform_images(x, {"flips": whole, "input_shape": x.shape}, training=True)
        config = keras.saving.serialize_keras_object(layer)
        config.pop("build_config", None)
        cases.append({"name": f"flip_{i}", "config": json.loads(json.dumps(config)), "input": array(x), "output": array(flipped)})
    return cases


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    options = parser.parse_args()
    cases = []
    for name in LAYERS:
        for i in range(2 * DRAWS if name is resizing else DRAWS):
            keras.backend.clear_session()
            cases.append(ask(name, i, options.seed))
    text = json.dumps(
        {"keras": keras.__version__, "seed": options.seed, "cases": cases, "flips": flips(options.seed)}, separators=(",", ":"))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{len(cases)} cases, {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()

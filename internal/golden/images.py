"""Asks Pillow and TensorFlow for pixels: files read and scaled as keras.utils.load_img does, arrays scaled as tf.image.resize, smart_resize and
resize_with_pad do. Writes internal/images/testdata/images.json.gz."""

import argparse
import base64
import gzip
import io
import json
import os

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend import tensorflow as backend
from PIL import Image

OUT = os.path.join(os.path.dirname(__file__), "../images/testdata/images.json.gz")
FORMATS = [("png", "RGB"), ("png", "RGBA"), ("png", "L"), ("png", "P"), ("png", "LA"), ("bmp", "RGB"), ("gif", "P"), ("gif", "L"),
           ("jpeg", "L"), ("jpeg444", "RGB"), ("jpeg422", "RGB"), ("jpeg420", "RGB")]
PILLOW = ["nearest", "bilinear", "bicubic", "hamming", "box", "lanczos"]
TENSORFLOW = ["bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]


def picture(rng, mode):
    h, w = (int(v) for v in rng.integers(3, 20, 2))
    channels = {"L": 1, "LA": 2, "RGBA": 4}.get(mode, 3)
    small = rng.integers(0, 256, (max(h // 3, 1), max(w // 3, 1), channels)).astype("float32")
    a = np.clip(np.asarray(tf.image.resize(small, (h, w), "bicubic")) + rng.normal(0, 3, (h, w, channels)), 0, 255).astype("uint8")
    if mode == "P":
        return Image.fromarray(a).quantize(17)
    return Image.fromarray(a[:, :, 0] if channels == 1 else a)


def encoded(image, kind):
    out = io.BytesIO()
    if kind.startswith("jpeg"):
        image.save(out, "jpeg", quality=90, subsampling={"": 0, "444": 0, "422": 1, "420": 2}[kind[4:]])
    else:
        image.save(out, kind)
    return out.getvalue()


def array(a):
    return {"shape": list(a.shape), "data": [round(float(v), 4) for v in np.asarray(a).ravel()]}


def size(rng):
    return [int(v) for v in rng.integers(1, 22, 2)]


def files(rng):
    for kind, mode in FORMATS:
        raw = encoded(picture(rng, mode), kind)
        for color in ("rgb", "rgba", "grayscale"):
            for scaled in (False, True):
                o = {"color_mode": color}
                if scaled:
                    o |= {"target_size": size(rng), "interpolation": str(rng.choice(PILLOW)), "keep_aspect_ratio": bool(rng.integers(2))}
                try:
                    x = keras.utils.img_to_array(keras.utils.load_img(io.BytesIO(raw), **o))
                except ValueError:  # A crop of no pixels.
                    continue
                yield {"kind": kind, "file": base64.b64encode(raw).decode(), **o, "want": array(x)}


def on_edge(samples, to):
    """Whether samples lie just on the edge of a window of 1.5, where a Gaussian is not 0 and float32's rounding decides whether they count."""
    edges = (np.arange(to) + 0.5) * samples / to + 1.0
    return bool((np.abs(edges - np.round(edges)) < 1e-4).any())


def resizes(rng):
    for interpolation in TENSORFLOW * 3:
        channels = int(rng.integers(1, 5))
        h, w = size(rng)
        x = rng.integers(0, 256, (h, w, channels)).astype("float32")
        th, tw = size(rng)
        while interpolation == "gaussian" and (on_edge(h, th) or on_edge(w, tw)):
            th, tw = size(rng)
        case = {"x": array(x), "height": th, "width": tw, "interpolation": interpolation}
        yield case | {"how": "plain", "want": array(tf.image.resize(x, (th, tw), interpolation))}
        if interpolation not in ("gaussian", "mitchellcubic"):
            yield case | {"how": "crop", "want": array(keras.preprocessing.image.smart_resize(tf.constant(x), (th, tw), interpolation, backend_module=backend))}
        ratio = max(w / tw, h / th)
        if interpolation != "gaussian" and h / ratio >= 1.001 and w / ratio >= 1.001:
            yield case | {"how": "pad", "want": array(tf.image.resize_with_pad(x, th, tw, interpolation))}


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=11)
parser.add_argument("--out", default=OUT)
args = parser.parse_args()
rng = np.random.default_rng(args.seed)
os.makedirs(os.path.dirname(args.out), exist_ok=True)
with gzip.GzipFile(args.out, "wb", mtime=0) as f:
    f.write(json.dumps({"files": list(files(rng)), "resizes": list(resizes(rng))}, separators=(",", ":")).encode())

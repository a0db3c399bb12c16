"""Steps of SpectralNormalization, whose gradients are not those of finite differences, because Keras leaves out how an estimate depends on the kernel.

python spectral_normalization.py              writes layers/testdata/spectral_normalization.json.gz
python spectral_normalization.py --seed 7     the same with fresh draws
"""

import argparse
import gzip
import json

from layers import OUT, ask

import keras
from keras import layers

from layer_wrapping import iterations


def other_kernels(d, i):
    options = {"kernel_regularizer": d.regularizer()}
    if i % 3 == 0:
        x, layer = d.floats((3, d.size(2, 4))), layers.Dense(d.size(2, 4), **options)
    elif i % 3 == 1:
        x, layer = d.floats((2, 4, 4, d.size(1, 2))), layers.Conv2D(d.size(2, 3), d.size(1, 3), **options)
    else:  # ids as floats, because Keras casts the vectors to the type of the ids
        x = d.rng.integers(0, 4, size=d.sizes(2, 2, 3)).astype("float32")
        layer = layers.Embedding(4, d.size(2, 3), embeddings_regularizer=d.regularizer())
    return layers.SpectralNormalization(layer, **iterations(d)), [x], [None], {"training": i < 6}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cases = [ask(other_kernels, i, options.seed) for i in range(9)]
    text = json.dumps({"keras": keras.__version__, "seed": options.seed, "cases": cases}, separators=(",", ":"))
    out = OUT.parent / "spectral_normalization.json.gz"
    out.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(len(cases), "cases,", out.stat().st_size, "bytes")


if __name__ == "__main__":
    main()

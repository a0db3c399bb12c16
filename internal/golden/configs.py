"""Writes configs as Keras writes them, for the tests of keras/saving, and reads what gokeras wrote.

python configs.py           writes keras/saving/testdata/configs.json
python configs.py --check   lets Keras load keras/saving/testdata/written.json
"""

import copy
import inspect
import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras import layers, optimizers, regularizers, constraints, initializers

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "keras" / "saving" / "testdata"

LAYERS = {
    "Dense": {"units": 3}, "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 3}, "Embedding": {"input_dim": 4, "output_dim": 3},
    "Conv1D": {"filters": 2, "kernel_size": 3}, "Conv2D": {"filters": 2, "kernel_size": 3}, "Conv3D": {"filters": 2, "kernel_size": 3},
    "Conv2DTranspose": {"filters": 2, "kernel_size": 3}, "SeparableConv2D": {"filters": 2, "kernel_size": 3},
    "DepthwiseConv2D": {"kernel_size": 3}, "MaxPooling1D": {}, "MaxPooling2D": {}, "AveragePooling2D": {"pool_size": 2},
    "GlobalAveragePooling1D": {}, "GlobalMaxPooling2D": {}, "BatchNormalization": {}, "LayerNormalization": {},
    "GroupNormalization": {}, "UnitNormalization": {}, "Dropout": {"rate": 0.1}, "SpatialDropout1D": {"rate": 0.1},
    "GaussianNoise": {"stddev": 0.1}, "SimpleRNN": {"units": 3}, "GRU": {"units": 3}, "LSTM": {"units": 3},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 3}, "Attention": {}, "Flatten": {}, "Reshape": {"target_shape": (3,)},
    "Permute": {"dims": (2, 1)}, "RepeatVector": {"n": 2}, "ZeroPadding2D": {}, "Cropping2D": {}, "UpSampling2D": {},
    "Activation": {"activation": "relu"}, "ReLU": {}, "LeakyReLU": {}, "ELU": {}, "Softmax": {}, "PReLU": {},
    "Add": {}, "Concatenate": {}, "Dot": {"axes": 1}, "Rescaling": {"scale": 2.0}, "Masking": {}, "Normalization": {},
    "InputLayer": {"shape": (3,)},
}


@keras.saving.register_keras_serializable("P")
class My(layers.Layer):
    def __init__(self, sizes=(1, 2), **kwargs):
        super().__init__(**kwargs)
        self.sizes = sizes

    def get_config(self):
        return {**super().get_config(), "sizes": self.sizes}


@keras.saving.register_keras_serializable("P")
def swoosh(x):
    return x


def plain(value):
    """The config as it comes back from JSON."""
    return json.loads(json.dumps(value))


def serialize(value):
    return plain(keras.saving.serialize_keras_object(value))


def objects():
    fancy = layers.Dense(
        5, activation="relu", use_bias=False, kernel_regularizer=regularizers.L2(0.5), bias_constraint=constraints.MaxNorm(3),
        kernel_initializer=initializers.Constant(2.0), name="fancy", trainable=False,
    )
    mixed = layers.Dense(3, dtype="mixed_float16")
    rate = optimizers.schedules.CosineDecay(0.1, 1000, alpha=0.5)
    return {
        "dense": layers.Dense(3, name="dense"),
        "fancy": fancy,
        "mixed": mixed,
        "swoosh": layers.Dense(2, activation=swoosh, name="s"),
        "conv": layers.Conv2D(4, 3, strides=2, padding="same", activation="gelu", name="conv"),
        "grouped": layers.Conv2D(4, 3, groups=2),
        "padding": layers.ZeroPadding2D(((1, 2), (3, 4)), name="pad"),
        "bidirectional": layers.Bidirectional(layers.LSTM(7, return_sequences=True, name="lstm"), merge_mode="sum", name="both"),
        "input": layers.InputLayer(shape=(None, 3), dtype="int32", name="in"),
        "custom": My(sizes=(4, 5), name="my"),
        "lambda": layers.Lambda(lambda x: x, name="anonymous"),
        "adam": optimizers.Adam(0.25, beta_1=0.0, name="adam"),
        "scheduled": optimizers.Adam(rate, name="adam"),
        "mse": keras.losses.MeanSquaredError(),
    }


def defaults():
    """get_config() of what every class is with as few arguments as it takes."""
    out = {f"layers.{name}": plain(getattr(layers, name)(**kwargs).get_config()) for name, kwargs in LAYERS.items()}
    for area in ("optimizers", "losses", "metrics", "initializers", "regularizers", "constraints"):
        module = getattr(keras, area)
        for name in sorted(dir(module)):
            cls = getattr(module, name)
            if not inspect.isclass(cls) or cls.__name__ != name:
                continue
            try:
                out[f"{area}.{name}"] = plain(cls().get_config())
            except Exception:  # Takes arguments, or is abstract.
                continue
    return out


def words():
    """What class or function each word of a config means to Keras."""
    out = {}
    for area in ("losses", "metrics", "initializers", "regularizers", "constraints", "optimizers"):
        source = getattr(__import__(f"keras.src.{area}", fromlist=["x"]), "ALL_OBJECTS_DICT")
        out[area] = {k: getattr(v, "__name__", None) for k, v in source.items() if isinstance(k, str)}
    return out


def write():
    OUT.mkdir(parents=True, exist_ok=True)
    serialized = {name: serialize(o) for name, o in objects().items()}
    # Bytecode differs between versions of Python; that it is there is what matters.
    serialized["lambda"]["config"]["function"]["config"]["code"] = "4wEAAAA="
    data = {"objects": serialized, "defaults": defaults(), "words": words()}
    (OUT / "configs.json").write_text(json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n")


def contains(full, part, where):
    """Every value that gokeras wrote must be in what Keras has made of it."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key not in ("module", "registered_name"):
                assert key in full, f"{where}.{key} is missing"
                contains(full[key], value, f"{where}.{key}")
    elif isinstance(part, list):
        assert len(full) == len(part), where
        for i, value in enumerate(part):
            contains(full[i], value, f"{where}[{i}]")
    elif isinstance(part, float) and isinstance(full, (int, float)):
        assert abs(full - part) <= 1e-6 * abs(part), f"{where}: {full} != {part}"
    else:
        assert full == part, f"{where}: {full} != {part}"


def check():
    written = json.loads((OUT / "written.json").read_text())
    for name, config in written.items():
        loaded = keras.saving.deserialize_keras_object(copy.deepcopy(config))  # Keras changes what it loads.
        contains(serialize(loaded), config, name)
    print(f"Keras loaded {len(written)} objects: ok")


if __name__ == "__main__":
    check() if "--check" in sys.argv[1:] else write()

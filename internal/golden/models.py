"""Models for the tests of keras.Load, Model.Save and Model.Summary.

python models.py             writes keras/testdata/models: each model as Keras saves it after some steps, and what it does from there
python models.py --check DIR lets Keras load what `go run ./internal/golden/writemodels DIR` wrote, predict and train on as Go did
"""

import contextlib
import io
import json
import os
import pathlib
import re
import sys
import warnings
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import Input, constraints, initializers, layers, losses, ops, optimizers, regularizers

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "keras" / "testdata" / "models"
STEPS_BEFORE, STEPS_AFTER = 4, 5
SEED = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 0


@keras.saving.register_keras_serializable("Golden")
class Encoder(layers.Layer):
    """The twin of the test's Go type: a weight of its own, inner layers as attributes and in a list."""

    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.first = layers.Dense(units, activation="relu")
        self.blocks = [layers.Dense(units, activation="tanh"), layers.Dense(2)]

    def build(self, shape):
        self.scale = self.add_weight(name="scale", shape=(shape[-1],), initializer="ones")

    def call(self, x):
        y = self.first(x * self.scale)
        for block in self.blocks:
            y = block(y)
        return y

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def floats(rng, *shape):
    return rng.uniform(-1, 1, shape).astype("float32")


def ids(rng, n, *shape):
    return rng.integers(0, n, shape).astype("int32")


def mlp(rng):
    m = keras.Sequential([
        Input((5,)), layers.Dense(7, activation="relu", kernel_initializer="he_normal", kernel_regularizer=regularizers.L2(1e-2)),
        layers.Dropout(0.0), layers.Dense(4, use_bias=False, activation="tanh"), layers.Dense(3, activation="softmax"),
    ], name="mlp")
    m.compile(optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return m, [floats(rng, 8, 5)], [ids(rng, 3, 8)]


def cnn(rng):
    m = keras.Sequential([
        Input((8, 8, 2)), layers.Conv2D(4, 3, padding="same", activation="relu"), layers.BatchNormalization(momentum=0.9),
        layers.MaxPooling2D(), layers.Conv2D(6, (2, 3), groups=2, dilation_rate=1, strides=(1, 2), use_bias=False),
        layers.BatchNormalization(scale=False, epsilon=1e-2), layers.Activation("elu"), layers.GlobalAveragePooling2D(), layers.Dense(3),
    ])
    m.compile(optimizers.SGD(0.05, momentum=0.9, nesterov=True), losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
              metrics=["accuracy", keras.metrics.CategoricalAccuracy(name="hits")])
    return m, [floats(rng, 8, 8, 8, 2)], [np.eye(3, dtype="float32")[ids(rng, 3, 8)]]


def flattened(rng):
    m = keras.Sequential([
        Input((6, 6, 1)), layers.Conv2D(3, 3, dilation_rate=2, bias_initializer=initializers.Constant(0.1)),
        layers.MaxPooling2D(2, strides=1, padding="same"), layers.Flatten(), layers.Reshape((3, 4)), layers.Dense(2, activation="gelu"),
        layers.Flatten(), layers.Dense(1),
    ])
    m.compile(optimizers.RMSprop(0.01, momentum=0.5, centered=True), "mse", metrics=["mae", keras.metrics.RootMeanSquaredError()])
    return m, [floats(rng, 8, 6, 6, 1)], [floats(rng, 8, 1)]


def text(rng):
    title, tags = Input((6,), dtype="int32", name="title"), Input((3,))
    h = layers.Embedding(11, 4, mask_zero=True)(title)
    h = layers.LSTM(5)(h)
    h = layers.Concatenate()([h, tags])
    m = keras.Model([title, tags], layers.Dense(1, activation="sigmoid")(h))
    m.compile(optimizers.Adam(0.02, amsgrad=True), "binary_crossentropy", metrics=["accuracy"])
    return m, [ids(rng, 11, 8, 6), floats(rng, 8, 3)], [ids(rng, 2, 8, 1)]


def shared(rng):
    a, b = Input((4,), name="left"), Input((4,), name="right")
    d = layers.Dense(4, activation="tanh", name="twin")
    m = keras.Model([a, b], layers.Dense(1)(layers.Add()([d(d(a)), d(b)])))
    m.compile(optimizers.SGD(0.1, weight_decay=0.01), losses.MeanAbsoluteError())
    return m, [floats(rng, 8, 4), floats(rng, 8, 4)], [floats(rng, 8, 1)]


def residual(rng):
    x = Input((6, 6, 3))
    h = layers.Conv2D(3, 3, padding="same")(x)
    h = layers.BatchNormalization(trainable=False)(h)
    h = layers.Activation("relu")(layers.Add()([h, x]))
    frozen = layers.Conv2D(3, 1, name="frozen")
    frozen.trainable = False
    h = layers.Add()([frozen(h), h])
    m = keras.Model(x, layers.Dense(2)(layers.GlobalAveragePooling2D(keepdims=False)(h)))
    m.compile(optimizers.SGD(0.05), losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return m, [floats(rng, 8, 6, 6, 3)], [ids(rng, 2, 8)]


def nested(rng):
    inner_in = Input((4,))
    inner = keras.Model(inner_in, layers.Dense(3, activation="relu")(inner_in), name="inner")
    stack = keras.Sequential([layers.Dense(4), layers.Activation("tanh"), keras.Sequential([layers.Dense(4)])], name="stack")
    x = Input((4,))
    h = inner(stack(x))
    m = keras.Model(x, [layers.Dense(1, name="price")(h), layers.Dense(2, activation="softmax", name="kind")(inner(x))])
    m.compile(optimizers.SGD(0.1), ["mse", "sparse_categorical_crossentropy"], loss_weights=[0.5, 2.0])
    return m, [floats(rng, 8, 4)], [floats(rng, 8, 1), ids(rng, 2, 8)]


def states(rng):
    x = Input((5, 3))
    seq, h, c = layers.LSTM(4, return_sequences=True, return_state=True, go_backwards=True)(x)
    y = layers.LSTM(4, unit_forget_bias=False, recurrent_initializer="glorot_normal")(seq, initial_state=[h, c])
    m = keras.Model(x, layers.Dense(2)(y))
    m.compile(optimizers.Adam(0.01, clipnorm=0.1), "mse")
    return m, [floats(rng, 8, 5, 3)], [floats(rng, 8, 2)]


def late(rng):
    m = keras.Sequential([
        layers.Dense(4, kernel_constraint=constraints.MaxNorm(0.8), kernel_initializer=initializers.TruncatedNormal(stddev=0.5)),
        layers.Dense(3, bias_constraint=constraints.NonNeg(), kernel_regularizer=regularizers.L1(1e-3), activity_regularizer=regularizers.L1L2(1e-3, 1e-2)),
        layers.Dense(2, kernel_initializer=initializers.VarianceScaling(2.0, "fan_out", "uniform")),
    ])
    rate = optimizers.schedules.CosineDecay(0.05, 20, alpha=0.1, warmup_target=0.1, warmup_steps=3)
    m.compile(optimizers.Adam(rate, global_clipnorm=0.5), "mse", metrics=["mse"])
    return m, [floats(rng, 8, 3)], [floats(rng, 8, 2)]


def operations(rng):
    x, y = Input((4,)), Input((4,))
    d = layers.Dense(4, name="d")
    a, b = d(x), d(y)
    h = ops.relu(a * 2.0 + b) - ops.sigmoid(b)
    h = 1 - ops.divide(h, 3)
    h = ops.concatenate([h, ops.square(a), ops.maximum(a, b), ops.tanh(b)], axis=-1)
    h = ops.softmax(ops.clip(h, -1.0, 1.0), axis=-1)
    h = layers.Dense(3)(ops.reshape(h, (-1, 4, 4)))
    h = ops.expand_dims(ops.mean(h, axis=1), 1)
    h = ops.gelu(ops.transpose(h, (0, 2, 1)), approximate=False)
    m = keras.Model([x, y], layers.Dense(1, name="out")(ops.squeeze(h, -1)))
    m.compile(optimizers.SGD(0.1), "mse")
    return m, [floats(rng, 8, 4), floats(rng, 8, 4)], [floats(rng, 8, 1)]


def words(rng):
    m = keras.Sequential([
        Input((6,), dtype="int32"), layers.Embedding(9, 3, mask_zero=True, embeddings_regularizer="l2"), layers.Dense(4, activation="relu"),
        layers.LSTM(3, return_sequences=True), layers.Dense(2, activation="softmax"),
    ])
    m.compile(optimizers.RMSprop(0.01), losses.SparseCategoricalCrossentropy())
    return m, [np.concatenate([ids(rng, 8, 8, 4) + 1, np.zeros((8, 2), "int32")], 1)], [ids(rng, 2, 8, 6)]


def custom(rng):
    m = keras.Sequential([Input((4,)), Encoder(5), layers.Dense(1)])
    m.compile(optimizers.Adam(0.01), "mse")
    return m, [floats(rng, 8, 4)], [floats(rng, 8, 1)]


MODELS = [mlp, cnn, flattened, text, shared, residual, nested, states, late, operations, words, custom]


def listed(v):
    return list(v) if isinstance(v, (list, tuple)) else [v]


def pack(a):
    a = keras.ops.convert_to_numpy(a)
    return {"shape": list(a.shape), "dtype": str(a.dtype), "data": [float(f"{x:.9g}") for x in a.ravel().tolist()]}


def unpack(o):
    return np.array(o["data"], o["dtype"]).reshape(o["shape"])


def single(a):
    return a[0] if len(a) == 1 else a


def weights(m):
    return [pack(w.value if hasattr(w.value, "shape") else w) for w in m.weights if "seed" not in w.path]


def summary(m):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        m.summary(print_fn=lambda s, line_break=True: text.write(s))
    return text.getvalue()


def train(m, x, y, steps):
    return [float(listed(m.train_on_batch(single(x), single(y)))[0]) for _ in range(steps)]


def predict(m, x):
    return [pack(p) for p in listed(m.predict_on_batch(single(x)))]


def settle(path):
    """Takes out of a file what differs from run to run: times, and the addresses of objects that Keras numbers them by."""
    with zipfile.ZipFile(path) as z:
        members = [(name, z.read(name)) for name in z.namelist()]
    numbers = {}
    with zipfile.ZipFile(path, "w") as z:
        for name, data in members:
            if name == "metadata.json":
                data = re.sub(rb'"date_saved": "[^"]*"', b'"date_saved": "2026-01-01@00:00:00"', data)
            if name == "config.json":
                data = re.sub(rb'"shared_object_id": (\d+)', lambda m: b'"shared_object_id": %d' % numbers.setdefault(m[1], len(numbers)), data)
            z.writestr(zipfile.ZipInfo(name), data)


UNARY = ["absolute", "arctan", "ceil", "cos", "cosh", "erf", "exp", "expm1", "floor", "hard_sigmoid", "log", "log1p", "log_sigmoid", "logical_not",
         "negative", "reciprocal", "relu", "relu6", "round", "rsqrt", "selu", "sigmoid", "sign", "silu", "sin", "sinh", "softplus", "softsign", "sqrt",
         "square", "stop_gradient", "tan", "tanh", "gelu", "elu", "softmax", "log_softmax", "sum", "mean", "max", "min", "prod"]
BINARY = ["add", "subtract", "multiply", "divide", "true_divide", "floor_divide", "mod", "maximum", "minimum", "power", "arctan2", "equal", "not_equal",
          "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_xor"]
OTHERS = {
    "gelu_exact": lambda x, y: ops.gelu(x, approximate=False), "elu_half": lambda x, y: ops.elu(x, 0.5), "softmax_first": lambda x, y: ops.softmax(x, 1),
    "sum_kept": lambda x, y: ops.sum(x, axis=(1, 2), keepdims=True), "mean_axis": lambda x, y: ops.mean(x, axis=-1), "max_kept": lambda x, y: ops.max(x, 1, keepdims=True),
    "cast_int": lambda x, y: ops.cast(x * 3, "int32"), "clip": lambda x, y: ops.clip(x, 0.2, 0.7), "reshape": lambda x, y: ops.reshape(x, (-1, 6)),
    "transpose": lambda x, y: ops.transpose(x, (0, 2, 1)), "expand": lambda x, y: ops.expand_dims(x, -1), "squeeze": lambda x, y: ops.squeeze(ops.expand_dims(x, 1), 1),
    "concatenate": lambda x, y: ops.concatenate([x, y], 1), "where": lambda x, y: ops.where(x > y, x, y), "matmul": lambda x, y: ops.matmul(x, ops.transpose(y, (0, 2, 1))),
    "number_left": lambda x, y: 2 - x, "number_right": lambda x, y: x**2, "number_float": lambda x, y: x * 1.5,
    "any": lambda x, y: ops.any(x > 0.7, axis=-1), "all_kept": lambda x, y: ops.all(x < y, axis=(1, 2), keepdims=True),
}


def operation(name, f):
    """A graph of one operation: its configuration and what it computes."""
    rng = np.random.default_rng([SEED, len(name)] if SEED else len(name))
    x, y = Input((2, 3)), Input((2, 3))
    a = (rng.uniform(0.1, 0.9, (4, 2, 3))).astype("float32")
    b = np.where(rng.uniform(size=a.shape) < 0.3, a, rng.uniform(0.1, 0.9, a.shape).astype("float32"))
    m = keras.Model([x, y], f(x, y))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = np.asarray(m.predict_on_batch([a, b]))
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(m)))
    return {"config": config, "inputs": [pack(a), pack(b)], "output": pack(out)}


def write_operations():
    cases = {name: (lambda x, y, f=getattr(ops, name): f(x)) for name in UNARY}
    cases |= {name: (lambda x, y, f=getattr(ops, name): f(x, y)) for name in BINARY} | OTHERS
    text = json.dumps({name: operation(name, f) for name, f in cases.items()}, separators=(",", ":"))
    (OUT.parent / "operations.json").write_text(text + "\n")


def write_summaries():
    """Summaries of models that have not seen data."""
    keras.backend.clear_session()
    open_stack = keras.Sequential([
        layers.Conv2D(2, 3), layers.BatchNormalization(), layers.MaxPooling2D(), layers.GlobalAveragePooling2D(), layers.Dropout(0.5), layers.Flatten(),
        layers.Reshape((2,)), layers.Activation("relu"), layers.Embedding(3, 2), layers.LSTM(2), keras.Sequential([Input((3,)), layers.Dense(2)]),
        keras.Sequential([layers.Dense(2)]), layers.Dense(1),
    ])
    keras.backend.clear_session()
    closed = keras.Sequential([Input((4,)), layers.Dense(300), keras.Sequential([layers.Dense(30), layers.BatchNormalization()]), layers.Dropout(0.5)], name="closed")
    closed.layers[0].trainable = False
    keras.backend.clear_session()
    x = Input((4,))
    chain = keras.Model(x, layers.Dense(2)(layers.Dense(3)(x)))
    text = json.dumps({"open": summary(open_stack), "closed": summary(closed), "chain": summary(chain)}, ensure_ascii=False, indent=1)
    (OUT.parent / "summaries.json").write_text(text + "\n")


def write_arrays():
    """npz files, as numpy writes them, for the tests of cmd/gokeras: what the models mlp, text and nested were tried on."""
    out = OUT.parent.parent.parent / "cmd" / "gokeras" / "testdata"
    out.mkdir(exist_ok=True)
    data = {name: json.loads((OUT / f"{name}.json").read_text()) for name in ("mlp", "text", "nested")}
    x, y = {k: [unpack(a) for a in o["inputs"]] for k, o in data.items()}, {k: [unpack(a) for a in o["targets"]] for k, o in data.items()}
    np.savez(out / "mlp.npz", x=x["mlp"][0].astype("float64"), y=y["mlp"][0].astype("int64"), sample_weight=np.ones(8, "float32"))
    np.savez_compressed(out / "text.npz", title=x["text"][0].astype("uint8"), input_layer=x["text"][1], y=y["text"][0].astype(bool))
    np.savez(out / "nested.npz", x=x["nested"][0], y0=y["nested"][0], y1=y["nested"][1])
    np.savez(out / "wrong.npz", x=x["mlp"][0], y=y["mlp"][0], sample_weights=np.ones(8))
    np.savez(out / "fortran.npz", x=np.asfortranarray(x["mlp"][0]))
    np.savez(out / "strings.npz", x=np.array(["a", "b"]))


def write_models(makes, out):
    out.mkdir(parents=True, exist_ok=True)
    for number, make in enumerate(makes):
        keras.backend.clear_session()
        keras.utils.set_random_seed((SEED + number + 1) % 2**32)
        m, x, y = make(np.random.default_rng([SEED, number] if SEED else number))
        fixture = {"inputs": [pack(a) for a in x], "targets": [pack(a) for a in y]}
        train(m, x, y, STEPS_BEFORE)
        m.save(out / f"{make.__name__}.keras")
        settle(out / f"{make.__name__}.keras")
        fixture["summary"] = summary(m)
        fixture["predictions"] = predict(m, x)
        fixture["evaluation"] = {k: float(v) for k, v in m.evaluate(single(x), single(y), verbose=0, batch_size=8, return_dict=True).items()}
        m.reset_metrics()
        fixture["loss"] = []
        for _ in range(STEPS_AFTER):
            m.reset_metrics()
            fixture["loss"] += train(m, x, y, 1)
        fixture["weights"] = weights(m)
        fixture["after"] = predict(m, x)
        (out / f"{make.__name__}.json").write_text(json.dumps(fixture, separators=(",", ":")) + "\n")


def write():
    write_operations()
    write_summaries()
    write_models(MODELS, OUT)
    write_arrays()


def close(what, got, want, tolerance):
    got, want = np.asarray(got), unpack(want)
    worst = float(np.abs(got - want).max() / max(1e-3, np.abs(want).max()))
    if got.shape != want.shape or not worst <= tolerance:
        sys.exit(f"{what}: shapes {got.shape} and {want.shape}, off by {worst:.3g}")
    return worst


def check(directory):
    warnings.simplefilter("error", UserWarning)
    found = sorted(pathlib.Path(directory).glob("*.json"))
    if not found:
        sys.exit(f"{directory}: no files to check")
    for path in found:
        o = json.loads(path.read_text())
        m = keras.models.load_model(path.with_suffix(".keras"))
        x, y = [unpack(a) for a in o["inputs"]], [unpack(a) for a in o["targets"]]
        worst = max(close(f"{path.stem}: prediction", p, w, 1e-5) for p, w in zip(listed(m.predict_on_batch(single(x))), o["predictions"], strict=True))
        if keras.backend.backend() == "jax" and summary(m) != (text := o["summary"]):  # Other backends count steps in 8 bytes.
            sys.exit(f"{path.stem}: summary: Keras\n{summary(m)}\nGo\n{text}")
        train(m, x, y, STEPS_AFTER)
        moved = max(close(f"{path.stem}: weight {w['shape']}", unpack(a), w, 1e-4) for a, w in zip(weights(m), o["weights"], strict=True))
        print(f"{path.stem}: predictions off by {worst:.1e}, weights after {STEPS_AFTER} more steps by {moved:.1e}")


if __name__ == "__main__":
    if "--check" in sys.argv:
        check(sys.argv[sys.argv.index("--check") + 1])
    else:
        write()

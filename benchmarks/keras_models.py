"""The Keras side of the benchmarks: one process for a role, a model and a back end, which KERAS_BACKEND names.

python keras_models.py hello                     versions
python keras_models.py start MODEL               a first epoch of 1,000 rows, from a cold start
python keras_models.py check MODEL               running means of the loss over the first steps, without dropout
python keras_models.py fit MODEL STEPS           does what standard input asks for, line by line: fit EPOCHS, predict, on_batch
python keras_models.py numbers                   some numbers of the generator, for the Go tests

Answers are lines of JSON on standard output.
"""

import json
import os
import statistics
import sys
import time
import zlib

# Back ends may print: what they say goes to standard error, and the answers to what was standard output.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def limit_threads():
    """XLA counts the cores that the process may run on, so that an environment variable does not suffice."""
    threads = int(os.environ.get("BENCHMARK_THREADS", "0"))
    if not threads:
        return
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ[name] = str(threads)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


limit_threads()

import numpy as np

# The streams of the generator; generator.go has the same.
LABEL, PIXEL, PATTERN, FLIP, POINT, TOKEN, MARK, SERIES, USER, ITEM, WEIGHT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100
PIXELS, CLASSES, FIRST_ROWS = 784, 10, 1000
CHECKED = {"resnet": 3}  # steps whose losses are compared; of others 20
VOCABULARY, USERS, ITEMS = 20000, 2000, 4000


def uniform(stream, index):
    """Numbers in [0, 1) of 24 bits: a hash of stream and index (the finalizer of SplitMix64; Stafford's variant 13)."""
    z = (np.asarray(index, np.uint64) + np.uint64((stream << 40) + 1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (z >> np.uint64(40)).astype(np.float64) / 2**24


def images(rows, pixels=PIXELS):
    """Noise over a pattern of the class; every fifth image shows the next class, so that no model learns all."""
    i = np.arange(rows, dtype=np.uint64)
    labels = (uniform(LABEL, i) * CLASSES).astype(np.int32)
    shown = np.where(uniform(FLIP, i) < 0.2, (labels + 1) % CLASSES, labels)
    j = np.arange(pixels, dtype=np.uint64)
    noise = uniform(PIXEL, np.arange(rows * pixels, dtype=np.uint64)).reshape(rows, pixels)
    pattern = uniform(PATTERN, shown.astype(np.uint64)[:, None] * np.uint64(pixels) + j)
    return (0.75 * noise + 0.25 * pattern).astype(np.float32), labels


def points(rows):
    """Points of the unit square, and whether they lie in one of two opposite quarters."""
    x = uniform(POINT, np.arange(2 * rows, dtype=np.uint64)).reshape(rows, 2)
    y = (x[:, 0] > 0.5) != (x[:, 1] > 0.5)
    return x.astype(np.float32), y.astype(np.float32)[:, None]


def tokens(rows, length):
    """Ids, small ones more often, and labels 0 or 1: a fifth of the ids is even or odd as the label is."""
    labels = (uniform(LABEL, np.arange(rows, dtype=np.uint64)) * 2).astype(np.int32)
    k = np.arange(rows * length, dtype=np.uint64)
    u = uniform(TOKEN, k)
    ids = (u * u * VOCABULARY).astype(np.int32).reshape(rows, length)
    marked = (uniform(MARK, k) < 0.2).reshape(rows, length)
    return np.where(marked, ids + labels[:, None] - ids % 2, ids).astype(np.int32), labels


def series(rows):
    """Noise, and what two places in it make."""
    x = (uniform(SERIES, np.arange(rows * 120 * 14, dtype=np.uint64)) - 0.5).reshape(rows, 120, 14)
    y = 0.5 * x[:, 119, 0] + 0.25 * x[:, 118, 1]
    return x.astype(np.float32), y.astype(np.float32)[:, None]


def ratings(rows):
    """Users, items and what their last digits make."""
    i = np.arange(rows, dtype=np.uint64)
    user, item = (uniform(USER, i) * USERS).astype(np.int32), (uniform(ITEM, i) * ITEMS).astype(np.int32)
    y = (user % 10 + item % 10).astype(np.float32) / 16
    return [user[:, None], item[:, None]], y[:, None]


def start_weights(shapes, names=()):
    """Kernels by Glorot's rule, biases 0, scales and variances 1."""
    weights = []
    for k, shape in enumerate(shapes):
        if names and names[k] in ("gamma", "moving_variance"):
            weights.append(np.ones(shape, np.float32))
            continue
        if len(shape) == 1:
            weights.append(np.zeros(shape, np.float32))
            continue
        field = int(np.prod(shape[:-2]))
        bound = np.sqrt(6 / (field * (shape[-2] + shape[-1])))
        u = uniform(WEIGHT + k, np.arange(int(np.prod(shape)), dtype=np.uint64))
        weights.append(((2 * u - 1) * bound).astype(np.float32).reshape(shape))
    return weights


def checksum(arrays):
    crc = 0
    for a in arrays:
        crc = zlib.crc32(np.ascontiguousarray(a).tobytes(), crc)
    return crc


def resnet():
    from keras import Input, Model, layers as kl

    def conv(x, filters, size, stride):
        return kl.BatchNormalization()(kl.Conv2D(filters, size, strides=stride, padding="same", use_bias=False)(x))

    start = Input((32, 32, 3))
    x = kl.ReLU()(conv(start, 16, 3, 1))
    for stage, filters in enumerate((16, 32, 64)):
        for block in range(2):
            stride, shortcut = 1, x
            if stage > 0 and block == 0:
                stride = 2
                shortcut = conv(x, filters, 1, stride)
            y = conv(kl.ReLU()(conv(x, filters, 3, stride)), filters, 3, 1)
            x = kl.ReLU()(kl.Add()([y, shortcut]))
    return Model(start, kl.Dense(10, activation="softmax")(kl.GlobalAveragePooling2D()(x)))


def transformer(drop):
    from keras import Input, Model, layers as kl, ops

    class TokenAndPosition(kl.Layer):
        def __init__(self):
            super().__init__()
            self.tokens, self.positions = kl.Embedding(VOCABULARY, 32), kl.Embedding(200, 32)

        def call(self, x):
            return self.tokens(x) + self.positions(ops.arange(0, x.shape[1]))

    def dropped(x):
        for layer in drop(0.1):
            x = layer(x)
        return x

    start = Input((200,), dtype="int32")
    x = TokenAndPosition()(start)
    x = kl.LayerNormalization(epsilon=1e-6)(kl.Add()([x, dropped(kl.MultiHeadAttention(2, 32)(x, x))]))
    f = kl.Dense(32)(kl.Dense(32, activation="relu")(x))
    x = kl.LayerNormalization(epsilon=1e-6)(kl.Add()([x, dropped(f)]))
    y = dropped(kl.Dense(20, activation="relu")(dropped(kl.GlobalAveragePooling1D()(x))))
    return Model(start, kl.Dense(2, activation="softmax")(y))


def recommender():
    from keras import Input, Model, layers as kl

    user, item = Input((1,), dtype="int32"), Input((1,), dtype="int32")
    u, i = kl.Flatten()(kl.Embedding(USERS, 32)(user)), kl.Flatten()(kl.Embedding(ITEMS, 32)(item))
    return Model([user, item], kl.Dense(1)(kl.Dense(64, activation="relu")(kl.Concatenate()([u, i]))))


def build(name, dropout):
    """The model, the optimizer, the loss and the batch size."""
    from keras import Input, Sequential, layers as kl

    drop = (lambda rate: [kl.Dropout(rate)]) if dropout else (lambda rate: [])
    sparse, binary = "sparse_categorical_crossentropy", "binary_crossentropy"
    if name == "mlp":
        return Sequential([Input((784,)), kl.Dense(64, activation="relu"), kl.Dense(10, activation="softmax")]), "adam", sparse, 32
    if name == "tiny":
        return Sequential([Input((2,)), kl.Dense(3, activation="sigmoid"), kl.Dense(1, activation="sigmoid")]), "sgd", binary, 32
    if name == "large":
        hidden = lambda: [kl.Dense(512, activation="relu"), *drop(0.2)]
        return Sequential([Input((784,)), *hidden(), *hidden(), kl.Dense(10, activation="softmax")]), "rmsprop", sparse, 128
    if name == "recommender":
        return recommender(), "adam", "mse", 64
    if name == "cnn":
        conv = lambda filters: [kl.Conv2D(filters, 3, activation="relu"), kl.MaxPooling2D(2)]
        stack = [Input((28, 28, 1)), *conv(32), *conv(64), kl.Flatten(), *drop(0.5), kl.Dense(10, activation="softmax")]
        return Sequential(stack), "adam", sparse, 128
    if name == "resnet":
        return resnet(), "sgd", sparse, 32
    if name == "bilstm":
        both = lambda **options: kl.Bidirectional(kl.LSTM(64, **options))
        stack = [Input((200,), dtype="int32"), kl.Embedding(VOCABULARY, 128), both(return_sequences=True), both(), kl.Dense(1, activation="sigmoid")]
        return Sequential(stack), "adam", binary, 32
    if name == "gru":
        return Sequential([Input((120, 14)), kl.GRU(32, return_sequences=True), kl.GRU(32), kl.Dense(1)]), "rmsprop", "mse", 64
    if name == "transformer":
        return transformer(drop), "adam", sparse, 32
    if name == "textcnn":
        conv = lambda: kl.Conv1D(128, 7, strides=3, activation="relu")
        stack = [
            Input((500,), dtype="int32"), kl.Embedding(VOCABULARY, 128), *drop(0.5), conv(), conv(), kl.GlobalMaxPooling1D(),
            kl.Dense(128, activation="relu"), *drop(0.5), kl.Dense(1, activation="sigmoid"),
        ]
        return Sequential(stack), "adam", binary, 32
    raise SystemExit(f"unknown model {name}")


class Workload:
    def __init__(self, name, dropout=True):
        self.name = name
        self.model, optimizer, loss, self.batch = build(name, dropout)
        weights = self.model.weights
        self.model.set_weights(start_weights([w.shape for w in weights], [w.name for w in weights]))
        self.model.compile(optimizer, loss)

    def data(self, rows):
        """The inputs, a list where there are several, and the targets."""
        if self.name == "tiny":
            return points(rows)
        if self.name == "recommender":
            return ratings(rows)
        if self.name == "gru":
            return series(rows)
        if self.name in ("bilstm", "transformer", "textcnn"):
            x, labels = tokens(rows, 500 if self.name == "textcnn" else 200)
            return x, labels if self.name == "transformer" else labels.astype(np.float32)[:, None]
        shape = {"cnn": (28, 28, 1), "resnet": (32, 32, 3)}.get(self.name, (PIXELS,))
        x, y = images(rows, int(np.prod(shape)))
        return x.reshape(rows, *shape), y

    def fit(self, x, y, callback, epochs=1):
        self.model.fit(x, y, batch_size=self.batch, epochs=epochs, shuffle=False, verbose=0, callbacks=[callback])


def watch(**hooks):
    import keras

    return keras.callbacks.LambdaCallback(**hooks)


def answer(**values):
    print(json.dumps(values), file=ANSWERS, flush=True)


def hello():
    import keras

    name = keras.backend.backend()
    module = __import__(name)
    answer(keras=keras.__version__, backend=module.__version__, python=sys.version.split()[0])


def start(name):
    w = Workload(name)
    x, y = w.data(FIRST_ROWS)
    w.fit(x, y, watch(on_epoch_end=lambda epoch, logs: answer(done=True)))


def check(name):
    w = Workload(name, dropout=False)
    x, y = w.data(CHECKED.get(name, 20) * w.batch)
    means = []
    crc = checksum([*(x if isinstance(x, list) else [x]), y, *w.model.get_weights()])
    w.fit(x, y, watch(on_train_batch_end=lambda batch, logs: means.append(float(logs["loss"]))))
    answer(means=means, checksum=crc)


def timed_calls(call, x):
    """The median seconds of a call, over 2,000 calls or a third of a second."""
    for _ in range(3):
        call(x)
    seconds, end = [], time.perf_counter() + 1 / 3
    while len(seconds) < 5 or (len(seconds) < 2000 and time.perf_counter() < end):
        begin = time.perf_counter()
        call(x)
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def fit(name, steps):
    w = Workload(name)
    x, y = w.data(FIRST_ROWS if name == "tiny" else steps * w.batch)
    row = [a[:1].copy() for a in x] if isinstance(x, list) else x[:1].copy()
    answer(ready=True)
    for line in sys.stdin:
        command, *args = line.split()
        if command == "fit":
            ends = []
            w.fit(x, y, watch(on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())), int(args[0]) + 1)
            answer(seconds=[b - a for a, b in zip(ends, ends[1:])])
        elif command == "predict":
            answer(seconds=[timed_calls(lambda r: w.model.predict(r, verbose=0), row)])
        elif command == "on_batch":
            answer(seconds=[timed_calls(w.model.predict_on_batch, row)])
        else:
            raise SystemExit(f"unknown command {command}")


def numbers():
    x, labels = images(50)
    p, sides = points(50)
    shapes = [(784, 64), (64,), (3, 3, 32, 64)]
    weights = start_weights(shapes)
    at = lambda a: [float(v) for v in np.ravel(a)[:: max(1, a.size // 7)]]
    answer(
        labels=labels.tolist(), pixels=at(x), points=at(p), sides=[float(v) for v in sides[:, 0]],
        weights=[at(w) for w in weights], shapes=shapes,
        checksums=[checksum([a]) for a in (x, labels, p, sides, *weights)],
    )


if __name__ == "__main__":
    roles = {"hello": hello, "start": start, "check": check, "fit": fit, "numbers": numbers}
    role, *rest = sys.argv[1:]
    roles[role](*(int(a) if a.isdigit() else a for a in rest))

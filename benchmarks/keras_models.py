"""The Keras side of the benchmarks: one process for a role, a model and a back end, which KERAS_BACKEND names.

python keras_models.py hello                     versions
python keras_models.py start MODEL               a first epoch of 1,000 rows, from a cold start
python keras_models.py check MODEL               running means of the loss over 20 steps without dropout
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
LABEL, PIXEL, PATTERN, FLIP, POINT, WEIGHT = 1, 2, 3, 4, 5, 100
PIXELS, CLASSES, CHECKED, FIRST_ROWS = 784, 10, 20, 1000


def uniform(stream, index):
    """Numbers in [0, 1) of 24 bits: a hash of stream and index (the finalizer of SplitMix64; Stafford's variant 13)."""
    z = (np.asarray(index, np.uint64) + np.uint64((stream << 40) + 1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (z >> np.uint64(40)).astype(np.float64) / 2**24


def images(rows):
    """Noise over a pattern of the class; every fifth image shows the next class, so that no model learns all."""
    i = np.arange(rows, dtype=np.uint64)
    labels = (uniform(LABEL, i) * CLASSES).astype(np.int32)
    shown = np.where(uniform(FLIP, i) < 0.2, (labels + 1) % CLASSES, labels)
    j = np.arange(PIXELS, dtype=np.uint64)
    noise = uniform(PIXEL, np.arange(rows * PIXELS, dtype=np.uint64)).reshape(rows, PIXELS)
    pattern = uniform(PATTERN, shown.astype(np.uint64)[:, None] * np.uint64(PIXELS) + j)
    return (0.75 * noise + 0.25 * pattern).astype(np.float32), labels


def points(rows):
    """Points of the unit square, and whether they lie in one of two opposite quarters."""
    x = uniform(POINT, np.arange(2 * rows, dtype=np.uint64)).reshape(rows, 2)
    y = (x[:, 0] > 0.5) != (x[:, 1] > 0.5)
    return x.astype(np.float32), y.astype(np.float32)[:, None]


def start_weights(shapes):
    """Kernels by Glorot's rule, biases 0."""
    weights = []
    for k, shape in enumerate(shapes):
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


def stack(name, dropout):
    """The layers, the optimizer, the loss and the batch size of a model."""
    from keras import Input, layers as kl

    drop = (lambda rate: [kl.Dropout(rate)]) if dropout else (lambda rate: [])
    if name == "mlp":
        return [Input((784,)), kl.Dense(64, activation="relu"), kl.Dense(10, activation="softmax")], "adam", 32
    if name == "tiny":
        return [Input((2,)), kl.Dense(3, activation="sigmoid"), kl.Dense(1, activation="sigmoid")], "sgd", 32
    if name == "large":
        hidden = lambda: [kl.Dense(512, activation="relu"), *drop(0.2)]
        return [Input((784,)), *hidden(), *hidden(), kl.Dense(10, activation="softmax")], "rmsprop", 128
    if name == "cnn":
        conv = lambda filters: [kl.Conv2D(filters, 3, activation="relu"), kl.MaxPooling2D(2)]
        return [
            Input((28, 28, 1)), *conv(32), *conv(64), kl.Flatten(), *drop(0.5), kl.Dense(10, activation="softmax"),
        ], "adam", 128
    raise SystemExit(f"unknown model {name}")


class Workload:
    def __init__(self, name, dropout=True):
        import keras

        layers, optimizer, self.batch = stack(name, dropout)
        self.name = name
        self.model = keras.Sequential(layers)
        self.model.set_weights(start_weights([w.shape for w in self.model.weights]))
        loss = "binary_crossentropy" if name == "tiny" else "sparse_categorical_crossentropy"
        self.model.compile(optimizer, loss)

    def data(self, rows):
        if self.name == "tiny":
            return points(rows)
        x, y = images(rows)
        return (x.reshape(rows, 28, 28, 1) if self.name == "cnn" else x), y

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
    x, y = w.data(CHECKED * w.batch)
    means = []
    crc = checksum([x, y, *w.model.get_weights()])
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
    row = x[:1].copy()
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

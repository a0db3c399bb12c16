"""Drives Keras's Progbar and ProgbarLogger with a clock of our own and records what every call prints.

Writes internal/progbar/testdata/bars.json (Progbar), loggers.json (ProgbarLogger, called directly) and fits.json (ProgbarLogger as real fit, evaluate
and predict call it). Times are nanoseconds since the case began; a call is [time, method, arguments ..., text printed].
Keras subtracts two float64 clock readings, exact to 1e-10 s here: a case that meets a limit has times that are exact in binary, and the others stay
away from limits. Run with KERAS_BACKEND=jax.
"""

import io
import json
import os
import random
import sys
import types

import keras
import numpy as np
from keras.src.callbacks import ProgbarLogger
from keras.src.utils import progbar

OUT = os.path.join(os.path.dirname(__file__), "../progbar/testdata")
MS, US, S = 10**6, 10**3, 10**9
BASE = 1 << 20  # seconds; not near 0, where Keras would leave out the first drawing
rng = random.Random(5)


class Clock:
    ns = 0

    def time(self):
        return BASE + self.ns / 1e9


CLOCK = Clock()
progbar.time = CLOCK


class Screen:
    """Stands for stdout while in use."""

    def __init__(self, dynamic):
        self.dynamic, self.out = dynamic, io.StringIO()

    def __enter__(self):
        self.stdout, sys.stdout = sys.stdout, self.out
        modules = {"posix": None} if self.dynamic else {}
        progbar.sys = types.SimpleNamespace(stdout=self.out, modules=modules)
        CLOCK.ns = 0
        return self

    def __exit__(self, *_):
        sys.stdout = self.stdout

    def take(self):
        text = self.out.getvalue()
        self.out.seek(0)
        self.out.truncate()
        return text


def texts(values):
    return [[k, repr(float(v))] for k, v in values]


def bar(name, calls, dynamic=True, **config):
    """A call is (nanoseconds since the last, method, current or n, values)."""
    with Screen(dynamic) as screen:
        p, done = progbar.Progbar(**config), []
        for wait, method, n, values in calls:
            CLOCK.ns += wait
            {"update": p.update, "add": p.add, "finish": lambda n, v: p.update(n, v, finalize=True)}[method](n, values)
            done.append([CLOCK.ns, method, n, texts(values), screen.take()])
    return {"name": name, "dynamic": dynamic, "config": config, "calls": done}


def epoch(target, wait, values=lambda i: [("loss", 1 / i)], method="update"):
    return [(int(wait(i) if callable(wait) else wait), method, i if method == "update" else 1, values(i)) for i in range(1, target + 1)]


def bars():
    for dynamic in (True, False):
        for verbose in (0, 1, 2):
            yield bar("few", epoch(5, 100 * MS), dynamic, target=5, verbose=verbose)
    for n in (1, 2, 9, 10, 11, 99, 100, 101, 999, 1000, 1001, 10000):
        stride = max(1, n // 10)
        calls = [(170 * MS, "update", i, [("loss", i / 3)]) for i in range(stride, n + 1, stride)] + [(3 * MS, "finish", n, [("loss", 2.5)])]
        yield bar(f"target_{n}", calls, target=n)
    for wait in (137, 999, 1499, 12345, 999_400, 999_600, 1_500_100, 23_456_789, 61_234_567, 987_654_321):
        yield bar(f"wait_{wait}_ns", epoch(60, wait), target=60)
    for seconds in (0.9994, 0.9996, 1.4999, 1.5001, 2.51, 61.3, 400.7, 3601.3):
        yield bar(f"wait_{seconds}_s", epoch(6, seconds * S), target=6)
        yield bar(f"line_wait_{seconds}_s", epoch(6, seconds * S), target=6, verbose=2)
    yield bar("seconds", epoch(4, 1 * S), target=4)
    yield bar("halves", epoch(4, S // 2), target=4)
    yield bar("still", epoch(3, 0), target=3)
    yield bar("still_line", epoch(3, 0), target=3, verbose=2)
    yield bar("hours", epoch(3, 3600 * S), target=3)
    yield bar("a_minute_left", epoch(61, 1 * S), target=61)
    yield bar("interval_met", epoch(8, S // 32), target=8, interval=1 / 16)
    yield bar("minutes", epoch(62, 61 * S), target=62)
    yield bar("first_slow", epoch(30, lambda i: 5 * S if i == 1 else 21 * MS), target=30)
    yield bar("jumps", [(60 * MS, "update", n, [("a", float(n))]) for n in (3, 4, 11, 11, 17, 20)], target=20)
    yield bar("backwards", [(60 * MS, "update", n, [("a", float(n))]) for n in (7, 3, 5, 10)], target=10)
    yield bar("zero_first", [(60 * MS, "update", n, [("a", float(n))]) for n in (0, 1, 2)], target=2)
    yield bar("beyond", [(60 * MS, "update", n, []) for n in (9, 10, 11, 25)], target=10)
    yield bar("twice_the_end", epoch(4, 60 * MS) + [(60 * MS, "finish", 4, [("val_loss", 3.0)])], target=4)
    yield bar("cut_short", epoch(4, 60 * MS) + [(60 * MS, "finish", 5, [])], target=9)
    yield bar("unknown", epoch(30, 33 * MS) + [(1 * MS, "finish", 30, [("loss", 1.0), ("val_loss", 2.0)])], target=None)
    yield bar("unknown_line", epoch(30, 33 * MS) + [(1 * MS, "finish", 30, [("loss", 1.0)])], target=None, verbose=2)
    yield bar("unknown_many", [(70 * MS, "update", n, []) for n in (1, 999_999, 9_999_999, 12_345_678)], target=None)
    yield bar("add", epoch(12, 70 * MS, method="add"), target=12)
    yield bar("add_many", [(70 * MS, "add", n, [("x", n * 1.5)]) for n in (1, 3, 2, 4)], target=10)
    yield bar("interval", epoch(40, 30 * MS), target=40, interval=0.2)
    yield bar("interval_0", epoch(10, 1 * US), target=10, interval=0)
    yield bar("unit", epoch(4, 60 * MS), target=4, unit_name="sample")
    yield bar("verbose_3", epoch(4, 60 * MS), target=4, verbose=3)
    for width in (1, 7, 30, 53):
        yield bar(f"width_{width}", epoch(7, 60 * MS), target=7, width=width)
    names = lambda i: [("loss", i * 0.3), ("accuracy", i / 9), ("größe", -i / 7)]
    yield bar("stateful", epoch(6, 60 * MS, names), target=6, stateful_metrics=["accuracy"])
    yield bar("stateless", epoch(6, 60 * MS, names), target=6, stateless_metrics=["accuracy"])
    yield bar("all_last", epoch(6, 20 * MS, names), target=6, stateless_metrics=[])
    yield bar("all_means", epoch(6, 20 * MS, names), target=6, stateful_metrics=[])
    yield bar("late_names", epoch(6, 60 * MS, lambda i: names(i)[: 1 + i // 2][::-1]), target=6)
    nan, inf = float("nan"), float("inf")
    numbers = [0.0, -0.0, 1.0, -1.0, 1e-3, 1.0000001e-3, 9.9e-4, -9.9e-4, -2e-3, 1e-7, -1e-7, 1e-300, 5e-324, 1e5, 123456.789, -123456.789, 1e22, 1e300,
               nan, inf, -inf, 0.00005, 0.12345, 0.00015, 0.5, 2.00005, 0.99995, 0.999949999, 9.99995e-4, 1e-100, np.float32(0.1), np.float32(1e-3)]
    for v in numbers:
        for verbose in (1, 2):
            yield bar(f"value_{v!r}", [(60 * MS, "update", 1, [("v", float(v))]), (60 * MS, "finish", 2, [("v", float(v))])],
                      target=2, verbose=verbose, stateless_metrics=[])
    shrink = [123456.5, 1e-9, 3.25, -1e-5, 100.0, 0.5, nan, 7.0]
    yield bar("shrinking", epoch(8, 60 * MS, lambda i: [("loss", shrink[i - 1])]), target=8, stateless_metrics=[])
    yield bar("shrinking_lines", epoch(8, 60 * MS, lambda i: [("loss", shrink[i - 1])]), False, target=8, stateless_metrics=[])
    for i in range(40):
        n = rng.choice((1, 3, 10, 40, 150))
        scale = 10 ** rng.uniform(2, 9.5)
        keys = rng.sample(["loss", "accuracy", "auc", "mean_absolute_error", "f1"], rng.randint(0, 3))
        draw = lambda _: [(k, rng.choice((1, -1)) * 10 ** rng.uniform(-5, 3)) for k in keys]
        calls = epoch(n, lambda _: rng.expovariate(1 / scale), draw)
        config = rng.choice(({}, {"stateless_metrics": []}, {"stateful_metrics": ["loss"]}))
        yield bar(f"random_{i}", calls, rng.random() < 0.7, target=rng.choice((n, n, n, n + 2, None)), verbose=rng.choice((1, 1, 1, 2)), **config)


def args(method, a):
    """The arguments as Go's Logger takes them: batches are counted from 1."""
    if method == "on_epoch_begin":
        return [a[0], []]
    if method.endswith("batch_end"):
        return [a[0] + 1, texts(a[1].items()) if len(a) > 1 and a[1] and method != "on_predict_batch_end" else []]
    logs = a[-1] if a and isinstance(a[-1], dict) and method != "on_predict_end" else {}
    return [0, texts(logs.items())]


METHODS = ["on_epoch_begin", "on_train_batch_end", "on_epoch_end", "on_test_begin", "on_test_batch_end", "on_test_end", "on_predict_begin",
           "on_predict_batch_end", "on_predict_end"]


def logger(name, calls, verbose=1, epochs=1, steps=None, dynamic=True):
    """A call is (nanoseconds since the last, method, its arguments)."""
    with Screen(dynamic) as screen:
        l, done = ProgbarLogger(), []
        l.set_params({"verbose": verbose, "epochs": epochs, "steps": steps})
        for wait, method, *a in calls:
            CLOCK.ns += int(wait)
            getattr(l, method)(*a)
            if method in METHODS:
                done.append([CLOCK.ns, method, *args(method, a), screen.take()])
    return {"name": name, "verbose": verbose, "epochs": epochs, "steps": steps or 0, "dynamic": dynamic, "calls": done}


def fit(epochs, steps, wait, val_steps=0, first=0):
    yield 0, "on_train_begin"
    for e in range(first, epochs):
        yield wait, "on_epoch_begin", e
        for b in range(steps):
            logs = {"accuracy": (b + 1) / (steps + e), "loss": 1 / (b + e + 1)}
            yield wait, "on_train_batch_end", b, logs
        if val_steps:
            yield wait, "on_test_begin"
            for b in range(val_steps):
                yield wait, "on_test_batch_end", b, {"loss": 0.5}
            yield wait, "on_test_end", {"loss": 0.25}
            logs = {**logs, "val_accuracy": 0.75, "val_loss": 0.25 / 10**e}
        yield wait, "on_epoch_end", e, logs
    yield wait, "on_train_end", logs


def alone(kind, steps, wait):
    yield wait, f"on_{kind}_begin"
    for b in range(steps):
        yield wait, f"on_{kind}_batch_end", b, {"loss": 1 / (b + 1)} if kind == "test" else {"outputs": None}
    yield (wait, f"on_{kind}_end", {"loss": 0.125}) if kind == "test" else (wait, f"on_{kind}_end")


def loggers():
    for verbose in (0, 1, 2):
        for dynamic in (True, False):
            for steps in (7, None):
                for val in (0, 3):
                    yield logger(f"fit_{verbose}_{steps}_{val}", fit(2, 7, 31 * MS, val), verbose, 2, steps, dynamic)
        yield logger(f"one_epoch_{verbose}", fit(1, 5, 70 * MS, 2), verbose, 1, 5)
        yield logger(f"initial_epoch_{verbose}", fit(12, 2, 70 * MS, 2, 10), verbose, 12, 2)
        yield logger(f"short_epoch_{verbose}", fit(2, 4, 70 * MS), verbose, 2, 9)
        for kind in ("test", "predict"):
            for steps in (1, 12):
                yield logger(f"{kind}_{verbose}_{steps}", alone(kind, steps, 23 * MS), verbose, 1, steps)
                yield logger(f"{kind}_{verbose}_{steps}_unknown", alone(kind, steps, 23 * MS), verbose, 1, None)
    yield logger("fast", fit(2, 300, 641 * US, 20), 1, 2, 300)


class Recorder(ProgbarLogger):
    """Records what a real run calls, and what is printed."""

    def set_params(self, params):
        super().set_params(params)
        self.steps = params["steps"]


def recorded(method):
    def call(self, *a, **k):
        a = [*a, *k.values()]
        CLOCK.ns += 9_876_543
        self.screen.take()
        getattr(ProgbarLogger, method)(self, *a)
        self.done.append([CLOCK.ns, method, *args(method, a), self.screen.take()])

    return call


for m in METHODS:
    setattr(Recorder, m, recorded(m))


def fits():
    keras.utils.set_random_seed(1)
    x, y = np.arange(96, dtype="float32").reshape(48, 2) / 96, np.ones((48, 1), "float32")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae", "accuracy"])

    def generator():
        for _ in range(5):
            yield x[:4], y[:4]

    runs = {
        "fit": lambda **k: model.fit(x, y, batch_size=4, epochs=3, validation_split=0.25, validation_freq=2, **k),
        "one_epoch": lambda **k: model.fit(x, y, batch_size=5, **k),
        "generator": lambda **k: model.fit(generator(), epochs=1, **k),
        "evaluate": lambda **k: model.evaluate(x, y, batch_size=7, **k),
        "predict": lambda **k: model.predict(x, batch_size=7, **k),
    }
    for name, run in runs.items():
        for verbose in (1, 2):
            with Screen(True) as screen:
                r = Recorder()
                r.screen, r.done = screen, []
                run(verbose=verbose, callbacks=[r])
            yield {"name": f"{name}_{verbose}", "verbose": verbose, "epochs": r.epochs, "steps": r.steps or 0, "dynamic": True, "calls": r.done}


for file, cases in (("bars", bars()), ("loggers", loggers()), ("fits", fits())):
    with open(os.path.join(OUT, file + ".json"), "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":"), ensure_ascii=False) for c in cases) + "\n]\n")

"""Drives Keras's callbacks over sequences of logs, and asks which way its metrics improve and how Python formats numbers.

python callbacks.py              writes callbacks/testdata/callbacks.json.gz
python callbacks.py --seed 7     the same with fresh draws; --out DIR writes into another directory

After epoch e a model's one weight is e+1, so that the last weight tells which epoch was restored.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import re
import tempfile
import warnings

import keras
import numpy as np
import requests
from keras import callbacks
from keras.callbacks import Callback, EarlyStopping
from keras.src.callbacks import remote_monitor
from keras.src.trainers.compile_utils import get_metric

warnings.filterwarnings("ignore")
OUT = os.path.join(os.path.dirname(__file__), "../../callbacks/testdata")
NAN = float("nan")


class Script(Callback):
    def __init__(self, monitor, values):
        super().__init__()
        self.monitor, self.values = monitor, values

    def on_epoch_end(self, epoch, logs=None):
        logs[self.monitor] = self.values[epoch]
        self.model.set_weights([np.full((1, 1), epoch + 1.0)])


def run(kwargs, values):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(1e-9), "mse", metrics=["accuracy", "mae"], run_eagerly=True)
    stopper = EarlyStopping(**kwargs)
    x = np.zeros((2, 1), "float32")
    history = model.fit(x, x, epochs=len(values), verbose=0, callbacks=[Script(kwargs.get("monitor", "val_loss"), values), stopper])
    return {
        "config": kwargs, "values": [None if v != v else v for v in values], "epochs": len(history.epoch),
        "stopped_epoch": int(stopper.stopped_epoch), "best_epoch": int(stopper.best_epoch), "weight": float(model.get_weights()[0][0, 0]),
    }


SEQUENCES = {
    "down": [5, 4, 3, 2, 1],
    "up": [1, 2, 3, 4, 5],
    "valley": [5, 4, 3, 3, 3.5, 2.9, 4, 5, 6, 7],
    "hill": [0.1, 0.5, 0.6, 0.55, 0.62, 0.5, 0.4, 0.3],
    "flat": [1.0] * 6,
    "slow": [1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7],
    "nan_first": [NAN, 2, 1, 0.5, 0.4],
    "nan_later": [3, NAN, 2, NAN, NAN, NAN, 1],
    "below_float32": [1.0, 1.0 - 1e-9, 1.0 - 2e-9, 1.0 - 3e-9],
}
CASES = []
for name in SEQUENCES:
    for restore in (False, True):
        CASES.append(({"restore_best_weights": restore}, name))
        CASES.append(({"patience": 2, "restore_best_weights": restore}, name))
CASES += [
    ({"patience": 1, "min_delta": 0.2, "restore_best_weights": True}, "slow"),
    ({"patience": 2, "min_delta": 0.06}, "slow"),
    ({"patience": 2, "min_delta": -0.06}, "slow"),
    ({"patience": 1, "min_delta": 0.05}, "slow"),
    ({"patience": 1, "min_delta": 1}, "down"),
    ({"patience": 1, "min_delta": 0.999}, "down"),
    ({"patience": 2, "mode": "max", "restore_best_weights": True}, "hill"),
    ({"patience": 1, "mode": "max", "min_delta": 0.05, "restore_best_weights": True}, "hill"),
    ({"patience": 2, "mode": "min", "restore_best_weights": True}, "hill"),
    ({"monitor": "val_accuracy", "patience": 1, "restore_best_weights": True}, "hill"),
    ({"monitor": "val_accuracy", "patience": 1, "mode": "auto"}, "down"),
    ({"monitor": "accuracy", "patience": 3, "restore_best_weights": True}, "hill"),
    ({"monitor": "val_mae", "patience": 1}, "up"),
    ({"monitor": "loss", "patience": 1}, "up"),
    ({"monitor": "other", "mode": "max", "patience": 1}, "up"),
    ({"patience": 2, "baseline": 2.95, "restore_best_weights": True}, "valley"),
    ({"patience": 3, "baseline": 10.0, "restore_best_weights": True}, "valley"),
    ({"patience": 2, "baseline": 0.0}, "down"),
    ({"patience": 2, "baseline": 3.0, "mode": "max"}, "up"),
    ({"patience": 2, "baseline": 0.5, "mode": "max", "restore_best_weights": True}, "hill"),
    ({"patience": 1, "start_from_epoch": 3, "restore_best_weights": True}, "up"),
    ({"patience": 0, "start_from_epoch": 2, "restore_best_weights": True}, "flat"),
    ({"patience": 2, "start_from_epoch": 20, "restore_best_weights": True}, "flat"),
    ({"patience": 4, "restore_best_weights": True}, "valley"),
    ({"patience": 30, "restore_best_weights": True}, "valley"),
]


def directions():
    found = {}
    t, p = np.zeros((2, 3), "float32"), np.zeros((2, 3), "float32")
    names = ["accuracy", "acc", "mse", "mae", "mape", "msle", "bce", "cosine_similarity", "kl_divergence", "kld", "hinge", "poisson",
             "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "log_cosh"]
    metrics = []
    for n in names:
        try:
            metrics.append((n, get_metric(n, t, p)))
        except ValueError:
            pass
    for n in dir(keras.metrics):
        cls = getattr(keras.metrics, n)
        if isinstance(cls, type) and issubclass(cls, keras.metrics.Metric) and n != "Metric":
            try:
                m = cls()
            except TypeError:
                continue
            metrics.append((m.name, m))
    for name, m in metrics:
        if getattr(m, "_direction", None) and name not in found:
            found[name] = {"up": "max", "down": "min"}[m._direction]
    return dict(sorted(found.items()))


class Draw:
    """Random choices for one case."""

    def __init__(self, *seed):
        self.rng = np.random.default_rng(seed)

    def one(self, *values):
        return values[self.rng.integers(len(values))]

    def chance(self, p=0.5):
        return bool(self.rng.random() < p)

    def size(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def real(self):
        """A number of any size, in float32 as logs are, or not a number."""
        special = self.rng.random()
        if special < 0.04:
            return NAN
        if special < 0.08:
            return self.one(float("inf"), -float("inf"), 0.0, -0.0, 1.0, 1e16, 123456789.0, 0.0001)
        v = float(self.rng.normal() * 10.0 ** self.size(-8, 8))
        return float(np.float32(v)) if self.chance(0.7) else v

    def walk(self, n):
        """A sequence that falls, rises and rests."""
        v, out = self.size(1, 4) / 2, []
        for _ in range(n):
            out.append(NAN if self.chance(0.04) else v)
            v = round(v + self.one(-0.3, -0.1, -0.001, 0.0, 0.0, 0.05, 0.2) * self.one(1, 1, 1, 0.001), 6)
        return out

    def options(self, **values):
        """Each with a chance of being given."""
        return {k: v for k, v in values.items() if self.chance()}


def plain(v):
    """JSON, with numbers that it does not have as texts."""
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    if isinstance(v, (float, np.floating)):
        v = float(v)
        return v if np.isfinite(v) else "NaN" if v != v else "Infinity" if v > 0 else "-Infinity"
    return v


def model_of(rate=0.1, **kwargs):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(rate, **kwargs), "mse")
    model.optimizer.build(model.trainable_variables)
    model.stop_training = False
    return model


@contextlib.contextmanager
def said(into):
    with contextlib.redirect_stdout(io.StringIO()) as text:
        yield
    into["text"] = text.getvalue()


def stopping(d):
    values = d.walk(d.size(3, 14))
    kwargs = d.options(min_delta=d.one(0.0, 0.05, 0.1, -0.1), patience=d.size(0, 4), mode=d.one("min", "max", "auto"),
                       baseline=d.one(0.5, 1.0, 1.5), restore_best_weights=d.chance(), start_from_epoch=d.size(0, 4))
    case = {"config": kwargs, "values": values}
    model, stopper = model_of(), EarlyStopping(verbose=1, **kwargs)
    stopper.set_model(model)
    with said(case):
        stopper.on_train_begin()
        for epoch, v in enumerate(values):
            model.set_weights([np.full((1, 1), epoch + 1.0)])
            stopper.on_epoch_end(epoch, {"val_loss": v})
            if model.stop_training:
                break
        stopper.on_train_end()
    return {**case, "epochs": epoch + 1, "weight": float(model.get_weights()[0][0, 0])}


def plateau(d):
    values = d.walk(d.size(5, 25))
    kwargs = d.options(factor=d.one(0.0, 0.1, 0.5, 0.9), patience=d.size(0, 4), mode=d.one("min", "max", "auto"),
                       min_delta=d.one(0.0, 0.05, 0.2), cooldown=d.size(0, 3), min_lr=d.one(0.0, 1e-4, 0.01))
    rate = d.one(0.1, 0.001, 0.3, 1e-5)
    case = {"config": kwargs, "values": values, "rate": rate, "rates": [], "logged": []}
    model, c = model_of(rate), callbacks.ReduceLROnPlateau(verbose=1, **kwargs)
    c.set_model(model)
    with said(case):
        c.on_train_begin()
        for epoch, v in enumerate(values):
            logs = {"val_loss": v}
            c.on_epoch_end(epoch, logs)
            case["rates"].append(float(model.optimizer.learning_rate))
            case["logged"].append(logs["learning_rate"])
    return case


def scheduler(d):
    a, b, rate = d.one(1.0, 0.5, 0.9), d.one(0.0, 0.001, 0.1), d.one(0.1, 0.001, 0.3)
    case = {"factor": a, "step": b, "rate": rate, "rates": [], "logged": []}
    model, c = model_of(rate), callbacks.LearningRateScheduler(lambda epoch, lr: lr * a + b * epoch, verbose=1)
    c.set_model(model)
    with said(case):
        for epoch in range(d.size(1, 6)):
            logs = {"loss": 0.0}
            c.on_epoch_begin(epoch, logs)
            c.on_epoch_end(epoch, logs)
            case["rates"].append(float(model.optimizer.learning_rate))
            case["logged"].append(logs["learning_rate"])
    return case


class Saved:
    """A model that only notes where it would be saved."""

    metrics = ()

    def __init__(self):
        self.paths = []

    def save(self, path, overwrite):
        self.paths.append(path)

    save_weights = save


def checkpoint(d):
    weights, best = d.chance(), d.chance(0.7)
    freq = d.one(0, 0, 0, 1, 2, 3, 5)
    kwargs = d.options(mode=d.one("min", "max"), initial_value_threshold=d.one(0.5, 1.0))
    kwargs.setdefault("mode", "min")  # What Keras makes of "auto" in a first epoch's batches is an exception.
    kwargs["monitor"] = "loss" if freq else d.one("loss", "val_loss")
    kwargs.update(save_weights_only=weights, save_best_only=best)
    name = d.one("model", "{epoch}", "{epoch:03d}-{loss:.2f}", "sub/{loss:+.3e}", "{{x}}-{epoch:>4}{loss:07.3f}", "a/b/{loss}")
    if freq:
        name += d.one("", "-{batch}", "-{batch:02d}")
    elif d.chance():
        name += "-{val_loss:.4f}"
    path = name + (".weights.h5" if weights else ".keras")
    epochs = []
    for _ in range(d.size(2, 6)):
        epochs.append({"batches": d.walk(d.size(1, 5)), "val_loss": d.walk(1)[0]})
    case = {"config": {k: v for k, v in kwargs.items()}, "save_freq": freq, "path": path, "epochs": epochs}
    model = Saved()
    with tempfile.TemporaryDirectory() as top:
        c = callbacks.ModelCheckpoint(os.path.join(top, path), verbose=1, save_freq=freq or "epoch", **kwargs)
        c._set_monitor_op()
        c.set_model(model)
        with said(case):
            c.on_train_begin()
            for i, e in enumerate(epochs):
                c.on_epoch_begin(i)
                for j, v in enumerate(e["batches"]):
                    c.on_train_batch_begin(j)
                    c.on_train_batch_end(j, {"loss": v})
                c.on_epoch_end(i, {"loss": e["batches"][-1], "val_loss": e["val_loss"]})
            c.on_train_end()
        case["text"] = case["text"].replace(top + "/", "TOP/")
        case["paths"] = [p.removeprefix(top + "/") for p in model.paths]
    return case


def csv(d):
    separator, append = d.one(",", ",", ";", "\t", "|", ".", "-", "e"), d.chance()
    pool = ["loss", "accuracy", "mae", 'a"b', "a,b", "a;b", "x y", "\u00e9", "val_loss", "val_mae"]
    before = d.one(None, None, "", "epoch,loss\r\n", "x")
    runs = []
    for _ in range(d.size(1, 3)):
        keys = [k for k in pool if d.chance(0.4)]
        run = []
        for _ in range(d.size(1, 3)):
            run.append({k: d.real() for k in keys if d.chance(0.9)})
        runs.append(run)
    with tempfile.TemporaryDirectory() as top:
        name = os.path.join(top, "log.csv")
        if before is not None:
            with open(name, "w", newline="") as f:
                f.write(before)
        c = callbacks.CSVLogger(name, separator=separator, append=append)
        for run in runs:
            if not append:
                c.append_header = True
            c.on_train_begin()
            for epoch, logs in enumerate(run):
                c.on_epoch_end(epoch, logs)
            c.on_train_end()
        with open(name, newline="") as f:
            text = f.read()
    return {"separator": separator, "append": append, "before": before, "runs": runs, "text": text}


def nan(d):
    losses = [d.one(0.5, 0.5, 0.5, NAN, float("inf")) for _ in range(4)]
    case = {"losses": losses}
    c, model = callbacks.TerminateOnNaN(), model_of()
    c.set_model(model)
    with said(case):
        for i, v in enumerate(losses):
            c.on_train_batch_end(i, {"loss": v})
            if model.stop_training:
                break
    return {**case, "stopped": i if model.stop_training else -1}


def swap(d):
    epochs, on_epoch = d.size(1, 4), d.chance()
    model = model_of(use_ema=True)
    weight, mean = model.trainable_variables[0], model.optimizer._model_variables_moving_average[0]
    c = callbacks.SwapEMAWeights(swap_on_epoch=on_epoch)
    c.set_model(model)
    c.set_params({"epochs": epochs})
    steps = []

    def hook(name, *args):
        getattr(c, name)(*args)
        steps.append({"hook": name, "epoch": args[0] if args else 0, "weight": float(weight.value[0, 0]), "mean": float(mean.value[0, 0])})

    def put(w, m):
        weight.assign([[w]])
        mean.assign([[m]])
        steps.append({"hook": "put", "weight": w, "mean": m})

    for epoch in range(epochs):
        hook("on_epoch_begin", epoch)
        put(epoch + 1.0, 10 * epoch + 10.0)
        if d.chance():
            hook("on_test_begin")
            hook("on_test_end")
        hook("on_epoch_end", epoch)
        if d.chance(0.15):
            break
    if d.chance():
        hook("on_test_begin")
        hook("on_test_end")
    return {"swap_on_epoch": on_epoch, "epochs": epochs, "steps": steps}


def norm(d):
    shape = [d.size(1, 4) for _ in range(d.size(1, 4))]
    value = (d.rng.normal(size=shape) * 2).astype("float32") * (0 if d.chance(0.05) else 1)
    limit = d.one(0.0, 0.5, 1.0, 2.0, 3.5)
    axis = None if d.chance(0.3) else sorted({d.size(-len(shape), len(shape) - 1) % len(shape) for _ in range(d.size(1, 3))})
    along = axis if axis is not None else list(range(max(len(shape) - 1, 1)))
    out = keras.constraints.MaxNorm(limit, axis=along)(value)
    return {"shape": shape, "value": value.ravel().tolist(), "max_value": limit, "axis": axis, "want": np.asarray(out).ravel().tolist()}


def remote(d):
    kwargs = d.options(path=d.one("/p", "/a/b/"), field=d.one("x", "log s"), headers={"X-Key": "k1", "X-Other": "o"}, send_as_json=True)
    epoch, logs = d.size(0, 9), {k: d.real() for k in sorted(["accuracy", "loss", "val_loss", "x y"]) if d.chance()}
    case = {"config": kwargs, "epoch": epoch, "logs": logs, "sent": None}
    down = d.chance(0.1)

    def post(url, data=None, json=None, headers=None):
        r = requests.Request("POST", url, data=data, json=json, headers=headers).prepare()
        if down:
            raise requests.exceptions.ConnectionError
        body = r.body if isinstance(r.body, str) else r.body.decode()
        case["sent"] = {"url": r.path_url, "body": body, "type": r.headers["Content-Type"],
                        "headers": {k: v for k, v in r.headers.items() if k.startswith("X-")}}

    remote_monitor.requests.post = post
    with warnings.catch_warnings(record=True) as w:
        warnings.simplefilter("always")
        callbacks.RemoteMonitor(root="http://localhost:9000", **kwargs).on_epoch_end(epoch, dict(logs))
    return {**case, "down": down, "text": "".join(str(x.message) + "\n" for x in w)}


def number_format(d):
    if d.chance(0.15):
        spec = "".join(d.one(*"<>=^+- z#0123456789,_.bcdeEfFgGnoxX%qs*") for _ in range(d.size(0, 4)))
        spec = re.sub(r"\d{3,}", "12", spec)  # Go's are of at most 255.
    else:
        spec = d.one("", "", "", "*", "0", "\u00e9") + d.one("<", ">", "=", "^") if d.chance(0.4) else ""
        spec += d.one("", "", "", "+", "-", " ") + d.one("", "", "", "", "z") + d.one("", "", "", "#") + d.one("", "", "0")
        spec += d.one("", "", str(d.size(1, 14))) + d.one("", "", "", ",", "_")
        spec += d.one("", f".{d.size(0, 12)}") + d.one("", "", *"bcdeEfFgGnoxX%")
    value = d.one(d.size(-10, 10), d.size(-(10**9), 10**9), d.size(0, 100)) if d.chance(0.4) else d.real()
    try:
        want = format(value, spec)
    except (ValueError, OverflowError):
        want = None
    if want is not None and any(0xD800 <= ord(c) <= 0xDFFF for c in want):
        want = None  # No text in Go.
    return {"spec": spec, "int": value if isinstance(value, int) else None, "float": None if isinstance(value, int) else value, "want": want}


TEMPLATES = [
    "", "plain", "{{}}", "{{{epoch}}}", "{epoch}{loss}", "{epoch:{{}", "{", "}", "a}b", "{epoch", "{nothing}", "{}", "{0}", "{epoch:02d}-{val_loss:.2f}.keras",
    "{loss:s}", "{epoch:.2f}", "{{epoch}}", "{epoch:}", "{batch}", "x{epoch:>5}y{loss:<8.3}z", "{ epoch}", "{epoch:d}}}", "{:d}", "{loss:%}",
]


def template(text, logs):
    try:
        want = text.format(epoch=7, **logs)
    except (ValueError, KeyError, IndexError):
        want = None
    return {"text": text, "logs": logs, "want": want}


def draw(seed):
    keras.utils.set_random_seed(seed)

    def cases(n, what, tag):
        return [what(Draw(seed, tag, i)) for i in range(n)]

    logs = {k: Draw(seed, 99, i).real() for i, k in enumerate(["loss", "val_loss"])}
    return {
        "early_stopping": [{"sequence": s, **run(k, [float(v) for v in SEQUENCES[s]])} for k, s in CASES],
        "directions": directions(),
        "stopping": cases(60, stopping, 0), "plateau": cases(60, plateau, 1), "scheduler": cases(12, scheduler, 2),
        "checkpoint": cases(60, checkpoint, 3), "csv": cases(50, csv, 4), "nan": cases(10, nan, 5), "swap": cases(30, swap, 6),
        "norm": cases(40, norm, 7), "remote": cases(30, remote, 8), "format": cases(1500, number_format, 9),
        "template": [template(t, logs) for t in TEMPLATES],
    }


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--out", default=OUT)
args = parser.parse_args()
with open(os.path.join(args.out, "callbacks.json.gz"), "wb") as file, gzip.GzipFile("", "wb", 9, file, 0) as packed:
    packed.write((json.dumps(plain(draw(args.seed)), separators=(",", ":")) + "\n").encode())

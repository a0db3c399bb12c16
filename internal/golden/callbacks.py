"""Runs Keras's EarlyStopping inside fit over given sequences of a monitored value, and asks which way Keras's metrics improve.

Writes callbacks/testdata/callbacks.json. After epoch e the model's one weight is e+1, so that the last weight tells which epoch was restored.
"""

import json
import os
import warnings

import keras
import numpy as np
from keras.callbacks import Callback, EarlyStopping
from keras.src.trainers.compile_utils import get_metric

warnings.filterwarnings("ignore")
OUT = os.path.join(os.path.dirname(__file__), "../../callbacks/testdata/callbacks.json")
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


with open(OUT, "w") as f:
    runs = [{"sequence": s, **run(k, [float(v) for v in SEQUENCES[s]])} for k, s in CASES]
    json.dump({"early_stopping": runs, "directions": directions()}, f, separators=(",", ":"))
    f.write("\n")

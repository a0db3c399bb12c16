"""Asks Keras for 20-step trajectories of its optimizers, their state, and learning rate schedules.

Writes keras/optimizers/testdata/optimizers.json. Gradients are drawn once and shared; every case starts from the same weights.
"""

import json
import os

import keras
import numpy as np
from keras.optimizers import SGD, Adam, RMSprop
from keras.optimizers.schedules import CosineDecay, ExponentialDecay

OUT = os.path.join(os.path.dirname(__file__), "../../keras/optimizers/testdata/optimizers.json")
SHAPES = {"kernel": (3, 4), "bias": (5,), "filters": (2, 3, 2)}
STEPS = 20
numpy = keras.ops.convert_to_numpy

rng = np.random.default_rng(11)
START = {n: rng.normal(size=s).astype("float32") for n, s in SHAPES.items()}
GRADS = [{n: rng.normal(size=s).astype("float32") for n, s in SHAPES.items()} for _ in range(STEPS)]
for step, grads in enumerate(GRADS):
    grads["bias"][0] = 0.0  # A weight that nothing depends on.
    if step % 3 == 0:
        grads["bias"] *= np.float32(1e-3)  # Norms on both sides of the clipping limits.


def cases():
    yield "sgd", SGD, {}
    yield "sgd_rate", SGD, {"learning_rate": 0.3}
    yield "sgd_momentum", SGD, {"momentum": 0.9}
    yield "sgd_nesterov", SGD, {"momentum": 0.9, "nesterov": True, "learning_rate": 0.05}
    yield "sgd_nesterov_without_momentum", SGD, {"nesterov": True}
    yield "sgd_clipnorm", SGD, {"clipnorm": 1.5}
    yield "sgd_clipvalue", SGD, {"clipvalue": 0.4}
    yield "sgd_global_clipnorm", SGD, {"global_clipnorm": 5.0}
    yield "sgd_weight_decay", SGD, {"weight_decay": 0.1}
    yield "sgd_momentum_clip_decay", SGD, {"momentum": 0.8, "clipnorm": 1.0, "weight_decay": 0.01}
    yield "adam", Adam, {}
    yield "adam_rate", Adam, {"learning_rate": 0.05}
    yield "adam_betas", Adam, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}
    yield "adam_zero_betas", Adam, {"beta_1": 0.0, "beta_2": 0.0}
    yield "adam_amsgrad", Adam, {"amsgrad": True, "learning_rate": 0.01}
    yield "adam_clipnorm", Adam, {"clipnorm": 1.0}
    yield "adam_clipvalue", Adam, {"clipvalue": 0.5}
    yield "adam_global_clipnorm", Adam, {"global_clipnorm": 4.5}
    yield "adam_weight_decay", Adam, {"weight_decay": 0.05, "learning_rate": 0.01}
    yield "rmsprop", RMSprop, {}
    yield "rmsprop_rho", RMSprop, {"rho": 0.5, "epsilon": 1e-2, "learning_rate": 0.02}
    yield "rmsprop_zero_rho", RMSprop, {"rho": 0.0}
    yield "rmsprop_momentum", RMSprop, {"momentum": 0.7}
    yield "rmsprop_centered", RMSprop, {"centered": True, "epsilon": 1e-3}
    yield "rmsprop_centered_momentum", RMSprop, {"centered": True, "momentum": 0.5, "epsilon": 1e-3}
    yield "rmsprop_global_clipnorm", RMSprop, {"global_clipnorm": 4.5, "weight_decay": 0.02}
    yield "sgd_exponential", SGD, {"learning_rate": ExponentialDecay(0.1, 7, 0.8)}
    yield "adam_cosine", Adam, {"learning_rate": CosineDecay(0.0, 10, alpha=0.1, warmup_target=0.02, warmup_steps=5)}


def run(name, cls, kwargs, missing=False):
    opt = cls(**kwargs)
    variables = [keras.Variable(START[n], name=n) for n in SHAPES]
    opt.build(variables)
    rates = []
    for step in range(STEPS):
        grads = [GRADS[step][n] for n in SHAPES]
        pairs = [(g, v) for g, v in zip(grads, variables) if not (missing and v.name == "bias" and step % 2)]
        rates.append(float(numpy(opt.learning_rate)))
        opt.apply([g for g, _ in pairs], [v for _, v in pairs])
        if step == 0:
            first = [numpy(v).ravel().tolist() for v in variables]
    config = {k: v for k, v in kwargs.items() if not isinstance(v, keras.optimizers.schedules.LearningRateSchedule)}
    return {
        "name": name, "class": cls.__name__, "config": config, "missing": missing, "rates": rates, "first": first,
        "last": [numpy(v).ravel().tolist() for v in variables],
        "state": [{"name": v.name, "shape": list(v.shape), "data": numpy(v).ravel().tolist()} for v in opt.variables],
    }


def schedules():
    rows = []
    for config, schedule in [
        ({"class": "ExponentialDecay", "rate": 0.1, "steps": 7, "decay": 0.8}, ExponentialDecay(0.1, 7, 0.8)),
        ({"class": "ExponentialDecay", "rate": 0.1, "steps": 7, "decay": 0.8, "staircase": True}, ExponentialDecay(0.1, 7, 0.8, staircase=True)),
        ({"class": "CosineDecay", "rate": 0.1, "steps": 15}, CosineDecay(0.1, 15)),
        ({"class": "CosineDecay", "rate": 0.1, "steps": 15, "alpha": 0.2, "warmup_steps": 4}, CosineDecay(0.1, 15, alpha=0.2, warmup_steps=4)),
        ({"class": "CosineDecay", "rate": 0.01, "steps": 15, "alpha": 0.2, "warmup_target": 0.3, "warmup_steps": 6},
         CosineDecay(0.01, 15, alpha=0.2, warmup_target=0.3, warmup_steps=6)),
        ({"class": "CosineDecay", "rate": 0.01, "steps": 15, "warmup_target": 0.3}, CosineDecay(0.01, 15, warmup_target=0.3)),
    ]:
        rows.append({**config, "values": [float(numpy(schedule(s))) for s in range(30)]})
    return rows


with open(OUT, "w") as f:
    json.dump({
        "shapes": list(SHAPES.items()),
        "start": [v.ravel().tolist() for v in START.values()],
        "gradients": [[g.ravel().tolist() for g in grads.values()] for grads in GRADS],
        "cases": [run(*c) for c in cases()] + [run("adam_missing_gradients", Adam, {"learning_rate": 0.01, "weight_decay": 0.1}, missing=True)],
        "schedules": schedules(),
    }, f, separators=(",", ":"))
    f.write("\n")

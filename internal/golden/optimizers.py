"""Draws options of every optimizer and asks Keras for 20 steps with them: the weights, the learning rates and the whole state.

python optimizers.py              writes keras/optimizers/testdata/optimizers.json.gz
python optimizers.py --seed 7     the same with fresh draws; --out DIR writes into another directory

Weights and gradients are drawn once and shared by all cases. Arrays are written as base64 of float32, lowest byte first.
"""

import argparse
import base64
import gzip
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
from keras import optimizers
from keras.optimizers import schedules

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "keras" / "optimizers" / "testdata"
SHAPES = {"scale": (), "bias": (5,), "kernel": (3, 4), "recurrent_kernel": (5, 3), "embeddings": (4, 2), "depthwise": (2, 3, 2), "filters": (2, 1, 3, 2)}
STEPS = 20
DRAWS = 7
CLASSES = [
    "SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion", "Lamb", "Adafactor", "Muon", "ScheduleFreeAdamW",
]


class Draw:
    """Random choices for one case."""

    def __init__(self, *seed):
        self.rng = np.random.default_rng(seed)

    def one(self, values):
        return values[self.rng.integers(len(values))]

    def chance(self, p=0.5):
        return bool(self.rng.random() < p)

    def size(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def grid(self, low, high, steps=100):
        """A number of few digits."""
        return float(self.rng.integers(round(low * steps), round(high * steps) + 1) / steps)

    def some(self, **options):
        """Each of the options or Keras's default."""
        return {name: value for name, value in options.items() if self.chance()}


def beta(d):
    """A decay rate of a mean, of the few whose powers up to the 22nd are the same numbers for the C library and for Go, all compared."""
    return 1 - d.size(1, 50) / 100


def shared(d):
    """Options that every optimizer has."""
    o = {}
    clip = d.one(["", "", "clipnorm", "clipvalue", "global_clipnorm"])
    if clip:
        o[clip] = {"clipnorm": 1.5, "clipvalue": 0.4, "global_clipnorm": 4.5}[clip]
    if d.chance(0.4):
        o["weight_decay"] = d.grid(0.0, 0.2)
    if d.chance(0.4):
        o.update(use_ema=True, ema_momentum=d.grid(0.0, 1.0))
        if d.chance():
            o["ema_overwrite_frequency"] = d.size(1, 6)
    if d.chance(0.3):
        o["gradient_accumulation_steps"] = d.size(2, 4)
    if d.chance(0.3):
        o["loss_scale_factor"] = d.one([2.0, 1024.0, 3.0, 0.7])
    return o


def rate(d, name):
    if d.chance(0.3):
        first = 0.001 if name == "Ftrl" else 0.0  # Ftrl divides by the rate.
        return d.one([
            lambda: schedules.ExponentialDecay(0.05, d.size(2, 9), d.grid(0.5, 0.9)),
            lambda: schedules.CosineDecay(first, 10, alpha=0.1, warmup_target=0.02, warmup_steps=d.size(0, 6)),
            lambda: schedules.PiecewiseConstantDecay([d.size(1, 5), d.size(6, 12)], [0.05, 0.02, 0.01]),
        ])()
    return d.grid(0.005, 0.1, 1000)


def own(d, name):
    """Options of one optimizer. Epsilon is never so small that the rounding of gradients near 0 would be all that is left of a step."""
    epsilon = d.one([1e-7, 1e-5, 1e-3])
    match name:
        case "SGD":
            return d.some(momentum=d.grid(0.1, 1.0), nesterov=True)
        case "Adam" | "AdamW":
            return d.some(beta_1=beta(d), beta_2=beta(d), epsilon=epsilon, amsgrad=True)
        case "RMSprop":
            # A centered variance is a difference: with a rho near 0 nothing but rounding is left of it.
            return d.some(rho=d.grid(0.5, 0.99), momentum=d.grid(0.1, 0.9), epsilon=1e-3, centered=True)
        case "Adagrad":
            return d.some(initial_accumulator_value=d.grid(0.0, 1.0), epsilon=epsilon)
        case "Adadelta":
            return d.some(rho=d.grid(0.1, 0.99), epsilon=epsilon)
        case "Adamax" | "Nadam" | "Lamb":
            return d.some(beta_1=beta(d), beta_2=beta(d), epsilon=epsilon)
        case "Ftrl":
            return d.some(
                learning_rate_power=d.one([-0.5, -0.3, -1.0, 0.0]), initial_accumulator_value=d.grid(0.05, 1.0), beta=d.grid(0.0, 1.0),
                l1_regularization_strength=d.grid(0.0, 2.0), l2_regularization_strength=d.grid(0.0, 1.0),
                l2_shrinkage_regularization_strength=d.grid(0.0, 1.0),
            )
        case "Lion":
            return d.some(beta_1=d.grid(0.1, 1.0), beta_2=d.grid(0.0, 1.0))
        case "Adafactor":
            return d.some(
                beta_2_decay=-d.grid(0.1, 1.0, 10), epsilon_1=d.one([1e-30, 1e-8]), epsilon_2=d.one([1e-3, 0.5]), clip_threshold=d.grid(0.5, 3.0),
                relative_step=False,
            )
        case "Muon":
            # Other numbers than these, or a mixture of both, would not converge.
            polynomial = d.one([{}, {"muon_a": 3.0, "muon_b": -3.5, "muon_c": 1.5}])
            return polynomial | d.some(
                adam_beta_1=beta(d), adam_beta_2=beta(d), adam_weight_decay=d.one([None, 0.0, 0.1]), epsilon=epsilon, weight_decay=None,
                exclude_layers=d.one([["recurrent"], ["^layer/k", "x"]]), exclude_embeddings=False, adam_lr_ratio=d.grid(0.1, 2.0),
                momentum=d.grid(0.0, 0.99), ns_steps=d.size(0, 5), nesterov=False, rms_rate=d.one([None, 0.3]),
            )
        case "ScheduleFreeAdamW":
            return d.some(beta_1=beta(d), beta_2=beta(d), epsilon=epsilon, warmup_steps=d.size(1, 8))


def packed(a):
    return base64.b64encode(np.asarray(a, "float32").tobytes()).decode()


def numpy(v):
    return keras.ops.convert_to_numpy(v)


def entry(v):
    a = numpy(v)
    key = "int" if a.dtype.kind == "i" else "float"
    return {"name": v.name, "shape": list(a.shape), key: a.ravel().tolist() if key == "int" else packed(a)}


def config(o):
    """The optimizer as it stands in a file."""
    return json.loads(json.dumps(keras.saving.serialize_keras_object(o)))


class Case:
    def __init__(self, start, gradients, d):
        with keras.name_scope("layer"):
            self.weights = [keras.Variable(start[n], name=n) for n in SHAPES]
        self.gradients = gradients
        # The gradient of one weight is missing in each second step, or in all of them.
        self.missing = d.one(["", "", *SHAPES])
        self.every = d.one([1, 2])

    def at(self, step):
        return [None if n == self.missing and step % self.every == 0 else self.gradients[step][n] for n in SHAPES]

    def values(self):
        return [packed(numpy(v)) for v in self.weights]

    def answer(self, o, **more):
        return {"missing": self.missing, "every": self.every, "last": self.values(), "state": [entry(v) for v in o.variables], **more}


def run(name, d, start, gradients):
    case = Case(start, gradients, d)
    o = getattr(optimizers, name)(**{"learning_rate": rate(d, name), **shared(d), **own(d, name)})
    described = config(o)
    exclude = d.one([[], [], ["bias"], ["ker", "x$"], ["^b", "s$"]])
    if exclude:
        o.exclude_from_weight_decay(var_names=exclude)
    o.build(case.weights)
    rates = []
    for step in range(STEPS):
        rates.append(float(numpy(o.learning_rate)))
        o.apply(case.at(step), case.weights)
        if step == 0:
            first = case.values()
    o_final = case.answer(o, config=described, exclude=exclude, rates=rates, first=first)
    o.finalize_variable_values(case.weights)
    return {**o_final, "final": case.values()}


def run_scaled(d, start, gradients):
    """LossScaleOptimizer, with gradients that are not finite in some steps. Its stateful way does not work on JAX.

    Of Nadam and Adafactor inside of it Keras loses sight of some variables, so they are not drawn.
    """
    case = Case(start, gradients, d)
    name = d.one(["Adam", "SGD", "RMSprop"])
    options = {k: v for k, v in shared(d).items() if k != "loss_scale_factor"}
    inner = getattr(optimizers, name)(**{"learning_rate": d.grid(0.005, 0.1, 1000), **options, **own(d, name)})
    o = optimizers.LossScaleOptimizer(inner, **d.some(initial_scale=d.one([8.0, 1000.0]), dynamic_growth_steps=d.size(0, 4)))
    described = config(o)
    o.build(case.weights)
    bad = sorted(int(s) for s in d.rng.choice(STEPS, 4, replace=False))
    scales = []
    for step in range(STEPS):
        scale = numpy(o.dynamic_scale)
        scales.append(float(scale))
        grads = [None if g is None else g * scale for g in case.at(step)]
        if step in bad:
            grads = [None if g is None else g + np.float32(np.inf) for g in grads]
        weights, state = o.stateless_apply([v.value for v in o.variables], grads, [v.value for v in case.weights])
        for v, value in zip(case.weights + o.variables, weights + state):
            v.assign(value)
    return case.answer(o, config=described, scales=scales, bad=bad)


def words():
    """What each word is to keras.optimizers.get; None: an error."""
    out = {}
    for word in [*CLASSES, *(n.lower() for n in CLASSES), "ADAM", "rm_sprop", "adam ", "", "keras.optimizers.Adam", "LossScaleOptimizer", "Custom>Adam"]:
        try:
            out[word] = type(optimizers.get(word)).__name__
        except Exception:
            out[word] = None
    return out


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--out", type=pathlib.Path, default=OUT)
    a = arguments.parse_args()
    jax.lax.cond = lambda pred, true_fun, false_fun: true_fun() if bool(pred) else false_fun()  # JAX's own compiles anew at each step.
    rng = np.random.default_rng([a.seed, 1])
    start = {n: rng.normal(size=s).astype("float32") for n, s in SHAPES.items()}
    gradients = [{n: rng.normal(size=s).astype("float32") for n, s in SHAPES.items()} for _ in range(STEPS)]
    for step, grads in enumerate(gradients):
        grads["filters"].flat[0] = 0.0  # A weight that nothing depends on.
        if step % 3 == 0:
            grads["bias"] *= np.float32(1e-3)  # Norms on both sides of the clipping limits.
    draws = [(i, n, k) for i, n in enumerate(CLASSES) for k in range(DRAWS)]
    data = {
        "shapes": [[f"layer/{n}", list(s)] for n, s in SHAPES.items()],
        "start": [packed(v) for v in start.values()],
        "gradients": [[packed(g) for g in grads.values()] for grads in gradients],
        "cases": [run(n, Draw(a.seed, 2, i, k), start, gradients) for i, n, k in draws],
        "scaled": [run_scaled(Draw(a.seed, 3, k), start, gradients) for k in range(DRAWS)],
        "words": words(),
        "defaults": [config(getattr(optimizers, n)()) for n in CLASSES],
    }
    a.out.mkdir(parents=True, exist_ok=True)
    with gzip.GzipFile(a.out / "optimizers.json.gz", "wb", mtime=0) as f:
        f.write(json.dumps(data, separators=(",", ":")).encode())


main()

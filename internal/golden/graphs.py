"""Draws functional models and asks Keras for all that there is to know about them.

keras/testdata/graphs/steps.json.gz has training steps of one's own with several models, gradients of inner tensors, and what freezing does.
keras/testdata/graphs/graphs.json.gz has for each model how it is made (inputs, parts and calls), its configuration, names, summaries, outputs, gradients
of its inputs, the logs of some steps of training, and every weight after. Parts are layers and whole models; calls apply them, at several
places too, or are operations between layers. Everything is smooth and starts from small numbers on a grid, so that float32 is enough anywhere.

JAX loses the mask of predictions on its way out of the differentiated function: metrics of masked outputs are those of evaluate only.

python graphs.py            writes the fixture
python graphs.py --seed 7   the same with fresh draws, to the folder given by --out
"""

import argparse
import base64
import gzip
import json
import os
import pathlib

os.environ["COLUMNS"] = "80"

import jax
import keras
import numpy as np
from keras import ops

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "keras" / "testdata" / "graphs"
CASES, BATCH, SAMPLES, STEPS = 10, 8, 24, 6
T = 4  # steps of sequences


class Draw:
    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def one(self, values):
        return values[self.rng.integers(len(values))]

    def chance(self, p=0.5):
        return bool(self.rng.random() < p)

    def size(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def floats(self, *shape):
        return ((np.round(self.rng.normal(size=shape) * 32) + 0.5) / 64).astype("float32")


def layer(class_name, **config):
    return {"module": "keras.layers", "class_name": class_name, "config": {k: v for k, v in config.items() if v is not None}, "registered_name": None}


class Graph:
    """A model as inputs, parts and calls. A tensor is [-1-i, 0] for input i, or [call, result]; a number is itself."""

    def __init__(self, d, depth=0, once=True):
        self.d, self.depth, self.once = d, depth, once
        self.inputs, self.parts, self.calls, self.outputs, self.frozen = [], [], [], [], False
        self.vectors, self.sequences = [], []  # (tensor, features), and whether a sequence has a mask

    def description(self):
        return {"inputs": self.inputs, "parts": self.parts, "calls": self.calls, "outputs": self.outputs, "frozen": self.frozen}

    def input(self, shape, dtype="float32", below=0, masked=False):
        self.inputs.append({"shape": list(shape), "dtype": dtype, "below": below, "masked": masked})
        return [-len(self.inputs), 0]

    def part(self, p):
        self.parts.append(p)
        return len(self.parts) - 1

    def call(self, p, *xs, states=()):
        """Applies a part, by its number or as it is."""
        at = p if isinstance(p, int) else self.part(p)
        self.calls.append({"part": at, "in": list(xs), "states": list(states)})
        return [len(self.calls) - 1, 0]

    def operation(self, name, *xs, **arguments):
        self.calls.append({"operation": name, "in": list(xs), "arguments": arguments})
        return [len(self.calls) - 1, 0]

    def vector(self):
        return self.d.one(self.vectors)

    def dense(self, units):
        d = self.d
        penalty = d.one([None, None, None, {"class_name": "L2", "config": {"l2": 0.01}}])
        return layer("Dense", units=units, activation=d.one(["tanh", "sigmoid", "softplus", "linear"]), kernel_regularizer=penalty, trainable=not d.chance(0.12))

    def resized(self, v, n):
        return v[0] if v[1] == n else self.call(self.dense(n), v[0])

    # What can be added to a graph of vectors.

    def add_dense(self):
        n = self.d.size(2, 5)
        self.vectors.append((self.call(self.dense(n), self.vector()[0]), n))

    def add_residual(self):
        x, n = self.vector()
        y = self.call(self.dense(n), x)
        if self.d.chance():
            y = self.operation("add", x, y)
        else:
            y = self.call(layer(self.d.one(["Add", "Average", "Multiply", "Subtract"])), x, y)
        self.vectors.append((y, n))

    def add_shared(self):
        n, m = self.d.size(2, 4), self.d.size(2, 4)
        one = self.part(self.dense(m))
        self.vectors += [(self.call(one, self.resized(self.vector(), n)), m) for _ in range(self.d.size(2, 3))]

    def add_operation(self):
        x, n = self.vector()
        name = self.d.one(["tanh", "sigmoid", "square", "times", "minus", "mean", "silu"])
        if name == "times":
            y = self.operation("multiply", x, 0.5)
        elif name == "minus":
            y = self.operation("subtract", 1.0, x)
        elif name == "mean":
            y, n = self.operation("mean", x, axis=-1, keepdims=True), 1
        else:
            y = self.operation(name, x)
        self.vectors.append((y, n))

    def add_operation_of_two(self):
        x, n = self.vector()
        y = self.resized(self.vector(), n)
        if self.d.chance(0.3):
            self.vectors.append((self.operation("concatenate", x, y, axis=-1), 2 * n))
            return
        self.vectors.append((self.operation(self.d.one(["add", "subtract", "multiply"]), x, y), n))

    def add_concatenation(self):
        (x, n), (y, m) = self.vector(), self.vector()
        self.vectors.append((self.call(layer("Concatenate"), x, y), n + m))

    def add_normalization(self):
        x, n = self.vector()
        self.vectors.append((self.call(layer("BatchNormalization", momentum=0.8, epsilon=0.1, trainable=not self.d.chance(0.3)), self.call(self.dense(n), x)), n))

    def add_penalty(self):
        x, n = self.vector()
        if not self.once:  # On JAX, Keras loses what a layer adds to the loss in all calls but one.
            return
        self.vectors.append((self.call(layer("ActivityRegularization", l2=0.05), x), n))

    def add_stack(self):
        d, n, m = self.d, self.d.size(2, 4), self.d.size(2, 4)
        layers = [self.dense(d.size(2, 4))]
        if d.chance():
            layers.append(layer("BatchNormalization", momentum=0.7, epsilon=0.1))
        if d.chance(0.4):
            layers.append({"stack": [self.dense(3), layer("Activation", activation="tanh")], "input": None, "frozen": False})
        one = self.part({"stack": [*layers, self.dense(m)], "input": [n] if d.chance() else None, "frozen": d.chance(0.2)})
        for _ in range(d.size(1, 2)):
            self.vectors.append((self.call(one, self.resized(self.vector(), n)), m))

    def add_model(self):
        d = self.d
        calls = d.size(1, 2)
        g = Graph(d, self.depth + 1, self.once and calls == 1)
        sizes = [d.size(2, 4) for _ in range(d.size(1, 2))]
        g.vectors = [(g.input([n]), n) for n in sizes]
        for x, n in list(g.vectors):  # so that no input is left out
            g.vectors.append((g.call(g.dense(n), x), n))
        g.vectors = g.vectors[len(sizes):]
        if len(sizes) > 1:
            g.vectors = [(g.call(layer("Concatenate"), *[x for x, _ in g.vectors]), sum(sizes))]
        for _ in range(d.size(1, 2)):
            d.one([g.add_residual, g.add_operation, g.add_shared, g.add_normalization, g.add_penalty, *([g.add_model] if g.depth < 2 else [])])()
        outs = [(g.call(g.dense(3), g.vectors[-1 - i % len(g.vectors)][0]), 3) for i in range(d.size(1, 2))]
        g.outputs, g.frozen = [x for x, _ in outs], d.chance(0.2)
        one = self.part({"model": g.description()})
        for _ in range(calls):
            at = self.call(one, *[self.resized(self.vector(), n) for n in sizes])[0]
            self.vectors += [([at, i], 3) for i in range(len(outs))]

    # And to one with sequences.

    def add_recurrent(self):
        x, n, mask = self.d.one(self.sequences)
        units = self.d.size(2, 4)
        if self.d.chance(0.35):
            self.vectors.append((self.call(layer("LSTM", units=units), x), units))
        elif self.d.chance(0.4):
            at = self.call(layer("LSTM", units=units, return_state=True), x)[0]
            self.vectors += [([at, i], units) for i in range(3)]
            y = self.call(layer("RepeatVector", n=T), [at, 0])
            z = self.call(layer("LSTM", units=units, return_sequences=True), y, states=[[at, 1], [at, 2]])
            self.sequences.append((z, units, False))
        else:
            self.sequences.append((self.call(layer("LSTM", units=units, return_sequences=True, zero_output_for_mask=self.d.chance()), x), units, mask))

    def add_sequence(self):
        x, n, mask = self.d.one(self.sequences)
        y = self.call(self.dense(n), x)
        if self.d.chance():
            y = self.call(layer("Add"), x, y)
        elif self.d.chance():
            y = self.call(layer("BatchNormalization", momentum=0.8, epsilon=0.1), y)
        self.sequences.append((y, n, mask))

    def draw(self):
        d = self.d
        for _ in range(d.size(1, 2)):
            n = d.size(2, 5)
            self.vectors.append((self.input([n]), n))
        kinds = [self.add_dense, self.add_residual, self.add_shared, self.add_operation, self.add_operation_of_two, self.add_concatenation,
                 self.add_normalization, self.add_penalty, self.add_stack, self.add_model, self.add_model]
        if d.chance():
            if d.chance():
                x = self.call(layer("Embedding", input_dim=7, output_dim=3, mask_zero=True), self.input([T], "int32", below=7, masked=True))
            else:
                x = self.call(layer("Masking"), self.input([T, 3], masked=True))
            self.sequences.append((x, 3, True))
            self.add_recurrent()
            kinds += [self.add_recurrent, self.add_sequence] * 2
        for _ in range(d.size(4, 7)):
            d.one(kinds)()
        return self.heads()

    def heads(self):
        """The outputs with their losses. All that nothing has read yet flows into the first."""
        d, heads = self.d, []
        read = {tuple(x) for c in self.calls for x in [*c["in"], *c.get("states", [])] if isinstance(x, list)}
        loose = [(x, n) for x, n in self.vectors if tuple(x) not in read]
        for x, n, _ in self.sequences:
            if tuple(x) not in read and d.chance(0.4):
                loose.append((self.call(layer("LSTM", units=2), x), 2))
        x = loose[0][0] if loose else self.vectors[-1][0]
        if len(loose) > 1:
            x = self.call(layer("Concatenate"), *[x for x, _ in loose])
        self.head(x, heads, False)
        for _ in range(d.size(0, 2)):
            self.head(self.vector()[0], heads, False)
        if self.sequences and d.chance(0.7):
            x, n, mask = self.sequences[-1]
            self.head(x, heads, True)
            heads[-1]["masked"] = mask
        return heads

    def head(self, x, heads, steps):
        d, kind = self.d, self.d.one(["mse", "binary", "sparse", "categorical"])
        units = d.size(1, 2) if kind == "mse" else 1 if kind == "binary" else d.size(2, 4)
        logits = d.chance()
        activation = {"mse": "linear", "binary": "linear" if logits else "sigmoid"}.get(kind, "linear" if logits else "softmax")
        loss = {"mse": ("MeanSquaredError", {}), "binary": ("BinaryCrossentropy", {"from_logits": logits}),
                "sparse": ("SparseCategoricalCrossentropy", {"from_logits": logits}), "categorical": ("CategoricalCrossentropy", {"from_logits": logits})}[kind]
        name = f"head_{'abcde'[len(heads)]}"
        out = self.call(layer("Dense", units=units, activation=activation, name=name), x)
        self.outputs.append(out)
        lead = [T] if steps else []
        heads.append({
            "name": name, "kind": kind, "units": units, "shape": lead, "masked": False, "metrics": ["mse"] if kind == "mse" else [] if logits else ["accuracy"],
            "loss": {"module": "keras.losses", "class_name": loss[0], "config": loss[1], "registered_name": None},
        })


def target(d, head, n):
    shape = (n, *head["shape"])
    if head["kind"] == "mse":
        return d.floats(*shape, head["units"])
    if head["kind"] == "binary":
        return d.rng.integers(0, 2, size=(*shape, 1)).astype("float32")
    labels = d.rng.integers(0, head["units"], size=shape)
    return labels.astype("int32") if head["kind"] == "sparse" else np.eye(head["units"], dtype="float32")[labels]


def data(d, spec, n):
    if spec["below"]:
        x = d.rng.integers(1, spec["below"], size=(n, *spec["shape"])).astype("int32")
    else:
        x = d.floats(n, *spec["shape"])
    if spec["masked"]:  # the first step counts, so that no sequence is empty
        for row, steps in zip(x, d.rng.integers(1, spec["shape"][0] + 1, size=n)):
            row[steps:] = 0
    return x


def build(g, name=None):
    """The model of a description."""
    ins = [keras.Input(s["shape"], dtype=s["dtype"]) for s in g["inputs"]]
    parts, results = [make(p) for p in g["parts"]], []

    def tensor(x):
        return x if not isinstance(x, list) else ins[-1 - x[0]] if x[0] < 0 else results[x[0]][x[1]]

    for c in g["calls"]:
        xs = [tensor(x) for x in c["in"]]
        if "operation" in c:
            f = getattr(ops, c["operation"])
            y = f(xs, **c["arguments"]) if c["operation"] == "concatenate" else f(*xs, **c["arguments"])
        elif c["states"]:
            y = parts[c["part"]](xs[0], initial_state=[tensor(x) for x in c["states"]])
        else:
            y = parts[c["part"]](xs if len(xs) > 1 else xs[0])
        results.append(keras.tree.flatten(y))
    m = keras.Model(ins if len(ins) > 1 else ins[0], [tensor(x) for x in g["outputs"]] if len(g["outputs"]) > 1 else tensor(g["outputs"][0]), name=name)
    names(g, m, parts)
    return m


def names(g, m, parts):
    """Notes the names that Keras has given, which depend on the order of making."""
    g["name"] = m.name
    for spec, t in zip(g["inputs"], m.inputs):
        spec["name"] = t.name
    for p, made in zip(g["parts"], parts):
        p["name"] = made.name
        for inner, l in zip(p.get("stack", []), getattr(made, "layers", [])):
            inner["name"] = l.name
            for k, q in zip(inner.get("stack", []), getattr(l, "layers", [])):
                k["name"] = q.name
    if g["frozen"]:
        m.trainable = False


def make(p):
    if "model" in p:
        return build(p["model"])
    if "stack" in p:
        m = keras.Sequential([*([keras.Input(p["input"])] if p["input"] else []), *[make(q) for q in p["stack"]]])
        m.frozen_later = p["frozen"]
        return m
    return keras.saving.deserialize_keras_object(json.loads(json.dumps({k: p[k] for k in ("module", "class_name", "config", "registered_name")})))


def freeze(m):
    for l in m.layers:
        if isinstance(l, keras.Model):
            freeze(l)
    if getattr(m, "frozen_later", False):
        m.trainable = False


def summary(m, **options):
    lines = []
    m.summary(print_fn=lines.append, **options)
    return lines[0]


def gradients(m, xs):
    """Of the sum of the means of the squared outputs, in inference, with respect to the inputs of floats."""
    floats = [i for i, x in enumerate(xs) if x.dtype == np.float32]
    tv, ntv = [v.value for v in m.trainable_variables], [v.value for v in m.non_trainable_variables]

    def f(values):
        given = list(xs)
        for i, v in zip(floats, values):
            given[i] = v
        out, _ = m.stateless_call(tv, ntv, given if len(given) > 1 else given[0], training=False)
        return sum(ops.mean(ops.square(y)) for y in keras.tree.flatten(out))

    return [np.asarray(g) for g in jax.grad(f)([xs[i] for i in floats])]


def compiled(d, heads):
    """Losses, their weights and metrics, by position or by name."""
    by = d.one(["position", "name"]) if len(heads) > 1 else "position"
    weights = [d.one([0.5, 1.0, 2.0]) for _ in heads] if len(heads) > 1 and d.chance() else None
    with_loss = [True] + [by == "name" or d.chance(0.85) for _ in heads[1:]]  # Keras wants a loss for each name
    return {"by": by, "weights": weights, "with_loss": with_loss, "optimizer": {"learning_rate": 0.05, "momentum": d.one([0.0, 0.9])}}


def compile_options(c, heads):
    losses = [keras.saving.deserialize_keras_object(json.loads(json.dumps(h["loss"]))) if on else None for h, on in zip(heads, c["with_loss"])]
    metrics = [list(h["metrics"]) for h in heads]
    if c["by"] == "name":
        losses = {h["name"]: l for h, l in zip(heads, losses) if l is not None}
        metrics = {h["name"]: x for h, x in zip(heads, metrics) if x}
        weights = {h["name"]: w for h, w in zip(heads, c["weights"])} if c["weights"] else None
    else:
        weights = c["weights"]
        if len(heads) == 1:
            losses, metrics = losses[0], metrics[0]
    return {"optimizer": keras.optimizers.SGD(**c["optimizer"]), "loss": losses, "loss_weights": weights, "metrics": metrics}


def start(d, m):
    for w in m.weights:
        fan = max(2, w.shape[0] if w.shape else 2)
        value = (np.round(d.rng.normal(size=w.shape) / np.sqrt(fan) * 32) + 0.5) / 32
        if "gamma" in w.path or "variance" in w.path:
            value = np.abs(value) + 0.5
        w.assign(value)


def case(seed, i):
    keras.backend.clear_session()
    d = Draw([seed, i])
    g = Graph(d)
    heads = g.draw()
    description = g.description()
    m = build(description)
    freeze(m)
    start(d, m)
    c = compiled(d, heads)
    xs, ys = [data(d, s, SAMPLES) for s in g.inputs], [target(d, h, SAMPLES) for h in heads]
    options = [{}, {"expand_nested": True, "show_trainable": True}, {"line_length": d.size(64, 120), "expand_nested": d.chance()}]
    out = {
        "graph": description, "heads": heads, "compile": c, "config": json.loads(json.dumps(keras.saving.serialize_keras_object(m))),
        "layers": [l.name for l in m.layers], "summaries": [{**o, "text": summary(m, **o)} for o in options],
        "outputs": list(m.output_names), "trained": [len(m.trainable_weights), len(m.weights)], "x": [array(x) for x in xs], "y": [array(y) for y in ys],
        "start": [array(w) for w in m.weights],
    }
    x, y = (xs[0] if len(xs) == 1 else xs), (ys[0] if len(ys) == 1 else ys)
    first = m.layers[d.size(0, len(m.layers) - 1)].name
    last = m.layers[m.layers.index(m.get_layer(first)) + 1:]
    last = d.one([l.name for l in last]) if last else first
    out["summaries"].append({"layer_range": [f"{first}$", f"{last}$"], "text": summary(m, layer_range=[f"{first}$", f"{last}$"])})
    out["predict"] = [array(p) for p in keras.tree.flatten(m.predict(x, batch_size=BATCH, verbose=0))]
    out["gradients"] = [array(a) for a in gradients(m, [a[:BATCH] for a in xs])]
    m.compile(**compile_options(c, heads))
    logs = []

    class Record(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, log=None):
            logs.append({k: float(v) for k, v in log.items()})

    class Logs(Record):
        def on_train_batch_end(self, batch, logs=None):
            Record.on_train_batch_end(self, batch, logs)

    y = target_structure(c, heads, ys)
    m.fit(x, y, batch_size=BATCH, epochs=STEPS * BATCH // SAMPLES, shuffle=False, verbose=0, callbacks=[Logs()])
    masked = [h["name"] for h in heads if h["masked"]]
    if masked:
        keep = [k for k in logs[0] if k.endswith("loss")]
        logs = [{k: l[k] for k in keep} for l in logs]
    out |= {"logs": logs, "evaluate": {k: float(v) for k, v in m.evaluate(x, y, batch_size=BATCH, verbose=0, return_dict=True).items()}}
    out |= {"end": [array(w) for w in m.weights], "after": summary(m)}
    return out


def target_structure(c, heads, ys):
    if len(ys) == 1:
        return ys[0]
    return ys if c["by"] == "position" else {h["name"]: y for h, y in zip(heads, ys)}


def array(a):
    a = np.asarray(a)
    kind = {"f": "<f4", "i": "<i4"}[a.dtype.kind]
    return {"shape": list(a.shape), "type": a.dtype.kind, "data": base64.b64encode(a.astype(kind).tobytes()).decode()}


def stack(*layers, n):
    return keras.Sequential([keras.Input((n,)), *[keras.layers.Dense(u, activation=a) for u, a in layers]])


class Own:
    """Steps of gradient descent on several models, computed by JAX through Keras's stateless calls."""

    def __init__(self, d, *models):
        self.models = models
        for m in models:
            start(d, m)
        self.start = [[array(w) for w in m.weights] for m in models]

    def run(self, k, xs, weights):
        m = self.models[k]
        out, _ = m.stateless_call(weights, [v.value for v in m.non_trainable_variables], xs, training=False)
        return out

    def step(self, loss, *moved, rate=0.2):
        """One step: loss gets the trainable weights of all models; those of the models moved go down the gradient."""
        now = [[v.value for v in m.trainable_variables] for m in self.models]

        def of(some):
            return loss(*[some[moved.index(k)] if k in moved else now[k] for k in range(len(self.models))])

        value, grads = jax.value_and_grad(of)([now[k] for k in moved])
        for k, g in zip(moved, grads):
            for v, dv in zip(self.models[k].trainable_variables, g):
                v.assign(v.value - rate * dv)
        return float(value)

    def result(self, **more):
        return {"start": self.start, "end": [[array(w) for w in m.weights] for m in self.models], **more}


def cross_entropy(logits, label):
    return ops.mean(ops.softplus(logits) - label * logits)


def gan(d):
    real, noise = d.floats(STEPS, BATCH, 3), d.floats(STEPS, BATCH, 2)
    own = Own(d, stack((4, "tanh"), (3, None), n=2), stack((5, "tanh"), (1, None), n=3))
    losses = []
    for x, z in zip(real, noise):
        losses.append(own.step(lambda g, c: cross_entropy(own.run(1, x, c), 1.0) + cross_entropy(own.run(1, own.run(0, z, g), c), 0.0), 1))
        losses.append(own.step(lambda g, c: cross_entropy(own.run(1, own.run(0, z, g), c), 1.0), 0))
    return own.result(x=[array(real), array(noise)], losses=losses)


def vae(d):
    x, noise = d.floats(STEPS, BATCH, 4), d.floats(STEPS, BATCH, 2)
    i = keras.Input((4,))
    h = keras.layers.Dense(5, activation="tanh")(i)
    encoder = keras.Model(i, [keras.layers.Dense(2)(h), keras.layers.Dense(2)(h)])
    own = Own(d, encoder, stack((4, "tanh"), (4, None), n=2))

    def loss(e, c):
        mean, log = own.run(0, a, e)
        again = own.run(1, mean + ops.exp(0.5 * log) * z, c)
        return ops.mean(ops.square(again - a)) - 0.1 * ops.mean(1 + log - ops.square(mean) - ops.exp(log))

    losses = []
    for a, z in zip(x, noise):
        losses.append(own.step(loss, 0, 1))
    return own.result(x=[array(x), array(noise)], losses=losses)


def distillation(d):
    x = d.floats(STEPS, BATCH, 3)
    own = Own(d, stack((6, "tanh"), (3, None), n=3), stack((2, "tanh"), (3, None), n=3))
    losses = [own.step(lambda t, s: -ops.mean(ops.sum(ops.softmax(own.run(0, a, t) / 2.0) * ops.log_softmax(own.run(1, a, s) / 2.0), -1)), 1) for a in x]
    return own.result(x=[array(x)], losses=losses)


def pairs(d):
    x, y, same = d.floats(STEPS, BATCH, 3), d.floats(STEPS, BATCH, 3), d.rng.integers(0, 2, size=(STEPS, BATCH, 1)).astype("float32")
    own = Own(d, stack((4, "tanh"), (2, "tanh"), n=3))

    def loss(w):
        distance = ops.sum(ops.square(own.run(0, a, w) - own.run(0, b, w)), -1, keepdims=True)
        return ops.mean(s * distance + (1 - s) * ops.softplus(1 - distance))

    losses = []
    for a, b, s in zip(x, y, same):
        losses.append(own.step(loss, 0))
    return own.result(x=[array(x), array(y), array(same)], losses=losses)


def gradcam(d):
    """The gradients of one class's score with respect to what a convolution makes, and to the picture."""
    m = keras.Sequential([
        keras.Input((6, 6, 1)), keras.layers.Conv2D(2, 3, activation="tanh", name="early"), keras.layers.Conv2D(3, 3, activation="tanh", name="late"),
        keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3)])
    start(d, m)
    x = d.floats(4, 6, 6, 1)
    late = m.get_layer("late").output
    features, head = keras.Model(m.inputs, late), keras.Model(late, m.outputs)

    def score(model, xs):
        out, _ = model.stateless_call([v.value for v in model.trainable_variables], [], xs)
        return ops.sum(keras.tree.flatten(out)[0][:, 1])

    a = features(x)
    return {"x": array(x), "start": [array(w) for w in m.weights], "features": array(a), "inner": array(jax.grad(lambda v: score(head, v))(a.__array__())),
            "picture": array(jax.grad(lambda v: score(m, v))(x))}


def freezing(d):
    """A model with a base: trained, with the base frozen, with the base's last layer thawed, and thawed whole."""
    base = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="tanh", kernel_regularizer=keras.regularizers.L2(0.1)),
                             keras.layers.BatchNormalization(momentum=0.8, epsilon=0.1), keras.layers.Dense(3, activation="tanh")], name="base")
    i = keras.Input((3,))
    m = keras.Model(i, keras.layers.Dense(1, name="head")(base(i)))
    start(d, m)
    x, y = d.floats(SAMPLES, 3), d.floats(SAMPLES, 1)
    out = {"x": array(x), "y": array(y), "start": [array(w) for w in m.weights], "phases": []}
    for phase in ["all", "frozen", "last", "thawed", "root"]:
        if phase in ("frozen", "thawed"):
            base.trainable = phase == "thawed"
        if phase == "last":
            base.layers[-1].trainable = True
        if phase == "root":
            m.trainable = False
            m.trainable = True
            base.layers[0].trainable = False
        m.compile(keras.optimizers.SGD(0.1, momentum=0.5), "mse")
        log = m.fit(x, y, batch_size=BATCH, epochs=2, shuffle=False, verbose=0)
        out["phases"].append({
            "name": phase, "loss": log.history["loss"], "trained": [w.path for w in m.trainable_weights], "base": len(base.trainable_weights),
            "summary": summary(m, expand_nested=True, show_trainable=True), "weights": [array(w) for w in m.weights],
        })
    return out


def calls(d):
    """Layers of several tensors, called by place and by name, with flags of the call, as files have them."""
    L, made = keras.layers, []
    q, v, h = keras.Input((4, 3), name="q"), keras.Input((5, 3), name="v"), keras.Input((2,), name="h")
    mask, ids = keras.Input((4, 5), dtype="bool", name="mask"), keras.Input((4,), dtype="int32", name="ids")
    e = L.Embedding(5, 3, mask_zero=True)(ids)
    shared = L.MultiHeadAttention(2, 3)
    for inputs, out in [
        ([q, v], L.MultiHeadAttention(2, 3)(q, v, use_causal_mask=True)),
        ([q, v, mask], L.MultiHeadAttention(2, 3)(q, v, key=v, attention_mask=mask, return_attention_scores=True)),
        ([q, v, mask], L.MultiHeadAttention(2, 3)(q, value=v, attention_mask=mask)),
        ([q, v, mask], L.MultiHeadAttention(2, 3)(query=q, value=v, attention_mask=mask)),
        ([ids], L.MultiHeadAttention(2, 3)(e, e)),
        ([q, v], [shared(q, v), shared(v, q)]),
        ([ids], L.Attention()([e, e], use_causal_mask=True)),
        ([q, v], L.AdditiveAttention()([q, v], return_attention_scores=True)),
        ([q, h], L.LSTM(2)(q, initial_state=[h, h])),
        ([ids, h], L.LSTM(2, return_state=True)(e, initial_state=[h, h])),
    ]:
        m = keras.Model(inputs, out)
        start(d, m)
        xs = {"q": d.floats(BATCH, 4, 3), "v": d.floats(BATCH, 5, 3), "h": d.floats(BATCH, 2), "mask": d.rng.random((BATCH, 4, 5)) < 0.7,
              "ids": d.rng.integers(1, 5, (BATCH, 4)).astype("int32")}
        xs["mask"][:, :, 0] = True  # so that each step has something to look at
        xs["ids"][::2, 2:] = 0
        xs = [xs[t.name] for t in m.inputs]
        y = m.predict(xs if len(xs) > 1 else xs[0], verbose=0)
        made.append({"config": json.loads(json.dumps(keras.saving.serialize_keras_object(m))), "start": [array(w) for w in m.weights],
                     "x": [array(x.astype("int32") if x.dtype == bool else x) for x in xs], "y": [array(a) for a in keras.tree.flatten(y)]})
    return made


def steps(seed):
    out = {}
    for i, f in enumerate([gan, vae, distillation, pairs, gradcam, freezing, calls]):
        keras.backend.clear_session()
        out[f.__name__] = f(Draw([seed, 1000 + i]))
    return out


def write(path, v):
    with open(path, "wb") as f, gzip.GzipFile("", "wb", 9, f, mtime=0) as z:
        z.write(json.dumps(v, separators=(",", ":")).encode())


def unpack(o):
    return np.frombuffer(base64.b64decode(o["data"]), {"f": "<f4", "i": "<i4"}[o["type"]]).reshape(o["shape"])


def check(folder):
    """Opens what Go has saved, and makes sure that it is the model that was drawn."""
    cases = json.loads((folder / "cases.json").read_text())
    for i, c in enumerate(cases):
        m = keras.models.load_model(folder / f"{i}.keras")
        x = [unpack(a) for a in c["x"]]
        for got, want in zip(keras.tree.flatten(m.predict(x if len(x) > 1 else x[0], verbose=0)), map(unpack, c["predict"]), strict=True):
            np.testing.assert_allclose(got, want, atol=1e-5 * np.abs(want).max(), rtol=0)
        for s in (c["summaries"] or [])[:1]:  # Keras's own loading forgets whether a Sequential is frozen, which others show
            options = {k: v for k, v in s.items() if k != "text"}
            if summary(m, **options) != s["text"]:
                raise SystemExit(f"{i}: summary {options}: Keras made\n{s['text']}\nand reads from Go\n{summary(m, **options)}")
        print(i, "is as it was")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    parser.add_argument("--check", type=pathlib.Path, help="a folder that go test ./keras -run TestGraphsToKeras -written has written")
    options = parser.parse_args()
    if options.check:
        return check(options.check)
    options.out.mkdir(parents=True, exist_ok=True)
    cases = [case(options.seed, i) for i in range(options.cases)]
    write(options.out / "graphs.json.gz", cases)
    write(options.out / "steps.json.gz", steps(options.seed))
    for i, c in enumerate(cases):
        print(i, len(c["layers"]), "layers,", len(c["graph"]["outputs"]), "outputs, loss", [round(l["loss"], 3) for l in c["logs"]])


if __name__ == "__main__":
    main()

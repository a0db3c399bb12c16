"""Draws small models and asks Keras how 20 steps of training go.

Each model is trained on JAX and on TensorFlow, and on both in float64, which is taken for the truth. What JAX says is stored in
keras/testdata/training/training.json.gz: results after each batch and epoch, every weight, evaluate and predict. A weight that
either back end misses by more than a fifth of what tests allow is named ill-conditioned there: nobody can be held to it.

The two back ends differ in three points, as the printed lines show. TensorFlow's gradient for an Embedding is a list of rows, which Adam,
RMSprop and clipping by norm square before they add up what belongs to one row, where JAX adds first. The gradient of |w| at 0 is 1 on JAX, 0
on TensorFlow: no weight starts there. And JAX loses the mask of predictions on its way out of the differentiated function, so that its
metrics in training, unlike those in evaluation, count masked steps too: for sequences the training metrics are TensorFlow's.

python training.py            writes the fixture
python training.py --seed 7   the same with fresh draws, to any file given by --out
"""

import argparse
import base64
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve()
OUT = HERE.parent.parent.parent / "keras" / "testdata" / "training" / "training.json.gz"
EPOCHS, BATCH, SAMPLES, VALIDATION = 5, 8, 30, 11  # 4 batches an epoch, the last of 6
MODELS, TOLERANCE = 16, 1e-4


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
        return ((np.round(self.rng.normal(size=shape) * 64) + 0.5) / 64).astype("float32")

    def penalty(self):
        return self.one([None, None, {"class_name": "L1", "config": {"l1": 0.002}}, {"class_name": "L2", "config": {"l2": 0.01}}])


def layer(class_name, **config):
    return {"module": "keras.layers", "class_name": class_name, "config": {k: v for k, v in config.items() if v is not None}, "registered_name": None}


def dense(d, units=None, activation=None):
    activation = activation or d.one(["relu", "tanh", "sigmoid", "gelu", "softplus"])
    return layer("Dense", units=units or d.size(3, 8), activation=activation, kernel_regularizer=d.penalty(), bias_regularizer=d.penalty())


class Graph:
    """A model as inputs, layers and calls, from which both Python and Go build it. Tensors are numbered: inputs, then calls."""

    def __init__(self):
        self.inputs, self.layers, self.calls, self.sequential, self.steps = [], [], [], False, ()

    def input(self, shape, dtype="float32", below=0):
        self.inputs.append({"shape": list(shape), "dtype": dtype, "below": below})
        return len(self.inputs) - 1

    def add(self, config):
        self.layers.append(config)
        return len(self.layers) - 1

    def call(self, at, *xs):
        """Applies a layer, by its number or its config, to tensors, which are inputs (numbers) or calls (tuples)."""
        if isinstance(at, dict):
            at = self.add(at)
        self.calls.append({"layer": at, "in": [x if isinstance(x, int) else -1 - x[0] for x in xs]})
        return (len(self.calls) - 1,)


def mlp(d, g):
    g.sequential = True
    x = g.input([d.size(2, 6)])
    for _ in range(d.size(1, 2)):
        x = g.call(dense(d), x)
        if d.chance(0.4):
            x = g.call(layer("BatchNormalization", momentum=0.9), x)
    return x


def cnn(d, g):
    g.sequential = True
    x = g.input([8, 8, d.size(1, 2)])
    x = g.call(layer("Conv2D", filters=d.size(2, 4), kernel_size=3, padding=d.one(["same", "valid"]), activation=d.one(["relu", "tanh"]), kernel_regularizer=d.penalty()), x)
    x = g.call(layer("BatchNormalization", momentum=0.8), x)
    x = g.call(layer("MaxPooling2D"), x)
    return g.call(layer(d.one(["Flatten", "GlobalAveragePooling2D"])), x)


def words(d, g):
    g.sequential = True
    x = g.input([6], "int32", below=9)
    x = g.call(layer("Embedding", input_dim=9, output_dim=d.size(2, 5), mask_zero=True), x)
    return g.call(layer("LSTM", units=d.size(2, 5), go_backwards=d.chance(0.3), kernel_regularizer=d.penalty()), x)


def two_inputs(d, g):
    a, b = g.input([d.size(2, 5)]), g.input([d.size(2, 5)])
    h = g.call(layer("Concatenate"), g.call(dense(d), a), b)
    return g.call(dense(d), h)


def residual(d, g):
    n = d.size(3, 6)
    x = g.call(dense(d, n), g.input([d.size(2, 5)]))
    for _ in range(2):
        x = g.call(layer("Add"), x, g.call(dense(d, n), x))
    return x


def shared(d, g):
    a, b = g.input([4]), g.input([4])
    one = g.add(dense(d))
    h = [g.call(one, a), g.call(one, b)]
    return g.call(layer("Concatenate"), *h, g.call(layer("Add"), *h))


def text_and_numbers(d, g):
    ids, x = g.input([5], "int32", below=7), g.input([3])
    e = g.call(layer("Embedding", input_dim=7, output_dim=3, mask_zero=True), ids)
    h = g.call(layer("LSTM", units=4, return_sequences=True, zero_output_for_mask=d.chance()), e)
    h = g.call(layer("LSTM", units=d.size(2, 4), use_bias=d.chance(), recurrent_regularizer=d.penalty()), h)
    return g.call(layer("Concatenate"), h, x)


def tagger(d, g):
    g.sequential, g.steps = True, (5,)
    x = g.call(layer("Embedding", input_dim=7, output_dim=3, mask_zero=True), g.input([5], "int32", below=7))
    return g.call(layer("LSTM", units=d.size(2, 4), return_sequences=True), x)


FAMILIES = [mlp, cnn, words, two_inputs, residual, shared, text_and_numbers, tagger]


def head(d, g, x, i):
    """The last layer, the loss, targets for n samples and metrics."""
    kind = ["mse", "mae", "binary", "categorical", "sparse"][i % 5]
    logits, smooth = d.chance(), d.one([0.0, 0.1])

    def loss(name, **config):
        return {"module": "keras.losses", "class_name": name, "config": config, "registered_name": None}

    if kind in ("mse", "mae"):
        units = d.size(1, 2)
        g.call(dense(d, units, "linear"), x)
        name = {"mse": "MeanSquaredError", "mae": "MeanAbsoluteError"}[kind]
        return loss(name), lambda n: d.floats(n, *g.steps, units), ["mse", "mae"]
    if kind == "binary":
        g.call(dense(d, 1, "linear" if logits else "sigmoid"), x)
        return (loss("BinaryCrossentropy", from_logits=logits, label_smoothing=smooth),
                lambda n: d.rng.integers(0, 2, size=(n, *g.steps, 1)).astype("float32"), [] if logits else ["accuracy"])
    classes = d.size(2, 4)
    g.call(dense(d, classes, "linear" if logits else "softmax"), x)
    if kind == "categorical":
        return (loss("CategoricalCrossentropy", from_logits=logits, label_smoothing=smooth),
                lambda n: np.eye(classes, dtype="float32")[d.rng.integers(0, classes, size=(n, *g.steps))], ["accuracy"])
    return loss("SparseCategoricalCrossentropy", from_logits=logits), lambda n: d.rng.integers(0, classes, size=(n, *g.steps)).astype("int32"), ["accuracy"]


def optimizer(d, i, g):
    if g.steps:  # Both back ends must agree, see above.
        return {"module": "keras.optimizers", "class_name": "SGD", "config": {"learning_rate": 0.1, "momentum": d.one([0.0, 0.9])}, "registered_name": None}
    config = d.one([{}, {"clipnorm": 0.3}, {"clipvalue": 0.05}, {"global_clipnorm": 0.5}])
    name, options = [
        ("SGD", {"learning_rate": 0.1}),
        ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": d.chance()}),
        ("Adam", {"learning_rate": 0.01}),
        ("RMSprop", {"learning_rate": 0.005, "momentum": d.one([0.0, 0.5])}),
    ][i % 4]
    return {"module": "keras.optimizers", "class_name": name, "config": {**options, **config}, "registered_name": None}


def draw(seed, i):
    d, g = Draw([seed, i]), Graph()
    x = FAMILIES[i % len(FAMILIES)](d, g)
    loss, targets, metrics = head(d, g, x, i)

    def inputs(n):
        return [d.rng.integers(0, s["below"], size=(n, *s["shape"])).astype("int32") if s["below"] else d.floats(n, *s["shape"]) for s in g.inputs]

    # Weights are for samples, and Keras has no rule for one of a whole sequence of losses.
    return {
        "name": f"{FAMILIES[i % len(FAMILIES)].__name__}_{i}", "sequential": g.sequential, "inputs": g.inputs, "layers": g.layers, "calls": g.calls,
        "loss": loss, "optimizer": optimizer(d, i + i // len(FAMILIES), g), "metrics": metrics, "x": inputs(SAMPLES), "y": targets(SAMPLES),
        "vx": inputs(VALIDATION), "vy": targets(VALIDATION), "weighted": i % 3 == 1 and not g.steps, "steps": list(g.steps),
        "sample_weight": (d.rng.integers(1, 8, size=SAMPLES) / 4).astype("float32"), "seed": int(d.rng.integers(1 << 30)),
    }


def build(keras, case):
    made = [keras.saving.deserialize_keras_object(json.loads(json.dumps(c))) for c in case["layers"]]
    ins = [keras.Input(s["shape"], dtype=s["dtype"] if s["below"] else None) for s in case["inputs"]]
    if case["sequential"]:
        return keras.Sequential([ins[0], *[made[c["layer"]] for c in case["calls"]]]), made
    values = []
    for c in case["calls"]:
        xs = [ins[n] if n >= 0 else values[-1 - n] for n in c["in"]]
        values.append(made[c["layer"]](xs if len(xs) > 1 else xs[0]))
    return keras.Model(ins, values[-1]), made


def train(case):
    """Runs in a process of its own for each back end."""
    import keras

    keras.backend.clear_session()
    model, made = build(keras, case)
    rng = np.random.default_rng(case["seed"])
    start = []
    for layer in made:
        start.append([])
        for w in layer.weights:
            fan = w.shape[0] if len(w.shape) < 3 else int(np.prod(w.shape[:-1]))
            value = (np.round(rng.normal(size=w.shape) / np.sqrt(fan) * 64) + 0.5) / 64
            if len(w.shape) == 1 and "gamma" in w.path or "variance" in w.path:
                value = np.abs(value) + 0.5
            w.assign(value)
            start[-1].append(value.astype("float32"))
    model.compile(
        optimizer=keras.saving.deserialize_keras_object(json.loads(json.dumps(case["optimizer"]))),
        loss=keras.saving.deserialize_keras_object(json.loads(json.dumps(case["loss"]))),
        metrics=list(case["metrics"]), weighted_metrics=["mae"] if case["weighted"] and not case["metrics"] else [],
        run_eagerly=keras.backend.backend() == "tensorflow",
    )
    batches = []

    class Record(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            batches.append(dict(logs))

    one = len(case["x"]) == 1
    x, vx = (case["x"][0], case["vx"][0]) if one else (case["x"], case["vx"])
    history = model.fit(
        x, case["y"], sample_weight=case["sample_weight"] if case["weighted"] else None, batch_size=BATCH, epochs=EPOCHS, shuffle=False,
        validation_data=(vx, case["vy"]), callbacks=[Record()], verbose=0,
    )
    evaluated = model.evaluate(vx, case["vy"], batch_size=4, verbose=0, return_dict=True)
    return {
        "start": start,
        "batches": [{k: float(v) for k, v in b.items()} for b in batches],
        "epochs": {k: [float(v) for v in vs] for k, vs in history.history.items()},
        "weights": [[np.asarray(keras.ops.convert_to_numpy(w)) for w in layer.weights] for layer in made],
        "evaluate": {k: float(v) for k, v in evaluated.items()},
        "predict": np.asarray(model.predict(vx, batch_size=4, verbose=0)),
    }


def child(seed, models, path):
    import pickle

    if os.environ.get("GOLDEN_FLOAT64"):
        import keras

        keras.config.set_floatx("float64")
    with open(path, "wb") as f:
        pickle.dump([train(draw(seed, i)) for i in range(models)], f)


def run(seed, models, backend, double=False):
    """The results of a back end; the file between the two processes is ours alone."""
    import pickle

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "results")
        env = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", "GOLDEN_FLOAT64": "1" if double else "", "JAX_ENABLE_X64": str(double)}
        subprocess.run([sys.executable, str(HERE), "--seed", str(seed), "--models", str(models), "--child", path], env=env, check=True)
        with open(path, "rb") as f:
            return pickle.load(f)


def miss(got, want):
    return float(np.max(np.abs(got.astype("float64") - want)) / max(float(np.max(np.abs(want))), 1e-30))


def array(a):
    a = np.asarray(a)
    kind = {"f": "<f4", "i": "<i4", "b": "|b1"}[a.dtype.kind]
    return {"shape": list(a.shape), "type": a.dtype.kind, "data": base64.b64encode(a.astype(kind).tobytes()).decode()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", type=int, default=MODELS)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return child(options.seed, options.models, options.child)
    jax = run(options.seed, options.models, "jax")
    flow = run(options.seed, options.models, "tensorflow")
    jax64 = run(options.seed, options.models, "jax", double=True)
    flow64 = run(options.seed, options.models, "tensorflow", double=True)
    cases = []
    for i, (a, b, at, bt) in enumerate(zip(jax, flow, jax64, flow64)):
        case, ill, worst = draw(options.seed, i), [], 0.0
        for j, ws in enumerate(at["weights"]):
            for k, w in enumerate(ws):
                off = max(miss(a["weights"][j][k], w), miss(b["weights"][j][k], bt["weights"][j][k]))
                if off > TOLERANCE / 5:
                    ill.append([j, k])
                else:
                    worst = max(worst, off)
        if case["steps"]:
            a["batches"] = [{**x, **{k: v for k, v in y.items() if k != "loss"}} for x, y in zip(a["batches"], b["batches"])]
            a["epochs"].update({k: v for k, v in b["epochs"].items() if k != "loss" and not k.startswith("val_")})
        off = max(miss(a["predict"], at["predict"]), miss(b["predict"], bt["predict"]))
        losses = max(abs(x["loss"] - y["loss"]) / abs(y["loss"]) for r, t in ((a, at), (b, bt)) for x, y in zip(r["batches"], t["batches"]))
        print(f"{case['name']}: weights {worst:.1e}, ill-conditioned {ill}, predictions {off:.1e}, losses {losses:.1e}; "
              f"back ends differ by {miss(at['predict'], bt['predict']):.1e}")
        cases.append({
            **case, **{k: [array(v) for v in case[k]] for k in ("x", "vx")}, **{k: array(case[k]) for k in ("y", "vy", "sample_weight")},
            "start": [[array(w) for w in ws] for ws in a["start"]], "end": [[array(w) for w in ws] for ws in a["weights"]],
            "predict": array(a["predict"]), "batches": a["batches"], "epochs": a["epochs"], "evaluate": a["evaluate"], "ill": ill,
        })
    options.out.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"epochs": EPOCHS, "batch": BATCH, "cases": cases}, separators=(",", ":"))
    options.out.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{len(cases)} cases, {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()

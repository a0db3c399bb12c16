"""Drives Keras's TensorBoard callback over random runs and reads the event files that it writes; and reads those that Go writes.

python eventfiles.py              writes callbacks/testdata/tensorboard.json.gz
python eventfiles.py --seed 7     the same with fresh draws; --out DIR writes into another directory
python eventfiles.py --check DIR  TensorBoard reads what Go wrote below DIR, each directory with what should be there in expected.json

Keras drops values of epochs and evaluations where update_freq does not divide the batches so far. They are asked for with "epoch", and
only the values of batches with update_freq.
"""

import argparse
import gzip
import json
import os
import pathlib
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import tensorflow as tf
from keras.src.callbacks import tensorboard as module
from tensorboard.backend.event_processing import event_accumulator, event_file_loader
from tensorboard.plugins.graph import keras_util
from tensorboard.util import tensor_util

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "callbacks/testdata"
CASES = 16
SHAPES = [(1,), (5,), (1, 1), (3, 2), (2, 5), (4, 1), (3, 3, 5), (2, 3, 2, 3), (2, 2, 3, 4), (2, 2, 3, 2), (40,)]


class Clock:
    """Stands in for the module time."""

    now = 0.0

    def time(self):
        return self.now


CLOCK = Clock()
module.time = CLOCK


class Layer:
    def __init__(self, weights):
        self.weights = weights


class Sequential:
    """What the callback wants of a model."""

    train_function = None

    def __init__(self, rate, weights, config):
        self.optimizer = keras.optimizers.SGD(rate)
        self.layers = [Layer([w]) for w in weights]
        self.to_json = lambda: config


def number(v):
    v = float(v)
    return v if np.isfinite(v) else "NaN" if v != v else "Infinity" if v > 0 else "-Infinity"


def logs_of(rng, names):
    return {n: float(np.float32(rng.normal() * 10.0 ** rng.integers(-6, 6))) if rng.random() > 0.05 else float("inf") for n in names}


def weight_of(rng, shape):
    if rng.random() < 0.15:
        return np.full(shape, np.float32(rng.normal()))
    return rng.uniform(-0.2, 1.2, shape).astype("float32")


def draw(seed):
    """A run: settings, weights after each epoch, and the hooks with their times."""
    rng = np.random.default_rng(seed)
    config = {
        "histogram_freq": int(rng.integers(0, 3)), "write_images": bool(rng.random() < 0.5), "write_graph": bool(rng.random() < 0.7),
        "write_steps_per_second": bool(rng.random() < 0.5), "update_freq": int(rng.choice([0, 1, 2, 3])),
    }
    epochs, shapes = int(rng.integers(1, 4)), [SHAPES[i] for i in rng.permutation(len(SHAPES))[:3]]
    case = {"config": config, "rate": float(np.float32(rng.random())), "shapes": shapes, "hooks": [], "weights": [], "per_execution": int(rng.integers(1, 3))}
    now, steps = 1000.0, 0

    def hook(name, **kwargs):
        nonlocal now
        now += int(rng.integers(1, 64)) / 64
        case["hooks"].append({"hook": name, "at": now, "iterations": steps, **kwargs})

    hook("on_train_begin")
    for epoch in range(epochs):
        hook("on_epoch_begin", number=epoch)
        for batch in range(int(rng.integers(1, 5))):
            hook("on_train_batch_begin", number=batch)
            steps += case["per_execution"]
            hook("on_train_batch_end", number=batch, logs=logs_of(rng, ["accuracy", "loss"]))
        logs = logs_of(rng, ["accuracy", "loss"])
        if rng.random() < 0.6:
            hook("on_test_begin")
            hook("on_test_batch_begin", number=0)
            hook("on_test_batch_end", number=0, logs=logs_of(rng, ["accuracy", "loss"]))
            hook("on_test_end", logs=logs_of(rng, ["accuracy", "loss"]))
            logs.update(logs_of(rng, ["val_accuracy", "val_loss"]))
        case["weights"].append([weight_of(rng, s) for s in shapes])
        hook("on_epoch_end", number=epoch, logs=logs)
    hook("on_train_end", logs={})
    return case


GRAPH = keras.Sequential([keras.Input((3,), name="x"), keras.layers.Dense(2, name="d")], name="s").to_json()


def run(case, update_freq, top):
    config = {**case["config"], "update_freq": update_freq}
    weights = [keras.Variable(w, name=f"w{i}:0") for i, w in enumerate(case["weights"][0])]
    model = Sequential(case["rate"], weights, GRAPH)
    c = keras.callbacks.TensorBoard(top, **config)
    c.set_model(model)
    for h in case["hooks"]:
        CLOCK.now = h["at"]
        model.optimizer.iterations.assign(h["iterations"])
        if h["hook"] == "on_epoch_end":
            for w, value in zip(weights, case["weights"][h["number"]]):
                w.assign(value)
        args = ([h["number"]] if "number" in h else []) + ([h["logs"]] if "logs" in h else [])
        getattr(c, h["hook"])(*args)


def read(folder):
    """The values in the event files of a folder, in order."""
    out = []
    for path in sorted(pathlib.Path(folder).glob("*tfevents*")):
        for event in event_file_loader.RawEventFileLoader(str(path)).Load():
            event = tf.compat.v1.Event.FromString(event)
            for v in event.summary.value:
                plugin = v.metadata.plugin_data
                array = tensor_util.make_ndarray(v.tensor)
                entry = {"tag": v.tag, "step": event.step, "plugin": plugin.plugin_name, "content": plugin.content.decode(), "shape": list(array.shape)}
                if plugin.plugin_name == "images":
                    entry["texts"] = [array[0].decode(), array[1].decode()]
                    entry["pixels"] = [tf.io.decode_png(x).numpy().ravel().tolist() for x in array[2:]]
                elif array.dtype == object:
                    entry["texts"] = [x.decode() for x in array.ravel()]
                else:
                    entry["type"], entry["values"] = str(array.dtype), [number(x) for x in array.ravel()]
                out.append(entry)
    return out


def answer(case):
    files = {}
    for freq in dict.fromkeys(["epoch", case["config"]["update_freq"] or "epoch"]):
        with tempfile.TemporaryDirectory() as top:
            run(case, freq, top)
            for part in ("train", "validation"):
                for e in read(os.path.join(top, part)):
                    if e["tag"].startswith("batch_") == (freq != "epoch"):
                        files.setdefault(part, []).append(e)
    case["files"] = files
    case["graph"] = GRAPH
    case["weights"] = [[w.ravel().tolist() for w in ws] for ws in case["weights"]]
    for h in case["hooks"]:
        if "logs" in h:
            h["logs"] = {k: number(v) for k, v in h["logs"].items()}
    return case


def first_record():
    """The first bytes of a file of TensorFlow's: a record with the version, which has checksums."""
    with tempfile.TemporaryDirectory() as top:
        with tf.summary.create_file_writer(top).as_default():
            tf.summary.scalar("x", 1.0, step=0)
        (path,) = pathlib.Path(top).glob("*tfevents*")
        raw = path.read_bytes()
    return raw[: 16 + int.from_bytes(raw[:8], "little")].hex()


def write(seed, out):
    # The record has a time in it: the one that is there stays.
    path = pathlib.Path(out) / "tensorboard.json.gz"
    record = json.loads(gzip.decompress(path.read_bytes()))["record"] if path.exists() else first_record()
    cases = [answer(draw([seed, i])) for i in range(CASES)]
    with open(path, "wb") as f, gzip.GzipFile("", "wb", 9, f, 0) as z:
        z.write((json.dumps({"record": record, "cases": cases}, separators=(",", ":")) + "\n").encode())


def check(top):
    runs = sorted(pathlib.Path(top).glob("**/expected.json"))
    assert runs, f"no expected.json below {top}"
    for path in runs:
        for part, wanted in json.loads(path.read_text()).items():
            if not wanted:
                assert not (path.parent / part).exists(), path
                continue
            reader = event_accumulator.EventAccumulator(str(path.parent / part), size_guidance={"tensors": 0})
            reader.Reload()
            assert sorted(reader.Tags()["tensors"]) == sorted({w["tag"] for w in wanted}), path
            got = {}
            for tag in reader.Tags()["tensors"]:
                for e in reader.Tensors(tag):
                    got.setdefault((tag, e.step), []).append(tensor_util.make_ndarray(e.tensor_proto))
            for w in wanted:
                array = got[w["tag"], w["step"]].pop(0)
                plugin = reader.SummaryMetadata(w["tag"]).plugin_data.plugin_name
                assert plugin == w["plugin"], (w["tag"], plugin)
                if plugin == "graph_keras_model":
                    keras_util.keras_model_to_graph_def(json.loads(array.item()))
                elif plugin == "images":
                    assert [x.decode() for x in array[:2]] == w["texts"], w["tag"]
                    for png in array[2:]:
                        assert tf.io.decode_png(png).shape[:2] == (int(w["texts"][1]), int(w["texts"][0])), w["tag"]
                else:
                    np.testing.assert_array_equal(array.ravel(), np.array([float(v) for v in w["values"]]).astype(array.dtype), w["tag"])
            assert not any(got.values()), path
    print(f"TensorBoard reads {len(runs)} runs")


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--out", default=OUT)
parser.add_argument("--check")
args = parser.parse_args()
if args.check:
    check(args.check)
else:
    write(args.seed, args.out)

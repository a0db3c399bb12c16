"""Prints the summaries of Keras models at several widths, and writes the rows and totals they were made from.

Writes internal/summarytable/testdata/summaries.json and, for strings in columns and lines of every width, folds.json, the width of
every character cells.json, and for numbers formats.json. Run with KERAS_BACKEND=jax.
"""

import json
import os
import random
import sys
import unicodedata

os.environ["COLUMNS"] = "80"

import keras
import numpy as np
import rich.cells
import rich.console
import rich.table
from keras import layers
from keras.src.utils import summary_utils
from rich.text import Text

OUT = os.path.join(os.path.dirname(__file__), "../summarytable/testdata")


def plain(cell):
    return Text.from_markup(cell).plain


def text(model, columns=80, **options):
    os.environ["COLUMNS"] = str(columns)
    lines = []
    model.summary(print_fn=lines.append, **options)
    os.environ["COLUMNS"] = "80"
    assert len(lines) == 1
    return lines[0]


def walk(objects, depth=0):
    for o in objects:
        yield o, depth
        if getattr(o, "layers", None):
            yield from walk(o.layers, depth + 1)


def rows(model):
    """The rows of the widest table, and whether it has the column of connections."""
    cells, add_row = [], rich.table.Table.add_row

    def capture(self, *fields):
        cells.append((len(self.columns), [plain(f) for f in fields]))
        add_row(self, *fields)

    rich.table.Table.add_row = capture
    text(model, expand_nested=True, show_trainable=True)
    rich.table.Table.add_row = add_row
    objects = model._operations if isinstance(model, keras.src.models.Functional) and not isinstance(model, keras.Sequential) else model.layers
    functional = any(n == 5 for n, _ in cells)
    out = []
    for (o, depth), (_, c) in zip(walk(objects), cells, strict=True):
        name = f"{o.name} ({type(o).__name__})"
        assert c[0].endswith(name) and len(c[0]) == len(name) + (3 * depth + 2 if depth else 0), c[0]
        row = {"Name": o.name, "Class": type(o).__name__, "OutputShape": c[1], "Depth": depth}
        row["Unbuilt"] = c[2].endswith("(unbuilt)")
        row["Params"] = int(c[2].split()[0].replace(",", ""))
        row["ConnectedTo"] = c[3].split(", ") if functional and c[3] != "-" else None
        row["Trainable"] = {"Y": True, "N": False, "-": None}[c[-1]]
        if getattr(o, "_inbound_nodes", None):
            outputs = keras.tree.flatten(o._inbound_nodes[-1].output_tensors)
            row["Shapes"] = [[-1 if n is None else n for n in t.shape] for t in outputs]
        out.append({k: v for k, v in row.items() if v or v is False and k == "Trainable"})
    return functional, out


def weights(w):
    return {"Params": summary_utils.count_params(w), "Bytes": summary_utils.weight_memory_size(w)}


def totals(model):
    found = {
        "Trainable": weights(getattr(model, "_collected_trainable_weights", model.trainable_weights)),
        "NonTrainable": weights(model.non_trainable_weights),
    }
    if model.compiled and model.optimizer and model.optimizer.built:
        found["Optimizer"] = weights(model.optimizer.variables)
    return found


def mlp():
    return keras.Sequential([keras.Input((784,)), layers.Dense(64, activation="relu"), layers.Dense(10)], name="mlp")


def cnn():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(), layers.BatchNormalization(), layers.Flatten(),
        layers.Dropout(0.5), layers.Dense(10, activation="softmax")])


def unbuilt():
    return keras.Sequential([layers.Dense(64), layers.BatchNormalization(), layers.Dense(10)])


def empty():
    return keras.Sequential(name="nothing")


def chain():
    i = keras.Input((8,), name="features")
    return keras.Model(i, layers.Dense(3)(layers.Dense(4)(i)))


def inputs():
    title, tags = keras.Input((100,), dtype="int32", name="title"), keras.Input((12,), name="tags")
    h = layers.LSTM(16)(layers.Embedding(1000, 8, mask_zero=True)(title))
    h = layers.Concatenate()([h, tags])
    h = h * keras.ops.sigmoid(h)
    return keras.Model([title, tags], [layers.Dense(1, name="priority")(h), layers.Dense(4, name="department")(h)])


def shared():
    a, b = keras.Input((16,)), keras.Input((16,))
    d = layers.Dense(8, name="shared_dense")
    return keras.Model([a, b], layers.Dot(1)([d(a), d(b)]))


def nested():
    block = keras.Sequential([keras.Input((4,)), layers.Dense(5), layers.Dense(4)], name="block")
    outer = keras.Sequential([keras.Input((4,)), block, layers.Dense(2)], name="encoder")
    i = keras.Input((4,))
    return keras.Model(i, layers.Add()([outer(i), layers.Dense(2)(i)]), name="nested")


def long_names():
    return keras.Sequential([
        keras.Input((12, 128)), layers.Conv1D(1024, 3, name="a_convolution_with_a_name_that_is_far_too_long_for_any_column"),
        layers.GlobalAveragePooling1D(name="name with several words that are folded at spaces"), layers.Dense(3, name="x" * 31),
        layers.Dense(3, name="[bold]brackets")], name="model_" + "with_a_very_long_name_" * 5)


def wide_names():
    return keras.Sequential([
        keras.Input((3,)), layers.Dense(4, name="全結合層"), layers.Dense(4, name="слой"), layers.Dense(4, name="とても長い名前の全結合層とその続きの名前です"),
        layers.Dense(4, name="e\u0301te\u0301 🚀 großes Netz")], name="日本語のモデル")


def frozen():
    m = cnn()
    m.layers[0].trainable = False
    m.layers[-1].trainable = False
    return m


def trained():
    m = mlp()
    m.compile("adam", "mse")
    m.fit(np.zeros((2, 784)), np.zeros((2, 10)), verbose=0)
    return m


def half():
    return keras.Sequential([keras.Input((8,)), layers.Dense(3, dtype="float16"), layers.Dropout(0.1, seed=1), layers.Dense(2, dtype="float64")])


def huge():
    return keras.Sequential([keras.Input((200,), dtype="int32"), layers.Embedding(150_000, 64), layers.Bidirectional(layers.LSTM(256)), layers.Dense(46)])


def states():
    i = keras.Input((None, 6))
    out, h, c = layers.LSTM(4, return_sequences=True, return_state=True)(i)
    return keras.Model(i, [out, h, c])


def attention():
    q, v = keras.Input((None, 32), name="query"), keras.Input((None, 32), name="value")
    a = layers.MultiHeadAttention(4, 8, name="attention_with_a_long_name")(q, v, return_attention_scores=True)
    h = layers.LayerNormalization()(layers.Add()([q, a[0]]))
    return keras.Model({"query": q, "value": v}, {"sum": h, "scores": a[1]})


def subclassed():
    class Pair(keras.Model):
        def __init__(self):
            super().__init__(name="pair")
            self.left, self.right = layers.Dense(3), layers.Dense(2)

        def call(self, x):
            return self.right(self.left(x))

    m = Pair()
    m(np.zeros((2, 5)))
    return m


MODELS = [mlp, cnn, unbuilt, empty, chain, inputs, shared, nested, long_names, wide_names, frozen, trained, half, huge, states, attention, subclassed]
OPTIONS = [
    {}, {"show_trainable": True}, {"expand_nested": True}, {"expand_nested": True, "show_trainable": True}, {"line_length": 50}, {"line_length": 66},
    {"line_length": 80}, {"line_length": 97}, {"line_length": 40, "show_trainable": True}, {"columns": 200},
    {"columns": 200, "show_trainable": True}, {"columns": 60}, {"positions": [0.5, 0.75, 1.0]},
    {"positions": [0.3, 0.5, 0.7, 1.0], "columns": 100}, {"columns": 30}, {"columns": 24}, {"line_length": 20}, {"line_length": 31, "show_trainable": True}, {"columns": 44, "line_length": 60},
    {"positions": [0.5, 0.7, 1.0], "line_length": 20}, {"positions": [0.2, 0.5, 0.7]}, {"positions": [0.1, 0.2, 0.25], "line_length": 79},
    {"positions": [0.31, 0.4, 0.6, 0.81], "show_trainable": True, "line_length": 75},
]


def summaries():
    for make in MODELS:
        keras.utils.clear_session()
        model = make()
        functional, r = rows(model)
        printed = []
        for o in OPTIONS:
            if "positions" in o and len(o["positions"]) != 3 + functional or "expand_nested" in o and not any("Depth" in row for row in r):
                continue
            try:
                printed.append({**o, "text": text(model, **o)})
            except ValueError as e:
                printed.append({**o, "error": str(e)})
        yield {"model": make.__name__, "name": model.name, "functional": functional, "rows": r, "totals": totals(model), "printed": printed}


def folds():
    """Strings in a column of a table and in a line of the screen, of every width, as rich breaks them."""
    rng = random.Random(7)
    strings = ["", "a", " ", "one two", "  indented text here", "trailing   ", "a  b   c    d", "abcdefghijklmnop", "ab cdefghijklmnop qr", "   └ dense (Dense)",
               "日本語 の モデル", "日本語のモデル", "a日b本c", "e\u0301e\u0301e\u0301 e\u0301", "one\ntwo lines", "tab\there", "bell\a and\bmore", "\n", "x\n", "123,456 (unbuilt)",
               "no\u00a0break", "thin\u2009space", "🚀🚀🚀", "👨\u200d👩\u200d👧 family", "a\u200db c",
               "\u0301 x"]
    for _ in range(60):
        strings.append("".join(rng.choice("abc   日-") for _ in range(rng.randint(1, 24))))
    for s in strings:
        columns, lines = {}, {}
        for justify in ("left", "right", "center"):
            columns[justify] = []
            for width in range(1, 14):
                console = rich.console.Console(width=80, color_system=None, force_terminal=False, highlight=False)
                table = rich.table.Table(rich.table.Column("", justify=justify, width=width), width=width + 4)
                table.add_row(Text(s))
                with console.capture() as c:
                    console.print(table)
                columns[justify].append([line[2:-2] for line in c.get().split("\n")[3:-2]])
        for width in range(1, 14):
            console = rich.console.Console(width=width, color_system=None, force_terminal=False, highlight=False)
            with console.capture() as c:
                console.print(Text(s))
            lines[width] = c.get()
        yield {"string": s, "columns": columns, "lines": list(lines.values())}


def formats():
    """Numbers of parameters and bytes, and how Keras writes them."""
    counts = [0, 1, 12, 999, 1000, 12345, 999_999, 1_000_000, 12_345_678_901, -1, -999, -1000, -123_456]
    sizes = [0.0, 0.125, 0.375, 1.0, 1023.0, 1023.996, 1024.0, 1025.0, 1536.0, 1024.0**2 - 1, 1024.0**2, 5e8, 1024.0**3, 7.5e12, 1024.0**5, 1e18]
    return {"Counts": [[n, f"{n:,}"] for n in counts], "Sizes": [[s, summary_utils.readable_memory_size(s)] for s in sizes]}


def cells():
    """Runs of characters of equal width, those left out that Python does not know."""
    runs = []
    for c in range(sys.maxunicode + 1):
        if unicodedata.category(chr(c)) in ("Cn", "Cs"):
            continue
        w = rich.cells.get_character_cell_size(chr(c))
        if runs and runs[-1][1:] == [c - 1, w]:
            runs[-1][1] = c
        else:
            runs.append([c, c, w])
    return runs


def write(name, cases):
    with open(os.path.join(OUT, name), "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":"), ensure_ascii=False) for c in cases) + "\n]\n")


write("summaries.json", summaries())
write("folds.json", folds())
write("cells.json", cells())
write("formats.json", [formats()])

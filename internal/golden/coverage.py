"""Lists every public class and function of Keras that gokeras has or could have, with arguments and defaults, by inspection.

python coverage.py              writes internal/coverage/testdata/keras.json.gz
python coverage.py --out DIR    writes into another directory

A name that stands for the same object as an earlier one is listed as its alias. Arguments that a constructor hands on to its base class by **kwargs are
listed after its own. What a default of None means is added where an object says it in its config. A default that is no JSON is its name.
"""

import argparse
import ast
import gzip
import inspect
import json
import math
import os
import pathlib
import textwrap

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "internal" / "coverage" / "testdata"
MODULES = [
    "optimizers", "optimizers.schedules", "losses", "metrics", "callbacks", "activations", "initializers", "regularizers", "constraints", "layers",
    *(f"datasets.{n}" for n in dir(keras.datasets) if not n.startswith("_")), "utils",
]
METHODS = ["compile", "fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch"]
P = inspect.Parameter
# Values for arguments without a default, of classes whose configs are looked at.
REQUIRED = {
    "num_classes": 2, "target_class_ids": [0], "specificity": 0.5, "sensitivity": 0.5, "recall": 0.5, "precision": 0.5, "fn": len, "units": 1, "filters": 1,
    "kernel_size": 1, "input_dim": 1, "output_dim": 1, "output_size": 1, "height": 1, "width": 1, "factor": 0.5, "rate": 0.5, "scale": 1.0, "n": 1,
}


def plain(value):
    """A default as JSON."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else repr(value)
        case list() | tuple():
            return [plain(v) for v in value]
        case dict() if all(isinstance(k, str) for k in value):
            return {k: plain(v) for k, v in value.items()}
    return getattr(value, "__name__", type(value).__name__)


def argument(p):
    name = {P.VAR_POSITIONAL: "*", P.VAR_KEYWORD: "**"}.get(p.kind, "") + p.name
    out = {"name": name}
    if p.default is not P.empty:
        out["default"] = plain(p.default)
    elif not name.startswith("*"):
        out["required"] = True
    return out


def parameters(f):
    """The parameters of a function, and whether it takes others by **kwargs."""
    all = [p for p in inspect.signature(f).parameters.values() if p.name != "self"]
    return [p for p in all if p.kind != P.VAR_KEYWORD], len(all) > 0 and all[-1].kind == P.VAR_KEYWORD


def of_function(f):
    return [argument(p) for p in parameters(f)[0]]


def handed_on(base):
    """The names that a constructor gives to its base class's itself, or None where it does not hand **kwargs on."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(base.__init__)))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "__init__":
            if any(k.arg is None for k in call.keywords):
                return {k.arg for k in call.keywords if k.arg}
    return None


def popped(c):
    """The names that a constructor takes out of **kwargs, most of them old."""
    if "__init__" not in vars(c):
        return []
    tree = ast.parse(textwrap.dedent(inspect.getsource(c.__init__)))
    pops = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == "pop" and n.args]
    return [n.args[0].value for n in pops if getattr(n.func.value, "id", "") == "kwargs" and isinstance(n.args[0], ast.Constant)]


def of_class(c):
    """The arguments of a constructor and of those it hands **kwargs on to."""
    out, names = [], set()
    for base in c.__mro__[:-1]:
        if "__init__" not in vars(base):
            continue
        own, more = parameters(base.__init__)
        for p in own:
            if p.name in names or base is not c and p.kind == P.VAR_POSITIONAL:
                continue
            names.add(p.name)
            a = argument(p)
            if base is not c and a.pop("required", False):  # The subclass gives it in its place.
                continue
            out.append(a)
        given = handed_on(base) if more else None
        if given is None:
            break
        names |= given
    return meaning(c, out)


def meaning(c, arguments):
    """Adds what None means, as the config of an object made with defaults says. The names of layers are numbered and seeds drawn."""
    required = {a["name"]: REQUIRED[a["name"]] for a in arguments if a.get("required") and a["name"] in REQUIRED}
    keras.utils.clear_session()
    try:
        config = c(**required).get_config()
    except Exception:  # Abstract, or in need of other arguments.
        return arguments
    for a in arguments:
        value = config.get(a["name"])
        made = a["name"] == "seed" or a["name"] == "name" and issubclass(c, keras.layers.Layer)
        if "default" in a and a["default"] is None and isinstance(value, bool | int | float | str) and not made:
            a["means"] = plain(value)
    return arguments


class Listing:
    def __init__(self):
        self.first = {}  # By identity, where an object was listed first.

    def entry(self, module, name, value):
        path = f"{module}.{name}"
        out = {"name": name, "kind": "class" if inspect.isclass(value) else "function"}
        if id(value) in self.first:
            return {**out, "alias": self.first[id(value)]}
        self.first[id(value)] = path
        if not inspect.isclass(value):
            return {**out, "arguments": of_function(value)}
        old = popped(value)
        return {**out, "arguments": of_class(value), **({"old": old} if old else {})}

    def module(self, name):
        m = keras
        for part in name.split("."):
            m = getattr(m, part)
        members = [(n, getattr(m, n)) for n in dir(m) if not n.startswith("_")]
        # A class before the functions of other names for it: its own name is the one that it was defined with.
        members = sorted((p for p in members if callable(p[1])), key=lambda p: (p[1].__name__ != p[0], p[0]))
        entries = [self.entry(f"keras.{name}", n, v) for n, v in members]
        return {"name": f"keras.{name}", "entries": sorted(entries, key=lambda e: e["name"])}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--out", type=pathlib.Path, default=OUT)
    a = arguments.parse_args()
    listing = Listing()
    modules = [listing.module(n) for n in MODULES]
    methods = [{"name": n, "kind": "function", "arguments": of_function(getattr(keras.Model, n))} for n in METHODS]
    modules.append({"name": "keras.Model", "entries": methods})
    data = {"version": keras.__version__, "modules": modules}
    a.out.mkdir(parents=True, exist_ok=True)
    with gzip.GzipFile(a.out / "keras.json.gz", "wb", mtime=0) as f:
        f.write(json.dumps(data, separators=(",", ":")).encode())


main()

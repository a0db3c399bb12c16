"""Ask Keras for outputs and gradients of small LSTMs; writes internal/kernel/testdata/lstm.json.

Run with KERAS_BACKEND=jax.
"""

import json
import pathlib

import jax
import jax.numpy as jnp
import keras
import numpy as np

OUT = pathlib.Path(__file__).parents[1] / "kernel" / "testdata" / "lstm.json"

CASES = [
    dict(name="plain"),
    dict(name="backwards", backwards=True),
    dict(name="no bias", use_bias=False),
    dict(name="initial state", initial=True),
    dict(name="mask", mask=True),
    dict(name="mask, zero output", mask=True, zero=True),
    dict(name="mask, backwards, initial state", mask=True, backwards=True, initial=True),
    dict(name="relu, sigmoid", activation="relu"),
    dict(name="linear, tanh", activation="linear", recurrent_activation="tanh"),
]
BATCH, TIME, IN, UNITS = 3, 4, 2, 5


def rounded(a):
    return [float(f"{v:.9g}") for v in np.asarray(a, "float32").ravel()]


def run(case, rng):
    normal = lambda *shape: rng.normal(size=shape).astype("float32")
    layer = keras.layers.LSTM(
        UNITS,
        return_sequences=True,
        return_state=True,
        use_bias=case.get("use_bias", True),
        go_backwards=case.get("backwards", False),
        zero_output_for_mask=case.get("zero", False),
        activation=case.get("activation", "tanh"),
        recurrent_activation=case.get("recurrent_activation", "sigmoid"),
    )
    layer.build((BATCH, TIME, IN))
    args = dict(x=normal(BATCH, TIME, IN), kernel=normal(IN, 4 * UNITS), recurrent=0.5 * normal(UNITS, 4 * UNITS))
    if case.get("use_bias", True):
        args["bias"] = normal(4 * UNITS)
    if case.get("initial"):
        args["h0"], args["c0"] = normal(BATCH, UNITS), normal(BATCH, UNITS)
    mask = None
    if case.get("mask"):
        mask = np.array([[1, 1, 0, 1], [0, 1, 1, 0], [1, 1, 1, 1]], bool)
    dout = [normal(BATCH, TIME, UNITS), normal(BATCH, UNITS), normal(BATCH, UNITS)]

    def forward(a):
        weights = [a["kernel"], a["recurrent"]] + ([a["bias"]] if "bias" in a else [])
        state = [a["h0"], a["c0"]] if "h0" in a else None
        out, _ = layer.stateless_call(
            weights, [v.value for v in layer.non_trainable_variables], a["x"], initial_state=state, mask=mask
        )
        return out

    args = {k: jnp.asarray(v) for k, v in args.items()}
    out = forward(args)
    grads = jax.grad(lambda a: sum(jnp.sum(y * d) for y, d in zip(forward(a), dout)))(args)
    return dict(
        name=case["name"],
        batch=BATCH, time=TIME, **{"in": IN}, units=UNITS,
        backwards=case.get("backwards", False),
        zero=case.get("zero", False),
        activation=case.get("activation", "tanh"),
        recurrent_activation=case.get("recurrent_activation", "sigmoid"),
        mask=None if mask is None else mask.ravel().tolist(),
        args={k: rounded(v) for k, v in args.items()},
        out={k: rounded(v) for k, v in zip(["seq", "h", "c"], out)},
        dout={k: rounded(v) for k, v in zip(["seq", "h", "c"], dout)},
        grads={k: rounded(v) for k, v in grads.items()},
    )


def main():
    jax.config.update("jax_default_matmul_precision", "highest")
    rng = np.random.default_rng(1)
    cases = [run(c, rng) for c in CASES]
    OUT.parent.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    OUT.write_text(f'{{"keras":"{keras.__version__}","cases":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()

"""Ask Keras for outputs and gradients of small recurrent layers; writes internal/kernel/testdata/recurrent.json.gz.

Run with KERAS_BACKEND=jax. Cases are drawn from --seed; --out names another file.
"""

import argparse
import gzip
import json
import pathlib

import jax
import jax.numpy as jnp
import keras
import numpy as np

OUT = pathlib.Path(__file__).parents[1] / "kernel" / "testdata" / "recurrent.json.gz"
CASES = 12  # of each cell
# Of these the derivatives have no jumps, at which Keras and others may differ.
ACTIVATIONS = ["linear", "sigmoid", "tanh", "softplus", "softsign", "silu", "elu", "gelu", "mish", "log_sigmoid"]


def rounded(a):
    return [float(f"{v:.9g}") for v in np.asarray(a, "float32").ravel()]


def draw(cell, i, rng):
    chance = lambda p=0.5: bool(rng.random() < p)
    size = lambda high: int(rng.integers(1, high + 1))
    batch, time, features, units = size(5), size(5), size(3), size(4)
    activations = ["tanh", "sigmoid"] if i < CASES // 2 else [str(rng.choice(ACTIVATIONS)), str(rng.choice(["sigmoid", "tanh", "softsign", "silu"]))]
    options = dict(use_bias=chance(0.7), go_backwards=chance(0.3), activation=activations[0])
    if cell == "SimpleRNN":
        activations[1] = "sigmoid"
    else:
        options["recurrent_activation"] = activations[1]
    if cell == "GRU":
        options["reset_after"] = chance()
    gates = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}[cell]
    dropped = chance(0.3)
    zero = chance()
    layer = getattr(keras.layers, cell)(
        units, return_sequences=True, return_state=True, recurrent_dropout=0.5 if dropped else 0.0, zero_output_for_mask=zero, **options
    )
    layer.build((batch, time, features))
    normal = lambda shape: rng.normal(size=shape).astype("float32")
    weights = [0.7 * normal(w.shape) for w in layer.trainable_variables]
    args = dict(zip(["kernel", "recurrent", "bias"], weights), x=normal((batch, time, features)))
    if chance(0.4):
        args["h"] = normal((batch, units))
        if cell == "LSTM":
            args["c"] = normal((batch, units))
    mask = (rng.random((batch, time)) < 0.7) if chance() else None
    keep = 2.0 * (rng.random((gates, batch, units)) < 0.5).astype("float32") if dropped else None
    if dropped:
        masks = [jnp.asarray(k) for k in keep]
        layer.cell.get_recurrent_dropout_mask = lambda _: masks if gates > 1 else masks[0]
    names = ["seq", "h", "c"][: 3 if cell == "LSTM" else 2]

    def forward(a):
        out, _ = layer.stateless_call(
            [a[k] for k in ("kernel", "recurrent", "bias") if k in a], [v.value for v in layer.non_trainable_variables], a["x"],
            initial_state=[a[k] for k in ("h", "c") if k in a] or None, mask=mask, training=dropped,
        )
        return out

    args = {k: jnp.asarray(v) for k, v in args.items()}
    out = forward(args)
    dout = [normal(y.shape) for y in out]
    grads = jax.jit(jax.grad(lambda a: sum(jnp.sum(y * d) for y, d in zip(forward(a), dout))))(args)
    return dict(
        cell=cell if options.get("reset_after", True) else "GRUResetBefore", batch=batch, time=time, **{"in": features}, units=units,
        backwards=options["go_backwards"], zero=zero, activation=activations[0], recurrent_activation=activations[1],
        mask=None if mask is None else mask.ravel().tolist(), keep=None if keep is None else rounded(np.moveaxis(keep, 0, 1)),
        args={k: rounded(v) for k, v in args.items()}, out=dict(zip(names, map(rounded, out))), dout=dict(zip(names, map(rounded, dout))),
        grads={k: rounded(v) for k, v in grads.items()},
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    options = parser.parse_args()
    jax.config.update("jax_default_matmul_precision", "highest")
    rng = np.random.default_rng(options.seed)
    cases = [draw(cell, i, rng) for cell in ("SimpleRNN", "GRU", "LSTM") for i in range(CASES)]
    text = json.dumps({"keras": keras.__version__, "cases": cases}, separators=(",", ":"))
    options.out.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()

"""Times matrix products of package kernel beside those of PyTorch, in turns, and prints a table in GFLOP/s.

Run it in the repository's root with a Python that has torch:

    python internal/kernel/gen/compare/compare.py [--rounds N] [--threads 1,2] [--also PROGRAM] [SHAPE ...]

A shape is rows x steps x columns and how each side is stored: 32x784x64NN, or T for transposed. Every round runs every program
once per number of threads; the shortest time of all counts, because others may use the machine. "mm" is torch.mm (MKL) and
"linear" torch's oneDNN linear layer; both include Python's call. PROGRAM reads shapes and prints times as ours does: onednn.c
is one that calls oneDNN without Python.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SHAPES = """32x32x32NN 32x32x32NT 64x32x96NN 33x33x33NN 128x128x128NN 256x256x256NN 32x784x64NN 784x32x64TN 32x64x784NT 128x784x512NN
784x128x512TN 128x512x784NT 64x6400x256TN 6400x128x256NN 25088x64x64NN 64x25088x64TN 32x64x10NN 64x32x10TN 32x10x64NT 128x512x10NN
512x128x10TN 128x10x512NT 32x64x256NN 32x256x64NT 128x64x1NN 64x128x1TN 1x64x10NN 1x784x64NN 1x512x512NN 1x64x128NT""".split()
RUNS, RUN_SECONDS, SHAPE_SECONDS = 200, 40e-6, 0.2


def split(shape):
    m, k, n = map(int, shape[:-2].split("x"))
    return m, k, n, shape[-2] == "T", shape[-1] == "T"


def work(shape):
    m, k, n, _, _ = split(shape)
    return 2 * m * k * n


def shortest(call):
    best, calls, begin = float("inf"), 1, time.perf_counter()
    for _ in range(RUNS):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        spent = time.perf_counter() - start
        best = min(best, spent / calls)
        if spent < RUN_SECONDS / 2:
            calls *= 2
        if time.perf_counter() - begin > SHAPE_SECONDS:
            break
    return best * 1e9


def time_torch(which, threads):
    import torch

    torch.set_num_threads(threads)
    linear = torch.ops.mkldnn._linear_pointwise
    with torch.inference_mode():
        for shape in sys.stdin.read().split():
            m, k, n, trans_a, trans_b = split(shape)
            a = torch.randn(k, m).t() if trans_a else torch.randn(m, k)
            b = torch.randn(n, k).t() if trans_b else torch.randn(k, n)
            c, bt = torch.empty(m, n), b.t()
            call = (lambda: torch.mm(a, b, out=c)) if which == "mm" else (lambda: linear(a, bt, None, "none", [], ""))
            print(shape, shortest(call), flush=True)


def run(command, threads, shapes):
    env = dict(os.environ, GOMAXPROCS=str(threads), OMP_NUM_THREADS=str(threads))
    out = subprocess.run(command, input="\n".join(shapes) + "\n", env=env, capture_output=True, text=True, check=True).stdout
    return {line.split()[0]: float(line.split()[1]) for line in out.splitlines()}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--threads", default="1,2")
    p.add_argument("--also", action="append", default=[])
    p.add_argument("--torch", nargs=2, help=argparse.SUPPRESS)
    p.add_argument("shapes", nargs="*", default=SHAPES)
    a = p.parse_args()
    if a.torch:
        time_torch(a.torch[0], int(a.torch[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        ours = os.path.join(folder, "compare")
        subprocess.run(["go", "build", "-o", ours, HERE], check=True)
        print_table(a, measure(a, ours))


def measure(a, ours):
    me = [sys.executable, os.path.abspath(__file__)]
    best = {}
    for _ in range(a.rounds):
        for threads in map(int, a.threads.split(",")):
            commands = {"ours": [ours], **{os.path.basename(c): [c] for c in a.also}}
            commands.update({w: me + ["--torch", w, str(threads)] for w in ("mm", "linear")})
            for name, command in commands.items():
                for shape, ns in run(command, threads, a.shapes).items():
                    key = name, threads, shape
                    best[key] = min(best.get(key, ns), ns)
    return best


def print_table(a, best):
    columns = list(dict.fromkeys((threads, name) for name, threads, _ in best))
    print(f"{'GFLOP/s':18}" + "".join(f"{name + '/' + str(threads):>12}" for threads, name in sorted(columns, key=lambda c: c[0])))
    for shape in a.shapes:
        row = (best[name, threads, shape] for threads, name in sorted(columns, key=lambda c: c[0]))
        print(f"{shape:18}" + "".join(f"{work(shape) / ns:12.1f}" for ns in row))


if __name__ == "__main__":
    main()

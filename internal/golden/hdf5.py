"""Writes the HDF5 fixtures of internal/hdf5, and checks the files that package wrote.

python hdf5.py           writes internal/hdf5/testdata/*.h5 and expected.json
python hdf5.py --check   opens testdata/written/*.h5 with h5py, Keras and, where it is installed, h5dump
"""

import argparse
import json
import math
import os
import pathlib
import shutil
import subprocess
import tempfile

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import numpy as np

OUT = pathlib.Path(__file__).resolve().parent.parent / "hdf5" / "testdata"
RNG = np.random.default_rng(7)


def fill_types(f):
    floats = np.array([0.0, -1.5, 3.140625, 65504.0, 6e-8, np.inf, 1e-5])
    for order, tag in (("<", "le"), (">", "be")):
        for width in (2, 4, 8):
            f[f"float{8 * width}_{tag}"] = floats.astype(f"{order}f{width}")
        for width in (1, 2, 4, 8):
            info = np.iinfo(f"i{width}")
            f[f"int{8 * width}_{tag}"] = np.array([info.min, -1, 0, 1, info.max], f"{order}i{width}")
            top = min(np.iinfo(f"u{width}").max, 2**63 - 1)
            f[f"uint{8 * width}_{tag}"] = np.array([0, 1, 100, top], f"{order}u{width}")
    f["scalar"] = np.float32(2.5)
    f["matrix"] = RNG.normal(size=(3, 4, 2)).astype("f4")
    f["empty"] = np.zeros((0, 3), "f4")
    f["bool"] = np.array([True, False, True])
    bits = np.array([1.0, -2.0, 0.15625], "f4").view("u4") >> 16
    ds = f.create_dataset("bfloat16", data=bits.astype("u2").view("V2"))
    ds.attrs["dtype"] = "bfloat16"
    f["fixed"] = np.array([b"abc", b"", b"de"])
    f.create_dataset("text", data=["héllo", "", "x" * 5000, "日本"], dtype=h5py.string_dtype())
    utf8 = h5py.string_dtype("utf-8", 6)
    f.create_dataset("fixed_utf8", data=np.array(["é".encode(), b"plain"], utf8))
    spaced = h5py.h5t.C_S1.copy()
    spaced.set_size(5)
    spaced.set_strpad(h5py.h5t.STR_SPACEPAD)
    low = h5py.h5d.create(f.id, b"spaced", spaced, h5py.h5s.create_simple((2,)))
    low.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"ab   ", b"cdefg"], "S5"), spaced)
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    low = h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32BE, h5py.h5s.create_simple((3,)), compact)
    low.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, 2, 4], ">f4"))
    f.create_dataset("unwritten", shape=(5,), dtype="i4", fillvalue=7)
    group = f.create_group("attrs")
    group.attrs["text"] = "naïve"
    group.attrs["empty_text"] = ""
    group.attrs["bytes"] = b"2.9.0"
    group.attrs["fixed"] = np.bytes_("tensorflow")
    group.attrs["names"] = [f"layer_{i}/kernel:0" for i in range(20)]
    group.attrs["fixed_names"] = np.array([b"a/kernel:0", b"b"])
    group.attrs["none"] = np.zeros(0)
    group.attrs["null"] = h5py.Empty("f4")
    group.attrs["int"] = 3
    group.attrs["ints"] = np.array([[1, -2], [3, 4]], "i2")
    group.attrs["float"] = 0.25
    group.attrs["floats"] = np.array([0.5, 1.5], ">f4")
    group.attrs["long"] = "j" * 9000


def fill_chunks(f):
    a = RNG.normal(size=(7, 5, 3)).astype("f4")
    f.create_dataset("plain", data=a, chunks=(3, 2, 2))
    f.create_dataset("gzip", data=a, chunks=(4, 4, 3), compression="gzip")
    f.create_dataset("shuffle", data=a, chunks=(4, 4, 3), shuffle=True)
    f.create_dataset("both", data=a, chunks=(2, 5, 3), compression="gzip", shuffle=True)
    f.create_dataset("zeros", data=np.zeros((60, 50), "f4"), chunks=(60, 50), compression="gzip")
    f.create_dataset("deep", data=np.arange(700, dtype=">i2"), chunks=(2,))
    sparse = f.create_dataset("sparse", shape=(10, 4), dtype="f4", chunks=(3, 3), fillvalue=-1.0)
    sparse[4:6, 2:4] = 9
    f.create_dataset("growing", data=np.arange(6), maxshape=(None,), chunks=(4,))


def fill_latest(f):
    f["w"] = RNG.normal(size=(4, 3)).astype("f4")
    f["b/c/d"] = np.arange(3)
    f["b"].attrs["name"] = "é"
    f["b/c/d"].attrs["names"] = ["x", "yy"]
    f.create_dataset("single", data=np.arange(6.0).reshape(2, 3), chunks=(2, 3))
    f.create_dataset("single_gzip", data=np.arange(12.0).reshape(4, 3), chunks=(4, 3), compression="gzip")
    f.create_dataset("fixed_array", data=np.arange(35).reshape(5, 7), chunks=(2, 3))
    f.create_dataset("fixed_gzip", data=np.arange(35).reshape(5, 7), chunks=(2, 3), compression="gzip", shuffle=True)
    early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    early.set_chunk((2, 3))
    early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    low = h5py.h5d.create(f["b"].id, b"implicit", h5py.h5t.NATIVE_INT32, h5py.h5s.create_simple((5, 7)), early)
    low.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(35, dtype="i4").reshape(5, 7))


def fill_many(f):
    data = f.create_dataset("data", data=np.arange(3, dtype="f4"))
    for i in range(300):
        f[f"m{i}"] = data


def fill_userblock(f):
    f["x"] = np.arange(4, dtype="f8")
    f.attrs["names"] = ["in", "a", "block"]


FILES = {
    "types.h5": (fill_types, {}),
    "chunks.h5": (fill_chunks, {}),
    "latest.h5": (fill_latest, {"libver": "latest"}),
    "v108.h5": (fill_latest, {"libver": ("v108", "v108")}),
    "many.h5": (fill_many, {}),
    "userblock.h5": (fill_userblock, {"userblock_size": 1024}),
}


def write_refused():
    """Files in which something is refused; the Go test says what."""
    with h5py.File(OUT / "refused.h5", "w") as f:
        f["a/x"] = np.arange(2.0)
        f["soft"] = h5py.SoftLink("/a/x")
        f["links/external"] = h5py.ExternalLink("/etc/passwd", "/x")
        f["a/loop"] = f["/"]
        f["a/self"] = f["a"]
        f["named"] = np.dtype("i4")
        f["complex"] = np.array([1j])
        f["compound"] = np.zeros(2, [("a", "f4"), ("b", "i4")])
        f["huge"] = np.array([2**63], "u8")
        f.create_dataset("checked", data=np.arange(4), chunks=(2,), fletcher32=True)
        f.create_dataset("lzf", data=np.arange(4), chunks=(2,), compression="lzf")
        f.create_dataset("outside", shape=(2,), dtype="f4", external=[("/etc/passwd", 0, 8)])
        f.create_dataset("vast", shape=(1 << 20, 1 << 20), dtype="f4", chunks=(1 << 10, 1 << 10))
        f.attrs["ref"] = f["a"].ref
        f.attrs["ok"] = 1
    with h5py.File(OUT / "dense.h5", "w", libver="latest") as f:
        for i in range(12):
            f.create_group(f"links/g{i}")
        group = f.create_group("attributes")
        for i in range(12):
            group.attrs[f"a{i}"] = i
        f.create_dataset("growing", data=np.arange(6), maxshape=(None,), chunks=(2,))
        f.create_dataset("tree2", data=np.zeros((4, 4)), maxshape=(None, None), chunks=(2, 2))
        f.create_dataset("pages", data=np.zeros(2000, "i1"), chunks=(1,))


def keras_model():
    import keras

    model = keras.Sequential([
        keras.layers.Input((4,)),
        keras.layers.Dense(3, activation="relu"),
        keras.layers.Dropout(0.1),
        keras.layers.Dense(2),
    ])
    model.compile("adam", "mse")
    return model


def write_keras():
    import keras

    keras.utils.set_random_seed(3)
    model = keras_model()
    model.fit(RNG.normal(size=(8, 4)), RNG.normal(size=(8, 2)), verbose=0)
    model.save_weights(OUT / "keras.weights.h5")
    model.save(OUT / "legacy.h5")


def plain(value):
    """A value as JSON: numbers as float or int, infinities as text."""
    if isinstance(value, h5py.Empty):
        return None
    value = np.asarray(value)
    if value.dtype.kind == "V" and value.dtype.itemsize == 2:
        value = (value.view("u2").astype("u4") << 16).view("f4")
    if value.dtype.kind in "OSU":
        flat = [v.decode() if isinstance(v, bytes) else str(v) for v in value.reshape(-1).tolist()]
    elif value.dtype.kind == "f":
        flat = [float(v) if math.isfinite(v) else repr(float(v)) for v in value.reshape(-1).tolist()]
    else:
        flat = [int(v) for v in value.reshape(-1).tolist()]
    return flat if value.shape else flat[0]


def type_name(ds):
    if ds.dtype.kind in "OS":
        return "string"
    if ds.dtype.kind == "V":
        return "bfloat16"
    return {"bool": "int8"}.get(ds.dtype.name, ds.dtype.name)


def describe(path):
    out = {"datasets": {}, "attrs": {}}

    def visit(name, obj):
        attrs = {k: plain(v) for k, v in obj.attrs.items()}
        if attrs:
            out["attrs"]["/" + name.strip("/")] = attrs
        if isinstance(obj, h5py.Dataset):
            values = plain(obj[()])
            out["datasets"]["/" + name] = {
                "shape": list(obj.shape),
                "type": type_name(obj),
                "values": values if isinstance(values, list) else [values],
            }

    with h5py.File(path) as f:
        visit("/", f)
        f.visititems(visit)
    return out


def write():
    OUT.mkdir(exist_ok=True)
    expected = {}
    for name, (fill, options) in FILES.items():
        with h5py.File(OUT / name, "w", **options) as f:
            fill(f)
    write_keras()
    write_refused()
    for name in [*FILES, "keras.weights.h5", "legacy.h5"]:
        expected[name] = describe(OUT / name)
    (OUT / "expected.json").write_text(json.dumps(expected, separators=(",", ":"), ensure_ascii=False) + "\n")


def check_tree(path):
    """tree.h5 by the formulas that the Go test states."""
    with h5py.File(path) as f:
        assert f["arrays/f4"].dtype == "<f4" and f["arrays/f4"].shape == (2, 3)
        np.testing.assert_array_equal(f["arrays/f4"], np.arange(6, dtype="f4").reshape(2, 3) / 4)
        np.testing.assert_array_equal(f["arrays/f8"], [np.pi, -np.inf])
        np.testing.assert_array_equal(f["arrays/i4"], [-(2**31), 2**31 - 1])
        np.testing.assert_array_equal(f["arrays/i8"], [-(2**63), 2**63 - 1])
        np.testing.assert_array_equal(f["arrays/u4"], [2**32 - 1])
        assert [f[f"arrays/{k}"].dtype.str for k in ("f8", "i4", "i8", "u4")] == ["<f8", "<i4", "<i8", "<u4"]
        assert f["arrays/scalar"].shape == () and f["arrays/scalar"][()] == 41
        assert f["arrays/none"].shape == (0, 3)
        assert list(f["empty"]) == [] and list(f["a/b/c"]) == []
        assert sorted(f["many"]) == sorted(f"m{i}" for i in range(300))
        for i in range(300):
            assert f[f"many/m{i}"][()] == i
        assert f.attrs["text"] == "héllo" and f.attrs["blank"] == ""
        assert f.attrs["int"] == -5 and f.attrs["float"] == 0.1
        assert list(f["arrays/f4"].attrs["names"]) == [f"layer_{i}" for i in range(500)]
        assert len(f["empty"].attrs["none"]) == 0
        assert f["empty"].attrs["long"] == "j" * 9000


def check_append(path):
    """The library itself adds members to the groups that were written."""
    with h5py.File(path, "r+") as f:
        for i in range(300, 400):
            f[f"many/m{i}"] = np.int64(i)
        f["empty/new"] = np.arange(3)
        f.attrs["more"] = "text"
    with h5py.File(path) as f:
        assert len(f["many"]) == 400 and all(f[f"many/m{i}"][()] == i for i in range(400))
        assert f.attrs["more"] == "text" and f.attrs["text"] == "héllo"


def check_keras(path):
    model = keras_model()
    model.build((None, 4))
    model.load_weights(path)
    with h5py.File(OUT / "keras.weights.h5") as f:
        for i, layer in ((0, "dense"), (2, "dense_1")):
            for j, w in enumerate(model.layers[i].get_weights()):
                np.testing.assert_array_equal(w, f[f"layers/{layer}/vars/{j}"])


def check(h5dump):
    written = OUT / "written"
    check_tree(written / "tree.h5")
    check_keras(written / "keras.weights.h5")
    with tempfile.TemporaryDirectory() as tmp:
        copy = pathlib.Path(tmp) / "tree.h5"
        shutil.copy(written / "tree.h5", copy)
        check_append(copy)
    print("h5py and Keras: ok")
    tool = shutil.which(h5dump)
    if tool is None:
        raise SystemExit("h5dump is not installed: not checked with it")
    for path in sorted(written.glob("*.h5")):
        subprocess.run([tool, str(path)], check=True, stdout=subprocess.DEVNULL)
    print("h5dump: ok")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--h5dump", default="h5dump")
    args = parser.parse_args()
    if args.check:
        check(args.h5dump)
    else:
        write()

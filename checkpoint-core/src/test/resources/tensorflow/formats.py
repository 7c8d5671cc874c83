"""Files of Keras and NumPy, and Java's of the same tensors.

formats.py make FOLDER     saves models as NAME.keras and NAME.weights.h5, arrays as NAME.npz, and
                           beside each NAME.txt what is in it: name, dtype, shape, SHA-256 of the
                           little-endian bytes, a tensor a line, separated by tabs
formats.py check FOLDER    loads what Java wrote of them: NAME.java.keras, NAME.java.weights.h5,
                           NAME.java.npz and the checkpoint NAME.java; prints what was compared
"""
import hashlib
import sys
import warnings

import h5py
import keras
import ml_dtypes
import numpy as np
import safetensors.numpy
import tensorflow as tf

act, folder = sys.argv[1], sys.argv[2]
tf.config.run_functions_eagerly(True)  # tracing takes longer than these small models do
layers = keras.layers


@keras.saving.register_keras_serializable()
class Lists(keras.Model):
    """Layers in a list and a dictionary, which tf.train.Checkpoint does not see."""

    def __init__(self, **more):
        super().__init__(**more)
        self.first = layers.Dense(3)
        self.many = [layers.Dense(3), layers.Dense(3)]
        self.named = {"a": layers.Dense(2), "b": layers.LayerNormalization()}

    def call(self, x):
        x = self.first(x)
        for layer in self.many:
            x = layer(x)
        return self.named["b"](self.named["a"](x))


def sequential():
    model = keras.Sequential([layers.Input((5,)), layers.Dense(4, activation="relu"),
                              layers.Dense(4), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model


def functional():
    word = layers.Input((3,), dtype="int32")
    number = layers.Input((4,))
    x = layers.Flatten()(layers.Embedding(10, 3)(word))
    x = layers.Concatenate()([x, layers.Dense(6)(number)])
    x = layers.BatchNormalization()(x)
    model = keras.Model([word, number], layers.Dense(2)(x))
    model.compile(keras.optimizers.Adagrad(0.1), "mse")
    return model


def nested():
    inner = keras.Sequential([layers.Input((8,)), layers.Dense(3), layers.Dense(3)])
    start = layers.Input((8, 8, 1))
    x = layers.Conv2D(2, 3)(start)
    x = layers.LSTM(8)(layers.Reshape((6, 12))(x))
    other = keras.Model(start, layers.Dense(8)(layers.Flatten()(start)))
    x = layers.Add()([inner(x), inner(other(start))])
    model = keras.Model(start, layers.Dense(1)(x))
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), "mse")
    return model


def halves():
    return keras.Sequential([layers.Input((5,)), layers.Dense(4, dtype="bfloat16"),
                             layers.Dense(3, dtype="float16"), layers.Dense(2, dtype="float64")])


def lists():
    model = Lists()
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model


MODELS = {"sequential": sequential, "functional": functional, "nested": nested, "lists": lists}


def data(name):
    random = np.random.default_rng(3)
    if name == "functional":
        x = [random.integers(0, 10, (16, 3)), random.standard_normal((16, 4))]
        return x, random.standard_normal((16, 2))
    shape = (16, 8, 8, 1) if name == "nested" else (16, 5)
    return random.standard_normal(shape), random.standard_normal((16, 2 if name == "lists" else 1))


def built(name, seed):
    keras.utils.set_random_seed(seed)
    model = MODELS[name]()
    x, y = data(name)
    model.fit(x, y, batch_size=8, verbose=0)
    return model


def line(name, array, dtype=None):
    array = np.ascontiguousarray(array).reshape(np.shape(array))
    dtype = dtype or array.dtype.newbyteorder("=").name
    little = array.astype(array.dtype.newbyteorder("<")) if array.dtype.kind != "V" else array
    digest = hashlib.sha256(little.tobytes()).hexdigest()
    return "\t".join([name, dtype, "x".join(map(str, array.shape)), digest])


def describe(weights):
    lines = []

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            marked = item.attrs.get("dtype") == "bfloat16"
            value = np.array(item, dtype=ml_dtypes.bfloat16) if marked else np.array(item)
            lines.append(line(name, value, "bfloat16" if marked else None))

    with h5py.File(weights) as file:
        file.visititems(visit)
    return lines


def arrays():
    random = np.random.default_rng(5)
    all = {"scalar": np.float32(3.5), "none": np.zeros((0, 3), np.int16),
           "truth": random.integers(0, 2, (5,)).astype(bool)}
    for kind in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]:
        dtype = np.dtype("<" + kind)
        raw = random.integers(0, 100, (4, 3, 2 * dtype.itemsize), dtype=np.uint8)
        value = raw.view(dtype)
        all["little/" + kind] = value
        all["big/" + kind] = value.astype(dtype.newbyteorder(">"))
        all["fortran/" + kind] = np.asfortranarray(value)
    all["matrix"] = np.asfortranarray(random.standard_normal((300, 7)).astype(np.float32))
    return all


def numbers():
    """Those that safetensors has."""
    return {key: value for key, value in arrays().items() if value.dtype.itemsize < 16}


def make():
    for name in MODELS:
        model = built(name, 1)
        model.save(f"{folder}/{name}.keras")
        model.save_weights(f"{folder}/{name}.weights.h5")
        with open(f"{folder}/{name}.txt", "w") as out:
            out.write("\n".join(describe(f"{folder}/{name}.weights.h5")))
    halves().save_weights(f"{folder}/halves.weights.h5")
    for name, save in [("plain", np.savez), ("packed", np.savez_compressed)]:
        save(f"{folder}/{name}.npz", **arrays())
        with open(f"{folder}/{name}.txt", "w") as out:
            out.write("\n".join(line(key, value) for key, value in arrays().items()))
    chunked = {key: value for key, value in numbers().items()
               if value.size > 1 and value.dtype.kind in "iuf" and value.dtype.itemsize != 2
               or value.dtype.kind in "iu" and value.size > 1}
    with h5py.File(f"{folder}/chunked.h5", "w") as file:
        for number, (key, value) in enumerate(chunked.items()):
            packed = [None, "gzip", "lzf"][number % 3]
            file.create_dataset(key, data=value, compression=packed, shuffle=packed is not None,
                                chunks=(2,) + value.shape[1:])
    with open(f"{folder}/chunked.txt", "w") as out:
        out.write("\n".join(line(key, value) for key, value in chunked.items()))
    linked = {key: value for key, value in arrays().items()
              if key.startswith("big/") and value.dtype.kind in "iuf"}
    with h5py.File(f"{folder}/linked.h5", "w") as file:
        for key, value in linked.items():
            file[key] = value
        file["soft"] = h5py.SoftLink("/big/f4")
        file["outside"] = h5py.ExternalLink("chunked.h5", "/matrix")
    with open(f"{folder}/linked.txt", "w") as out:
        out.write("\n".join(line(key, value) for key, value in linked.items()))
    whole = {key: np.ascontiguousarray(value.astype(value.dtype.newbyteorder("<"))).reshape(
        value.shape) for key, value in numbers().items()}
    safetensors.numpy.save_file(whole, f"{folder}/arrays.safetensors", {"format": "np"})
    with open(f"{folder}/arrays.txt", "w") as out:
        out.write("\n".join(line(key, value) for key, value in whole.items()))


def same(what, ours, theirs):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.dtype == theirs.dtype and ours.shape == theirs.shape, (what, ours, theirs)
    assert ours.tobytes() == theirs.tobytes(), (what, ours, theirs)


def compare(what, ours, theirs):
    assert len(ours.weights) == len(theirs.weights) > 0, what
    for one, other in zip(ours.weights, theirs.weights):
        same((what, one.path), one.numpy(), other.numpy())
    count = len(ours.weights)
    if theirs.optimizer is not None:
        pairs = list(zip(ours.optimizer.variables, theirs.optimizer.variables, strict=True))
        for one, other in pairs:
            same((what, one.path), one.numpy(), other.numpy())
        assert int(ours.optimizer.iterations.numpy()) == 2, what
        count += len(pairs)
    return count


def checkpoint(name):
    """The objects that the names describe, bound to the checkpoint that Java made of them."""
    reader = tf.train.load_checkpoint(f"{folder}/{name}.java")
    root, variables = {}, {}
    for text in open(f"{folder}/{name}.txt").read().split("\n"):
        path, dtype, *_ = text.split("\t")
        value = reader.get_tensor(path + "/.ATTRIBUTES/VARIABLE_VALUE")
        at = root
        *edges, last = path.split("/")
        for edge in edges:
            at = at.setdefault(edge, {})
        at[last] = variables[path] = tf.Variable(tf.zeros(value.shape, value.dtype))

    def tracked(tree):
        return tf.train.Checkpoint(**{key: tracked(one) if isinstance(one, dict) else one
                                      for key, one in tree.items()})

    tracked(root).read(f"{folder}/{name}.java").assert_consumed()
    with h5py.File(f"{folder}/{name}.weights.h5") as file:
        for path, variable in variables.items():
            stored = file[path]
            same((name, path), variable.numpy(), np.array(stored, variable.numpy().dtype))
    return len(variables)


def check():
    for name in MODELS:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            theirs = keras.models.load_model(f"{folder}/{name}.keras")
            ours = keras.models.load_model(f"{folder}/{name}.java.keras")
            fresh = built(name, 2)
            fresh.load_weights(f"{folder}/{name}.java.weights.h5")
        assert not [w for w in warned if "optimizer" in str(w.message)], warned
        print(name, compare(name, ours, theirs), compare(name, fresh, theirs), checkpoint(name))
        if theirs.optimizer is not None:
            for model in (theirs, ours, fresh):
                model.fit(*data(name), batch_size=16, shuffle=False, verbose=0)
            for one, other, third in zip(theirs.weights, ours.weights, fresh.weights):
                # Sums over several threads are not the same to the last bit.
                np.testing.assert_allclose(one.numpy(), other.numpy(), 1e-3, 1e-5, err_msg=name)
                np.testing.assert_allclose(one.numpy(), third.numpy(), 1e-3, 1e-5, err_msg=name)
    model = halves()
    model.load_weights(f"{folder}/halves.java.weights.h5")
    for variable in model.weights:
        value = variable.numpy()
        width = value.dtype.itemsize
        bits = np.frombuffer(value.tobytes(), np.uint8).reshape(-1, width)
        assert (bits[:, 0] == np.arange(len(bits))).all(), (variable.path, bits)
        assert (bits[:, -1] == 0x3c).all() and not bits[:, 1:-1].any(), (variable.path, bits)
    print("bfloat16", len(model.weights))
    for name in ["plain", "packed"]:
        with np.load(f"{folder}/{name}.java.npz", allow_pickle=False) as ours:
            for key, value in arrays().items():
                same(key, ours[key], value.astype(value.dtype.newbyteorder("<")))
            assert set(ours) == set(arrays())
            print(name, len(ours))
    ours = safetensors.numpy.load_file(f"{folder}/plain.java.safetensors")
    for key, value in numbers().items():
        same(key, ours[key], value.astype(value.dtype.newbyteorder("<")))
    assert set(ours) == set(numbers())
    print("safetensors", len(ours))


make() if act == "make" else check()

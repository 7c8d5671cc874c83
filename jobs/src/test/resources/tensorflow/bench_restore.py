"""Reads every variable of a checkpoint in the two ways that TensorFlow has, and prints the seconds of the faster.

One way is the reader for people (a variable after the other), the other the op with which models restore (large
variables in parallel). Each is tried four times, so that libraries are loaded; and freed memory stays with the process,
so that the kernel need not hand out and clear new pages: the other side's arrays are there before it starts, too.
"""
import ctypes
import sys
import time

import tensorflow as tf

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
libc = ctypes.CDLL(None)
libc.mallopt(M_MMAP_MAX, 0)
libc.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


def one_by_one(prefix):
    reader = tf.train.load_checkpoint(prefix)
    return [reader.get_tensor(name) for name in reader.get_variable_to_shape_map()]


def by_op(prefix, names, dtypes):
    return tf.raw_ops.RestoreV2(
        prefix=prefix, tensor_names=names, shape_and_slices=[""] * len(names), dtypes=dtypes)


def seconds(read):
    start = time.perf_counter()
    tensors = read()
    taken = time.perf_counter() - start
    assert tensors
    return taken


prefix = sys.argv[1]
types = tf.train.load_checkpoint(prefix).get_variable_to_dtype_map()
names = sorted(types)
dtypes = [types[name] for name in names]
ways = [lambda: one_by_one(prefix), lambda: by_op(prefix, names, dtypes)]
print("seconds", min(seconds(way) for way in ways for _ in range(4)))

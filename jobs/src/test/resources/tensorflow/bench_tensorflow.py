"""Restores with RestoreV2 and saves with SaveV2, whenever it is told to, and prints the seconds of each.

bench_tensorflow.py COUNT ROWS WIDTH

Reads lines: `restore PREFIX` and `save FOLDER`; the last line is empty. The files of a save are synced, and the folder.
Memory that is freed stays with the process, so that the kernel need not hand out and clear new pages each time.
"""
import ctypes
import os
import shutil
import sys
import time

import tensorflow as tf

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
libc = ctypes.CDLL(None)
libc.mallopt(M_MMAP_MAX, 0)
libc.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)

count, rows, width = (int(word) for word in sys.argv[1:])
names = [f"v{i:05d}/.ATTRIBUTES/VARIABLE_VALUE" for i in range(count)]
whole = [""] * count
saved = []


def restore(prefix):
    start = time.perf_counter()
    tensors = tf.raw_ops.RestoreV2(
        prefix=prefix, tensor_names=names, shape_and_slices=whole, dtypes=[tf.float32] * count)
    taken = time.perf_counter() - start
    assert all(tensor.shape == (rows, width) for tensor in tensors)
    return taken


def sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def save(folder):
    if not saved:
        saved.extend(tf.random.uniform([rows, width]) for _ in range(count))
    os.makedirs(folder)
    start = time.perf_counter()
    tf.raw_ops.SaveV2(
        prefix=os.path.join(folder, "ckpt"), tensor_names=names, shape_and_slices=whole, tensors=saved)
    for name in os.listdir(folder):
        sync(os.path.join(folder, name))
    sync(folder)
    taken = time.perf_counter() - start
    shutil.rmtree(folder)
    return taken


print("TensorFlow", tf.__version__, flush=True)
for line in sys.stdin:
    if not line.strip():
        break
    verb, path = line.rstrip("\n").split(" ", 1)
    print({"restore": restore, "save": save}[verb](path), flush=True)

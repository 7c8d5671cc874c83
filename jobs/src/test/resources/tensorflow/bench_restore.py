"""Reads every variable of a checkpoint twice and prints the seconds of the second time."""
import sys
import time

import tensorflow as tf


def read(prefix):
    start = time.perf_counter()
    reader = tf.train.load_checkpoint(prefix)
    tensors = [reader.get_tensor(name) for name in reader.get_variable_to_shape_map()]
    seconds = time.perf_counter() - start
    assert tensors
    return seconds


read(sys.argv[1])
print("seconds", read(sys.argv[1]))

"""Saves with TensorFlow's own tools: save.py FOLDER

many: one bundle of 12,000 keys, whose index has several blocks.
big:  a tf.train.Checkpoint over several data files, cut by MaxShardSizePolicy.
Prints what list.py prints, of big.
"""
import sys

import numpy as np
import tensorflow as tf

folder = sys.argv[1]
count = 12000
tf.raw_ops.SaveV2(
    prefix=folder + "/many",
    # Scattered, so that the separators between blocks can be short.
    tensor_names=["%08x/kernel%s/.ATTRIBUTES/VARIABLE_VALUE"
                  % (i * 2654435761 % 2**32, "x" * (i % 50)) for i in range(count)],
    shape_and_slices=[""] * count,
    tensors=[tf.fill([i % 3, 2], tf.constant(i, tf.int32)) for i in range(count)])

random = np.random.default_rng(7)
root = tf.train.Checkpoint(
    a=tf.Variable(random.standard_normal([100, 7]), dtype=tf.float32),
    b=tf.Variable(random.integers(0, 9, [40]), dtype=tf.int64),
    c=tf.Variable(random.standard_normal([3, 50]), dtype=tf.float64),
    d=tf.Variable(True),
    e=tf.Variable("some words"),
    f=tf.Variable(random.standard_normal([6, 5, 4]), dtype=tf.bfloat16))
options = tf.train.CheckpointOptions(
    experimental_sharding_callback=tf.train.experimental.MaxShardSizePolicy(600))
prefix = root.write(folder + "/big", options)

"""Has TensorFlow write what it read from a checkpoint of ours.

rewrite.py OURS PLAN THEIRS     the plan has lines: key, dtype, slices, all separated by tabs
"""
import sys

import tensorflow as tf

ours, plan, theirs = sys.argv[1:4]
names, specs, tensors = [], [], []
for line in open(plan, encoding="utf-8"):
    name, number, *slices = line.rstrip("\n").split("\t")
    dtype = tf.dtypes.as_dtype(int(number))
    for spec in slices:
        names.append(name)
        specs.append(spec)
        # One slice of it, which need not be one that is stored.
        tensors.append(tf.raw_ops.RestoreV2(
            prefix=ours, tensor_names=[name], shape_and_slices=[spec], dtypes=[dtype])[0])
tf.raw_ops.SaveV2(
    prefix=theirs, tensor_names=names, shape_and_slices=specs, tensors=tensors)

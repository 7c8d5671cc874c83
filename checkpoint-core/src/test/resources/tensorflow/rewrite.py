"""Has TensorFlow write what it read from a checkpoint of ours.

rewrite.py OURS THEIRS     reads lines from OURS.plan: key, dtype, slices separated by blanks
"""
import sys

import tensorflow as tf

ours, theirs = sys.argv[1:3]
names, specs, tensors = [], [], []
for line in open(ours + ".plan", encoding="utf-8"):
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

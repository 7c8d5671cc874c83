"""Restores checkpoints of trained models as a user of TensorFlow does, and prints what arrived.

restore_trained.py PLAN    lines of: name, prefix, Keras optimizer, its arguments as JSON, rows, width,
                           Keras optimizer of the bias, or nothing if it has the same
Prints lines of: name, variable, type, shape, SHA-256 of the bytes.
"""
import hashlib
import json
import sys

import keras
import numpy as np
import tensorflow as tf


def show(name, variable, value):
    array = np.asarray(value)
    digest = hashlib.sha256(array.tobytes()).hexdigest()
    print(name, variable, array.dtype, list(array.shape), digest, sep="\t")


for line in open(sys.argv[1], encoding="utf-8"):
    name, prefix, kind, arguments, rows, width, second = line.rstrip("\n").split("\t")
    arguments = json.loads(arguments)
    if "decay_steps" in arguments:
        arguments["learning_rate"] = keras.optimizers.schedules.CosineDecay(
            0.1, arguments.pop("decay_steps"))
    weights = keras.Variable(np.zeros([int(rows), int(width)], np.float32), name="weights")
    bias = keras.Variable(np.float32(0), name="bias")
    step = tf.Variable(0, dtype=tf.int64)
    optimizer = getattr(keras.optimizers, kind)(**arguments)
    others = {}
    if second:
        others["optimizer_bias"] = getattr(keras.optimizers, second)()
        others["optimizer_bias"].build([bias])
    optimizer.build([weights] if second else [weights, bias])
    model = tf.train.Checkpoint(
        weights=weights, bias=bias, optimizer=optimizer, global_step=step, **others)
    model.restore(prefix).assert_consumed()
    show(name, "weights", weights)
    show(name, "bias", bias)
    show(name, "global_step", step)
    show(name, "save_counter", model.save_counter)
    for edge, one in {"optimizer": optimizer, **others}.items():
        for variable in one.variables:
            show(name, edge + "/" + variable.path.split("/")[-1], variable)

    # A plain tf.Variable, and optimizers that ask for slot variables.
    plain = tf.Variable(tf.zeros([int(rows), int(width)]))
    legacy = tf.compat.v1.train.AdagradOptimizer(0.1)
    tf.train.Checkpoint(weights=plain, optimizer=legacy).restore(
        prefix).assert_existing_objects_matched()
    np.testing.assert_array_equal(plain.numpy(), weights.numpy())
    if kind == "Adagrad":
        show(name, "legacy/weights_accumulator", legacy.get_slot(plain, "accumulator"))

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


class Trained(keras.layers.Layer):
    """A layer cannot have an attribute of the name weights."""

    def __init__(self, rows, width):
        super().__init__()
        self.weights_ = self.add_weight(shape=(rows, width), name="weights")
        self.bias = self.add_weight(shape=(), name="bias")


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
    model = Trained(int(rows), int(width))
    weights, bias = model.weights_, model.bias
    optimizer = getattr(keras.optimizers, kind)(**arguments)
    others = {}
    if second:
        others["optimizer_bias"] = getattr(keras.optimizers, second)()
        others["optimizer_bias"].build([bias])
    optimizer.build([weights] if second else [weights, bias])
    checkpoint = tf.train.Checkpoint(model=model, optimizer=optimizer, **others)
    checkpoint.restore(prefix).assert_consumed()
    show(name, "weights", weights)
    show(name, "bias", bias)
    show(name, "save_counter", checkpoint.save_counter)
    for edge, one in {"optimizer": optimizer, **others}.items():
        for variable in one.variables:
            path = variable.path.split("/")[-1].removeprefix(model.name + "_")
            show(name, edge + "/" + path, variable)

    # A plain tf.Variable, and optimizers that ask for slot variables.
    plain = tf.Variable(tf.zeros([int(rows), int(width)]))
    legacy = tf.compat.v1.train.AdagradOptimizer(0.1)
    tf.train.Checkpoint(model=tf.train.Checkpoint(weights=plain), optimizer=legacy).restore(
        prefix).assert_existing_objects_matched()
    np.testing.assert_array_equal(plain.numpy(), weights.numpy())
    if kind == "Adagrad":
        show(name, "legacy/weights_accumulator", legacy.get_slot(plain, "accumulator"))

"""Saves SavedModels that a run may begin with, and others; prints what TensorFlow says of their signatures.

start_models.py EXPORTED FOLDER     takes the numbers of Cairn's SavedModel EXPORTED; makes FOLDER/module, /root,
                                    /other and /keras
Prints lines of: folder, signature, in or out, name, type, tensor.
"""
import os
import sys

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.tools import saved_model_utils

exported, folder = sys.argv[1:]
VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
reader = tf.train.load_checkpoint(os.path.join(exported, "variables", "variables"))
weights = reader.get_tensor("model/weights" + VALUE)
bias = reader.get_tensor("model/bias" + VALUE)


class Parameters(tf.Module):
    def __init__(self, weights, bias):
        super().__init__()
        self.weights = tf.Variable(weights)
        self.bias = tf.Variable(bias)

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32, name="rows")])
    def score(self, rows):
        return {"margin": tf.squeeze(rows @ self.weights, 1) + tf.cast(self.bias, tf.float32)}


class Around(tf.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model


class Layer(keras.Model):
    def __init__(self, weights, bias):
        super().__init__()
        self.weights_ = self.add_weight(shape=weights.shape, name="weights")
        self.bias = self.add_weight(shape=bias.shape, name="bias")
        self.weights_.assign(weights)
        self.bias.assign(bias)

    def call(self, rows):
        return rows @ self.weights_ + self.bias


def save(name, thing, **more):
    path = os.path.join(folder, name)
    tf.saved_model.save(thing, path, **more)
    for graph in saved_model_utils.read_saved_model(path).meta_graphs:
        for key, signature in graph.signature_def.items():
            for way, arguments in ("in", signature.inputs), ("out", signature.outputs):
                for argument, info in arguments.items():
                    if not key.startswith("__"):
                        kind = tf.dtypes.as_dtype(info.dtype).name
                        print(name, key, way, argument, kind, info.name, sep="\t")


model = Parameters(weights, bias)
save("module", Around(model), signatures=model.score)
save("root", Parameters(weights, bias))
save("other", Around(Parameters(weights[1:], np.float64(bias))))
save("keras", Around(Layer(weights, bias)))

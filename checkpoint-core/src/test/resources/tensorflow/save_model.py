"""Saves SavedModels and prints the variables of each: folder, key, shape, bytes in hexadecimal. Then hashes of bytes.

save_model.py FOLDER     makes FOLDER/module and FOLDER/keras
"""
import os
import sys

import keras
import numpy as np
import tensorflow as tf

folder = sys.argv[1]


class Module(tf.Module):
    def __init__(self):
        super().__init__()
        self.w = tf.Variable(np.arange(12, dtype=np.float32).reshape(3, 4) / 7)
        self.parts = [tf.Variable(5, dtype=tf.int64), tf.Variable([True, False])]

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
    def call(self, x):
        return {"y": x @ self.w, "any": tf.shape(x)}


module = Module()
tf.saved_model.save(module, os.path.join(folder, "module"), signatures=module.call)

keras.utils.set_random_seed(1)
model = keras.Sequential([keras.layers.Input([5]), keras.layers.Dense(3), keras.layers.Dense(1)])
model.export(os.path.join(folder, "keras"), verbose=False)

for name in ["module", "keras"]:
    reader = tf.train.load_checkpoint(os.path.join(folder, name, "variables", "variables"))
    for key, shape in sorted(reader.get_variable_to_shape_map().items()):
        if key != "_CHECKPOINTABLE_OBJECT_GRAPH":
            print(name, key, shape, reader.get_tensor(key).tobytes().hex(), sep="\t")

for length in range(1, 200):
    row = np.array([[(i * 7 + 3) % 256 for i in range(length)]], dtype=np.uint8)
    print("hash", length, tf.fingerprint(row).numpy().tobytes().hex(), sep="\t")

"""The programs of every introduction to tf.train.Checkpoint, with Keras: introductions.py FOLDER

Restores FOLDER/java-model-1, FOLDER/java-adam-1 and the newest of FOLDER/java-run, and prints what
came; then saves FOLDER/keras-model-1, FOLDER/keras-adam-1 and FOLDER/keras-run and prints what is in
them: a line for each variable, with where it is from, its number and its bytes.
"""
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
import tensorflow as tf

folder = sys.argv[1]
random = np.random.default_rng(3)


def build():
    return keras.Sequential([keras.Input((100,)), keras.layers.Dense(10, activation="relu"),
                             keras.layers.Dense(1)])


def show(name, variables):
    for i, variable in enumerate(variables):
        print("%s\t%d\t%s" % (name, i, np.asarray(variable).tobytes().hex()))


def adam(model):
    optimizer = keras.optimizers.Adam(0.25)
    optimizer.build(model.trainable_variables)
    return optimizer


model = build()
tf.train.Checkpoint(model).restore(folder + "/java-model-1").assert_consumed()
show("java-model", model.trainable_variables)

model = build()
optimizer = adam(model)
checkpoint = tf.train.Checkpoint(model=model, optimizer=optimizer)
checkpoint.restore(folder + "/java-adam-1").assert_consumed()
show("java-adam", model.trainable_variables + optimizer.variables)

model = build()
optimizer = adam(model)
for variable in model.trainable_variables + optimizer.variables[2:]:
    variable.assign(random.standard_normal(variable.shape))
optimizer.variables[0].assign(12)
tf.train.Checkpoint(model).save(folder + "/keras-model")
show("keras-model", model.trainable_variables)
tf.train.Checkpoint(model=model, optimizer=optimizer).save(folder + "/keras-adam")
show("keras-adam", model.trainable_variables + optimizer.variables)

model.compile(optimizer=optimizer, loss="mse")
tf.train.Checkpoint(model).save(folder + "/keras-compiled")

model = build()
checkpoint = tf.train.Checkpoint(model)
manager = tf.train.CheckpointManager(checkpoint, folder + "/java-run", max_to_keep=3)
print("java-run\t%s" % ",".join(os.path.basename(path) for path in manager.checkpoints))
checkpoint.restore(manager.latest_checkpoint).assert_consumed()
show("java-run", model.trainable_variables)

checkpoint = tf.train.Checkpoint(build())
manager = tf.train.CheckpointManager(checkpoint, folder + "/keras-run", max_to_keep=3)
for i in range(5):
    manager.save()
show("keras-run", checkpoint.root.trainable_variables)

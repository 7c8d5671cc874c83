"""TensorFlow's CheckpointManager in a folder of ours.

manage.py FOLDER KEEP SAVES KEY    adopts the folder, then saves a variable of its own SAVES times

Prints what it sees before the saves and after each, one fact a line. KEY is a FLOAT variable of
ours, printed of every checkpoint of ours that is adopted: loaded by its key, and restored through
tf.train.Checkpoint into a variable that has the key for its name.
"""
import os
import sys

import numpy as np
import tensorflow as tf

folder, keep, saves, key = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
theirs = tf.Variable([1.5, 2.5])
manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=theirs), folder, max_to_keep=keep)


def say(what, path, *more):
    print(what, "-" if path is None else os.path.relpath(path, folder), *more, sep="\t")


def look():
    for path in manager.checkpoints:
        say("kept", path)
    say("newest", manager.latest_checkpoint)


look()
for path in manager.checkpoints:
    if key not in dict(tf.train.list_variables(path)):
        continue  # One of TensorFlow's own.
    loaded = tf.train.load_variable(path, key)
    say("loaded", path, np.asarray(loaded).tobytes().hex())
    ours = tf.Variable(tf.zeros(loaded.shape), name=key)
    tf.train.Checkpoint(any=ours).restore(path).assert_existing_objects_matched()
    say("restored", path, ours.numpy().tobytes().hex())
for number in range(saves):
    say("saved", manager.save())
    look()
say("latest", tf.train.latest_checkpoint(folder))

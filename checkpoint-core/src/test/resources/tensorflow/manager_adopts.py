"""TensorFlow's CheckpointManager over folders that Java's manager writes, too.

manager_adopts.py FOLDER:NAME:KEEP:SAVES ...    one after the other

Each folder holds checkpoints of Checkpoint(v=..) with three floats. Says what the manager finds,
restores the newest with assert_consumed, saves SAVES times with one more in the first value, and
says what is kept after each; one fact a line.
"""
import glob
import os
import sys

import tensorflow as tf

for argument in sys.argv[1:]:
    folder, name, keep, saves = argument.split(":")

    def relative(path):
        return "-" if path is None else os.path.relpath(path, folder)

    def say(*facts):
        print(os.path.basename(folder), *facts, sep="\t")

    v = tf.Variable([0.0, 0.0, 0.0])
    checkpoint = tf.train.Checkpoint(v=v)
    manager = tf.train.CheckpointManager(
        checkpoint, folder, max_to_keep=int(keep), checkpoint_name=name
    )
    say("finds", *map(relative, manager.checkpoints))
    latest = manager.restore_or_initialize()
    if latest:
        checkpoint.restore(latest).assert_consumed()
        for path in manager.checkpoints:
            assert tf.train.load_checkpoint(path).has_tensor("v/.ATTRIBUTES/VARIABLE_VALUE")
    say("restores", relative(latest), float(v[0]), int(checkpoint.save_counter))
    for _ in range(int(saves)):
        v.assign_add([1.0, 0.0, 0.0])
        say("saves", relative(manager.save()), *map(relative, manager.checkpoints))
    say("there", *sorted(relative(f[:-6]) for f in glob.glob(folder + "/**/*.index", recursive=True)))

"""Goes on from a checkpoint of Cairn's with an exported program, and saves as TensorFlow does.

train_on.py PROGRAM_FOLDER PREFIX TARGET    prints the prefix that was saved
"""
import sys

import numpy as np
import tensorflow as tf

folder, prefix, target = sys.argv[1:]
sys.path.insert(0, folder)
import model as program

model, optimizer = program.restore(prefix)
before = int(optimizer.iterations)
random = np.random.default_rng(3)
rows = {
    "ids": random.integers(0, program.FEATURES, [64, 5]).astype(np.int32),
    "values": np.ones([64, 5], np.float32),
}
model.fit(rows, np.arange(64) % 2, batch_size=16, epochs=2, verbose=0)
assert int(optimizer.iterations) == before + 8
print(tf.train.Checkpoint(model=model, optimizer=optimizer).save(target + "/ckpt"))

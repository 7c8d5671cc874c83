"""What tf.train.CheckpointManager decides over random calls, with a clock that the script sets.

manager_trace.py SEED SEQUENCES    prints the trace; manager-trace.txt is that of seed 1, 240

A call a line, fields divided by tabs; "-" is None. What was asked:

    new      CLOCK MAX_TO_KEEP HOURS NAME INTERVAL     an empty folder, a new checkpoint, a manager
    reopen   CLOCK MAX_TO_KEEP HOURS NAME INTERVAL     another manager of the same folder and checkpoint
    save     CLOCK STEP NUMBER CHECK_INTERVAL
    restore  CLOCK STEP                                restore_or_initialize

and then, in the same line behind a bar, what came of it: the path returned, latest_checkpoint,
checkpoints, the prefixes that are whole on disk, and of the state file the newest, all, their
times and last_preserved_timestamp. Paths are relative to the folder, lists divided by commas. A
field that is as in the line before is "=".
"""
import os
import random
import shutil
import sys
import tempfile

import tensorflow as tf
from tensorflow.python.checkpoint import checkpoint_management


class Clock:
    now = 0.0

    def time(self):
        return self.now


clock = Clock()
checkpoint_management.time = clock
seed, sequences = int(sys.argv[1]), int(sys.argv[2])
rng = random.Random(seed)
base = tempfile.mkdtemp()


def show(value):
    return "-" if value is None else str(value)


class Sequence:
    def __init__(self, number):
        self.folder = os.path.join(base, str(number))
        self.step = tf.Variable(0, dtype=tf.int64)
        self.checkpoint = tf.train.Checkpoint()
        self.options = None
        self.before = None
        # Quarters of seconds are exact in every form that a time takes.
        clock.now = 1_700_000_000 + rng.randrange(4_000_000) / 4
        self.timid = rng.random() < 0.5

    def tick(self):
        kind = rng.random()
        if kind < 0.55:
            clock.now += rng.randrange(1, 4 * 3600) / 4
        elif kind < 0.9:
            clock.now += 3600 * rng.choice([1, 1, 2, 3])
        elif kind < 0.95 or self.timid:
            pass
        else:
            clock.now -= rng.choice([10, 3600, 36_000, 360_000])

    def open(self, verb):
        keep = rng.choice([None, 1, 1, 2, 2, 3, 4])
        hours = rng.choice([None, None, 0, 0.5, 1, 1.5, 3])
        name = rng.choice(["ckpt", "ckpt", "ckpt", "sub/ck", "a.b-3"])
        interval = rng.choice([None, None, None, 1, 2, 5])
        if verb == "reopen" and rng.random() < 0.7:
            _, _, name, interval = self.options
        self.options = keep, hours, name, interval
        self.manager = tf.train.CheckpointManager(
            self.checkpoint,
            self.folder,
            max_to_keep=keep,
            keep_checkpoint_every_n_hours=hours,
            checkpoint_name=name,
            step_counter=None if interval is None else self.step,
            checkpoint_interval=interval,
        )
        self.say([verb, clock.now, keep, hours, name, interval], None)

    def save(self):
        if rng.random() < 0.8:
            self.step.assign_add(rng.choice([0, 1, 1, 2, 3, 6]))
        elif rng.random() < 0.3:
            self.step.assign(max(0, int(self.step) - rng.randrange(4)))
        number = None if rng.random() < 0.75 else rng.choice([int(self.step), 1, 2, 3, 7, 100])
        check = rng.random() < 0.8
        path = self.manager.save(checkpoint_number=number, check_interval=check)
        self.say(["save", clock.now, int(self.step), number, int(check)], path)

    def restore(self):
        latest = self.manager.latest_checkpoint
        if latest is not None and not os.path.exists(latest + ".index"):
            return  # It would raise, which is not what this trace is about.
        path = self.manager.restore_or_initialize()
        self.say(["restore", clock.now, int(self.step)], path)

    def relative(self, path):
        return None if path is None else os.path.relpath(path, self.folder)

    def on_disk(self):
        whole = []
        for folder, _, files in os.walk(self.folder):
            for file in files:
                prefix = os.path.join(folder, file[: -len(".index")])
                if file.endswith(".index") and os.path.exists(prefix + ".data-00000-of-00001"):
                    whole.append(self.relative(prefix))
        return ",".join(sorted(whole))

    def say(self, asked, path):
        state = tf.train.get_checkpoint_state(self.folder)
        results = [
            show(self.relative(path)),
            show(self.relative(self.manager.latest_checkpoint)),
            ",".join(self.relative(one) for one in self.manager.checkpoints),
            self.on_disk(),
        ]
        if state is None:
            results += ["-"] * 4
        else:
            results += [
                self.relative(state.model_checkpoint_path),
                ",".join(self.relative(one) for one in state.all_model_checkpoint_paths),
                ",".join(repr(one) for one in state.all_model_checkpoint_timestamps),
                repr(state.last_preserved_timestamp),
            ]
        before = self.before or [None] * len(results)
        short = ["=" if a == b and len(a) > 1 else a for a, b in zip(results, before)]
        print("\t".join(show(field) for field in asked), "\t".join(short), sep="\t|\t")
        self.before = results

    def run(self):
        self.open("new")
        for _ in range(rng.randrange(6, 16)):
            self.tick()
            kind = rng.random()
            if kind < 0.82:
                self.save()
            elif kind < 0.93:
                self.open("reopen")
            else:
                self.restore()


for n in range(sequences):
    Sequence(n).run()
shutil.rmtree(base)

"""Object graphs as TensorFlow saves and restores them: graphs.py FOLDER

FOLDER/cases.json is a list of cases, each with a program that saves and a program that restores.
Of each case NAME this saves FOLDER/NAME-tf-1, then restores into new programs what it has saved and
what is at FOLDER/NAME-java-1, and prints what came of each: a line of fields divided by tabs. Of a
case with a path it only restores from there, which may be null.
"""
import json
import logging
import sys

import numpy as np
import tensorflow as tf
from tensorflow.python.trackable import data_structures

logging.getLogger("tensorflow").setLevel(logging.ERROR)
folder = sys.argv[1]


class Obj(tf.Module):
    pass


class State(tf.train.experimental.PythonState):
    def __init__(self, value):
        self.value = value

    def serialize(self):
        return self.value

    def deserialize(self, value):
        self.value = value.decode() if isinstance(value, bytes) else value


class Optimizer(tf.Module):
    """Keeps slots as optimizers of TensorFlow did before Keras 3."""

    def __init__(self, slots):
        self._slots = data_structures.NoDependency(slots)

    def get_slot_names(self):
        return sorted({name for _, name, _ in self._slots})

    def get_slot(self, variable, name):
        for of, slot_name, slot in self._slots:
            if of is variable and slot_name == name:
                return slot
        raise KeyError(name)

    def _create_or_restore_slot_variable(
            self, slot_variable_position, slot_name, variable):
        for of, name, slot in self._slots:
            if of is variable and name == slot_name:
                slot_variable_position.restore(slot)


def value(node):
    count = int(np.prod(node["shape"], dtype=np.int64))
    numbers = np.arange(count, dtype=np.int64) % 50 + node["seed"]
    if node["dtype"] == "string":
        return np.array([b"s%d" % n for n in numbers], dtype=object).reshape(node["shape"])
    return numbers.astype(node["dtype"]).reshape(node["shape"])


def build(program):
    nodes = program["nodes"]
    made = [None] * len(nodes)

    def make(i):
        if made[i] is not None:
            return made[i]
        node = nodes[i]
        kind = node["kind"]
        if kind == "variable":
            made[i] = tf.Variable(value(node), dtype=node["dtype"], name="v%d" % i)
        elif kind == "state":
            made[i] = State("s%d" % node["seed"])
        elif kind == "object":
            made[i] = Obj()
        elif kind == "list":
            made[i] = data_structures.wrap_or_unwrap([make(j) for _, j in node["children"]])
        elif kind == "dict":
            made[i] = data_structures.wrap_or_unwrap({k: make(j) for k, j in node["children"]})
        elif kind == "tuple":
            made[i] = data_structures.wrap_or_unwrap(tuple(make(j) for _, j in node["children"]))
        elif kind == "optimizer":
            made[i] = Optimizer([(make(v), name, make(s)) for v, name, s in node["slots"]])
        return made[i]

    for i in range(len(nodes)):
        make(i)
    for i, node in enumerate(nodes):
        if node["kind"] in ("object", "optimizer"):
            for name, j in node["children"]:
                made[i]._track_trackable(made[j], name)
    named = {name: made[j] for name, j in program["named"]}
    root = program["root"]
    return made, tf.train.Checkpoint(made[root], **named) if root >= 0 else tf.train.Checkpoint(**named)


def passes(ask):
    try:
        ask()
        return "pass"
    except AssertionError:
        return "fail"


def show(node, it):
    if node["kind"] == "state":
        return it.value
    if node["dtype"] == "string":
        return b",".join(np.asarray(it.numpy(), dtype=object).reshape(-1).tolist()).decode()
    return it.numpy().tobytes().hex()


def outcome(case, path):
    made, checkpoint = build(case["restored"])
    try:
        status = checkpoint.restore(path) if case["how"] == "restore" else checkpoint.read(path)
    except Exception as e:
        return ["error", type(e).__name__]
    fields = ["ok", passes(status.assert_consumed), passes(status.assert_existing_objects_matched),
              passes(status.assert_nontrivial_match)]
    for node, it in zip(case["restored"]["nodes"], made):
        if node["kind"] in ("variable", "state"):
            fields.append(show(node, it))
    status.expect_partial()
    return fields


for case in json.load(open(folder + "/cases.json")):
    if "path" in case:
        print("\t".join([case["name"], "tf"] + outcome(case, case["path"])))
        continue
    _, saver = build(case["saved"])
    name = folder + "/" + case["name"]
    if case["by"] == "save":
        path = saver.save(name + "-tf")
    else:
        path = saver.write(name + "-tf-1")
    for writer in ("tf", "java"):
        print("\t".join([case["name"], writer] + outcome(case, name + "-" + writer + "-1")))

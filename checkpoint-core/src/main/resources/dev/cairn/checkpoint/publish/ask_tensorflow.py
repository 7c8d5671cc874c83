"""Loads a SavedModel, calls one of its signatures once, and writes what it answers.

ask_tensorflow.py FOLDER REQUEST ANSWER
"""
import json
import math
import sys

import numpy as np
import tensorflow as tf


def tensor(given):
    values = given["values"]
    if given["type"] == "string":
        flat = tf.constant([text.encode("utf-8") for text in values], dtype=tf.string)
    else:
        numbers = [math.nan if value is None else value for value in values]
        flat = tf.constant(np.array(numbers, dtype=given["type"]))
    return tf.reshape(flat, given["shape"])


def number(value):
    return value if math.isfinite(value) else str(value)


def main():
    folder, request, answer = sys.argv[1:]
    with open(request, encoding="utf-8") as file:
        asked = json.load(file)
    function = tf.saved_model.load(folder).signatures[asked["signature"]]
    found = function(**{name: tensor(given) for name, given in asked["inputs"].items()})
    outputs = {
        name: [number(value) for value in output.numpy().ravel().tolist()]
        for name, output in found.items()
    }
    with open(answer, "w", encoding="utf-8") as file:
        json.dump({"tensorflow": tf.__version__, "outputs": outputs}, file)


main()

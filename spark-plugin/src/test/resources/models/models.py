"""Records each model's loss, gradients and scores: writes models.json beside this script.

    python models.py

Needs Keras 3 with TensorFlow, whose losses and derivatives these are, in float64, of one small
batch. The numbers of rows, labels, weights and variables are float32 exactly. RecordedModelsTest
reads the result.
"""

import itertools
import json
import math
import os
import pathlib
import re

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

keras.config.set_floatx("float64")

FEATURES, CLASSES, RANK = 4, 3, 2
ROWS = [
    [1.0, 0.0, -0.5, 2.0],
    [0.0, 0.0, 0.0, 0.0],
    [0.25, 1.5, 0.0, -1.0],
    [0.0, -2.0, 1.0, 0.0],
    [3.0, 0.5, 0.125, 1.0],
    [0.0, 0.0, 0.0, 1.0],
]
WEIGHTS = [1.0, 0.5, 2.0, 1.0, 0.25, 3.0]
BINARY = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0]
CLASS = [0.0, 2.0, 1.0, 2.0, 0.0, 1.0]
NUMBER = [0.5, -1.0, 2.0, -3.5, 6.0, 0.125]
COUNT = [0.0, 1.0, 3.0, 2.0, 7.0, 0.5]


def numbers(first, *shape):
    flat = [((i * 37 + first) % 23 - 11) / 16 for i in range(math.prod(shape))]
    return tf.Variable(tf.reshape(tf.constant(flat, tf.float64), shape))


def linear(x, v):
    return tf.linalg.matvec(x, v["weights"][:, 0]) + v["bias"]


def classes(x, v):
    return tf.matmul(x, v["weights"]) + v["bias"]


def pairs(x, v):
    """As the paper's first formula has it, pair by pair."""
    margin = linear(x, v)
    for i, j in itertools.combinations(range(FEATURES), 2):
        margin += tf.reduce_sum(v["factors"][i] * v["factors"][j]) * x[:, i] * x[:, j]
    return margin


def each(loss):
    """A Keras loss of columns, for each row."""
    return lambda y, m: loss(y[:, None], m[:, None])


logistic = each(lambda y, m: keras.losses.binary_crossentropy(y, m, from_logits=True))
squared = each(lambda y, m: keras.losses.mean_squared_error(y, m) / 2)


def one_weight_a_feature():
    return {"weights": numbers(3, FEATURES, 1), "bias": numbers(5)}


def weights_for_classes():
    return {"weights": numbers(3, FEATURES, CLASSES), "bias": numbers(5, CLASSES)}


def with_factors():
    return {**one_weight_a_feature(), "factors": numbers(7, FEATURES, RANK)}


MODELS = {
    "logistic": (BINARY, one_weight_a_feature, linear, logistic),
    "squared": (NUMBER, one_weight_a_feature, linear, squared),
    "huber": (
        NUMBER,
        one_weight_a_feature,
        linear,
        each(keras.losses.Huber(delta=1.25, reduction=None)),
    ),
    "poisson": (
        COUNT,
        one_weight_a_feature,
        linear,
        tf.nn.log_poisson_loss,
    ),
    "hinge": (BINARY, one_weight_a_feature, linear, each(keras.losses.hinge)),
    "squared-hinge": (
        BINARY,
        one_weight_a_feature,
        linear,
        each(keras.losses.squared_hinge),
    ),
    "softmax": (
        CLASS,
        weights_for_classes,
        classes,
        lambda y, m: keras.losses.sparse_categorical_crossentropy(y, m, from_logits=True),
    ),
    "fm-logistic": (BINARY, with_factors, pairs, logistic),
    "fm-squared": (NUMBER, with_factors, pairs, squared),
}


def flat(tensor):
    return tf.reshape(tf.convert_to_tensor(tensor), [-1]).numpy().tolist()


def record(labels, variables, scores, loss):
    v = variables()
    x = tf.constant(ROWS, tf.float64)
    with tf.GradientTape() as tape:
        margins = scores(x, v)
        losses = loss(tf.constant(labels, tf.float64), margins)
        total = tf.reduce_sum(losses * tf.constant(WEIGHTS, tf.float64))
    gradients = tape.gradient(total, v)
    return {
        "labels": labels,
        "values": {name: flat(variable) for name, variable in v.items()},
        "loss": float(total),
        "scores": flat(margins),
        "gradients": {name: flat(gradient) for name, gradient in gradients.items()},
    }


recorded = {
    "made with": f"Keras {keras.__version__}, TensorFlow {tf.__version__}",
    "rows": ROWS,
    "weights": WEIGHTS,
    "models": {name: record(*parts) for name, parts in MODELS.items()},
}
# One number list a line.
text = re.sub(r"\[[^\[\]]*\]", lambda m: " ".join(m.group().split()), json.dumps(recorded, indent=1))
pathlib.Path(__file__).with_name("models.json").write_text(text + "\n")

"""Records what Keras's own optimizers do: writes optimizers.json beside this script.

    python optimizers.py

Needs Keras 3 with TensorFlow. Every optimizer takes 50 steps. Start values and gradients come from
formulas that KerasTraceTest has, too, and every number of them is a float32 exactly. Recorded are
the optimizer's slots by name, in Keras's order, and the numbers of the variable and of all slots
after some of the steps, as float32 in the fewest digits that give it back.

Four ways of training:

dense    one variable of 6 numbers, each with a gradient in every step
sparse   one variable of 4 rows of 2 numbers, of which each step touches some, by a
         tf.IndexedSlices, as the gradient of an Embedding is
lazy     the same, but each row is a variable with an optimizer of its own that takes part in the
         steps that touch it alone and is told their numbers: what Keras would do if rows without a
         gradient were left alone
several  three variables, a table, a vector and a number, with a gradient for each number in every
         step: what is clipped by the norm of each variable, or by that of all
"""

import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

STEPS = 50
RECORDED = [1, 2, 3, 4, 5, 6, 8, 10, 11, 12, 15, 20, 25, 30, 31, 32, 40, 50]
SIZE = 6
ROWS = 4
WIDTH = 2

O = keras.optimizers
S = keras.optimizers.schedules
OPTIMIZERS = {
    "sgd": (O.SGD, {"learning_rate": 0.05}),
    "sgd momentum": (O.SGD, {"learning_rate": 0.05, "momentum": 0.9}),
    "sgd nesterov": (O.SGD, {"learning_rate": 0.05, "momentum": 0.8, "nesterov": True}),
    "sgd decay": (O.SGD, {"learning_rate": 0.05, "momentum": 0.5, "weight_decay": 0.2}),
    "adagrad": (O.Adagrad, {"learning_rate": 0.1}),
    "adagrad start": (
        O.Adagrad,
        {"learning_rate": 0.3, "initial_accumulator_value": 0.001, "epsilon": 1e-5},
    ),
    "adagrad decay": (O.Adagrad, {"learning_rate": 0.3, "weight_decay": 0.05}),
    "rmsprop": (O.RMSprop, {"learning_rate": 0.01}),
    "rmsprop centered": (O.RMSprop, {"learning_rate": 0.01, "centered": True, "epsilon": 1e-4}),
    "rmsprop momentum": (O.RMSprop, {"learning_rate": 0.01, "rho": 0.8, "momentum": 0.7}),
    "rmsprop all": (
        O.RMSprop,
        {
            "learning_rate": 0.01,
            "rho": 0.8,
            "momentum": 0.7,
            "centered": True,
            "weight_decay": 0.1,
            "epsilon": 1e-3,
        },
    ),
    "adam": (O.Adam, {"learning_rate": 0.01}),
    "adam amsgrad": (
        O.Adam,
        {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.99, "amsgrad": True, "epsilon": 1e-3},
    ),
    "adam decay": (O.Adam, {"learning_rate": 0.01, "weight_decay": 0.3}),
    "adamw": (O.AdamW, {"learning_rate": 0.01}),
    "adamw decay": (O.AdamW, {"learning_rate": 0.01, "weight_decay": 0.1, "amsgrad": True}),
    "ftrl": (O.Ftrl, {"learning_rate": 0.1}),
    "ftrl all": (
        O.Ftrl,
        {
            "learning_rate": 0.1,
            "initial_accumulator_value": 0.5,
            "l1_regularization_strength": 0.2,
            "l2_regularization_strength": 0.05,
            "beta": 1.0,
        },
    ),
}
CLIPPED = {
    "sgd clipvalue": (O.SGD, {"learning_rate": 0.05, "clipvalue": 0.4}),
    "adam clipvalue": (O.Adam, {"learning_rate": 0.05, "clipvalue": 0.1}),
    "ftrl clipvalue": (O.Ftrl, {"learning_rate": 0.1, "clipvalue": 0.3}),
}
NORMS = {
    "sgd clipnorm": (O.SGD, {"learning_rate": 0.05, "momentum": 0.9, "clipnorm": 1.2}),
    "sgd global_clipnorm": (O.SGD, {"learning_rate": 0.05, "global_clipnorm": 1.5}),
    "adagrad clipnorm": (O.Adagrad, {"learning_rate": 0.3, "clipnorm": 0.9}),
    "adam global_clipnorm": (O.Adam, {"learning_rate": 0.05, "global_clipnorm": 2.0}),
    "ftrl clipnorm": (O.Ftrl, {"learning_rate": 0.1, "clipnorm": 1.0}),
}
SCHEDULED = {
    "sgd inverse time": (O.SGD, {"learning_rate": S.InverseTimeDecay(0.1, 10, 0.5)}),
    "sgd staircase": (O.SGD, {"learning_rate": S.InverseTimeDecay(0.1, 10, 0.5, staircase=True)}),
    "sgd cosine": (O.SGD, {"learning_rate": S.CosineDecay(0.1, 40, alpha=0.1)}),
    "sgd warm-up": (
        O.SGD,
        {"learning_rate": S.CosineDecay(0.0, 30, alpha=0.1, warmup_target=0.1, warmup_steps=10)},
    ),
    "adam warm-up": (
        O.Adam,
        {"learning_rate": S.CosineDecay(0.02, 30, warmup_target=0.1, warmup_steps=10)},
    ),
    "adamw piecewise": (
        O.AdamW,
        {"learning_rate": S.PiecewiseConstantDecay([10, 30], [0.1, 0.05, 0.01])},
    ),
}


def start(i):
    return np.float32((i * 37 % 19 - 9) / 16)


def gradient(step, i):
    return np.float32(((step * 7919 + i * 104729 + step * i * 31) % 1009 - 504) / 512)


def touched(step):
    return [row for row in range(ROWS) if (step * 5 + row * row * 3) % 7 < 3]


def plain(value):
    if isinstance(value, S.LearningRateSchedule):
        config = value.get_config()
        config.pop("name", None)
        return {"schedule": type(value).__name__, **config}
    return value


def numbers(values):
    return [float(str(x)) for x in np.asarray(values, np.float32).reshape(-1)]


def slots_of(optimizer, variable):
    return [v for v in optimizer.variables if tuple(v.shape) == tuple(variable.shape)]


def described(arguments, slots, steps):
    return {
        "arguments": {name: plain(value) for name, value in arguments.items()},
        "slots": [v.name.removeprefix("w_") for v in slots],
        "steps": steps,
    }


def dense(make, arguments):
    optimizer = make(**arguments)
    variable = keras.Variable(np.array([start(i) for i in range(SIZE)]), name="w")
    optimizer.build([variable])
    slots = slots_of(optimizer, variable)
    steps = {}
    for step in range(STEPS):
        optimizer.apply([tf.constant([gradient(step, i) for i in range(SIZE)])], [variable])
        if step + 1 in RECORDED:
            steps[step + 1] = [numbers(v.numpy()) for v in [variable, *slots]]
    return described(arguments, slots, steps)


def table():
    return np.array([[start(r * WIDTH + e) for e in range(WIDTH)] for r in range(ROWS)])


def row_gradient(step, row):
    return [gradient(step, row * WIDTH + e) for e in range(WIDTH)]


def sparse(make, arguments):
    optimizer = make(**arguments)
    variable = keras.Variable(table(), name="w")
    optimizer.build([variable])
    slots = slots_of(optimizer, variable)
    steps = {}
    for step in range(STEPS):
        rows = touched(step)
        slices = tf.IndexedSlices(
            tf.constant([row_gradient(step, row) for row in rows], shape=(len(rows), WIDTH)),
            tf.constant(rows, tf.int32, shape=(len(rows),)),
            tf.constant([ROWS, WIDTH]),
        )
        optimizer.apply([slices], [variable])
        if step + 1 in RECORDED:
            steps[step + 1] = [numbers(v.numpy()) for v in [variable, *slots]]
    return described(arguments, slots, steps)


def lazy(make, arguments):
    variables = [keras.Variable(row, name="w") for row in table()]
    optimizers = [make(**arguments) for _ in variables]
    for optimizer, variable in zip(optimizers, variables):
        optimizer.build([variable])
    slots = [slots_of(o, v) for o, v in zip(optimizers, variables)]
    steps = {}
    for step in range(STEPS):
        for row in touched(step):
            optimizers[row].iterations.assign(step)
            optimizers[row].apply([tf.constant(row_gradient(step, row))], [variables[row]])
        if step + 1 in RECORDED:
            parts = [variables, *zip(*slots)] if slots[0] else [variables]
            steps[step + 1] = [numbers([v.numpy() for v in part]) for part in parts]
    return described(arguments, slots[0], steps)


SHAPES = [(ROWS, WIDTH), (SIZE,), (1,)]


def cut(number):
    """All variables' numbers, one after the other: of each variable those that are its own."""
    sizes = [int(np.prod(shape, dtype=int)) for shape in SHAPES]
    ends = np.cumsum(sizes)
    return [
        np.array([number(i) for i in range(end - size, end)], np.float32).reshape(shape)
        for size, end, shape in zip(sizes, ends, SHAPES)
    ]


def several(make, arguments):
    optimizer = make(**arguments)
    variables = [keras.Variable(one, name="w") for one in cut(start)]
    optimizer.build(variables)
    slots = [slots_of(optimizer, variable) for variable in variables]
    assert all(len(of) == len(slots[0]) for of in slots)
    steps = {}
    for step in range(STEPS):
        gradients = [tf.constant(one) for one in cut(lambda i: gradient(step, i))]
        optimizer.apply(gradients, variables)
        if step + 1 in RECORDED:
            parts = [v for variable, of in zip(variables, slots) for v in [variable, *of]]
            steps[step + 1] = [numbers(v.numpy()) for v in parts]
    return described(arguments, slots[0], steps)


if __name__ == "__main__":
    everything = {**OPTIMIZERS, **CLIPPED, **SCHEDULED}
    recorded = {
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "dense": {name: dense(*how) for name, how in everything.items()},
        "sparse": {name: sparse(*how) for name, how in OPTIMIZERS.items()},
        "lazy": {name: lazy(*how) for name, how in OPTIMIZERS.items()},
        "several": {name: several(*how) for name, how in NORMS.items()},
    }
    path = pathlib.Path(__file__).with_name("optimizers.json")
    lines = json.dumps(recorded, separators=(",", ":")).replace('},"', '},\n"')
    path.write_text(lines + "\n")
    for way in ("dense", "sparse", "lazy", "several"):
        for name, one in recorded[way].items():
            print(way, name, one["slots"], one["steps"][STEPS][0])

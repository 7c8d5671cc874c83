"""The model of this folder for MLflow: rows of a data frame in, predictions out.

MLflow calls _load_pyfunc. Values of columns become the texts that training had.
"""
import datetime
import decimal
import json
import math
import os
import re

import numpy as np
import pandas as pd
import tensorflow as tf

WHOLE = {"tinyint", "smallint", "int", "bigint"}


def java(number, digits):
    """A number with a fraction as Java writes it; `digits` are Python's shortest ones."""
    if number == 0:
        return "-0.0" if math.copysign(1, number) < 0 else "0.0"
    sign, parts, exponent = decimal.Decimal(digits).normalize().as_tuple()
    text = "".join(map(str, parts))
    point = len(text) + exponent
    if not 1e-3 <= abs(number) < 1e7:
        body = f"{text[0]}.{text[1:] or '0'}E{point - 1}"
    elif point <= 0:
        body = "0." + "0" * -point + text
    elif point >= len(text):
        body = text + "0" * (point - len(text)) + ".0"
    else:
        body = text[:point] + "." + text[point:]
    return ("-" if sign else "") + body


def whole(value):
    number = decimal.Decimal(str(value).strip())
    if number != number.to_integral_value():
        raise ValueError(f"expected a whole number as in training, found {value}")
    return str(int(number))


def plain(value):
    """The text of a value whose column's type in training is not known, or was text."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, np.float32):
        return java(float(value), str(value))
    if isinstance(value, (float, np.floating)):
        return java(float(value), repr(float(value)))
    return str(value)


def text(value, kind):
    """The text that training had for a value; an empty one is an absent feature."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, (float, np.floating)) and math.isnan(value):
        return ""
    number = isinstance(value, (int, float, np.number, decimal.Decimal)) and not isinstance(
        value, bool
    )
    scale = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", kind)
    if kind in WHOLE or (scale and scale[2] == "0"):
        return whole(value)
    if kind == "digits":
        return whole(value) if number else re.sub(r"^(-?\d+)\.0*$", r"\1", str(value))
    if kind == "double":
        return java(float(value), repr(float(value)))
    if kind == "float":
        return java(float(np.float32(value)), str(np.float32(value)))
    if scale:
        return f"{decimal.Decimal(str(value)):.{scale[2]}f}"
    if kind == "boolean":
        return str(value).strip().lower()
    if kind == "date":
        return value.isoformat()[:10] if isinstance(value, datetime.date) else str(value).strip()
    if kind in ("timestamp", "timestamp_ntz"):
        when = value.isoformat(" ") if isinstance(value, datetime.datetime) else str(value).strip()
        when = when.replace("T", " ")
        return re.sub(r"\.0+$|(\.\d*?)0+$", r"\1", when) if "." in when else when
    return plain(value)


class Model:
    def __init__(self, folder):
        with open(os.path.join(folder, "columns.json"), encoding="utf-8") as file:
            self.columns = json.load(file)
        self.loaded = tf.saved_model.load(os.path.join(folder, "saved_model"))
        self.function = self.loaded.signatures["serving_default"]

    def predict(self, frame, params=None):
        inputs = {}
        for column in self.columns:
            values = frame[column["column"]]
            if column["text"]:
                texts = [text(value, column["type"]).encode("utf-8") for value in values]
                inputs[column["input"]] = tf.constant(texts, dtype=tf.string)
            else:
                numbers = pd.to_numeric(values).to_numpy(dtype="float64", na_value=math.nan)
                inputs[column["input"]] = tf.constant(numbers)
        outputs = self.function(**inputs)
        vectors = {name: value.numpy() for name, value in outputs.items() if value.ndim == 1}
        return pd.DataFrame(vectors, index=frame.index)


def _load_pyfunc(path):
    return Model(path)

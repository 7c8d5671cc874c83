"""Polls a model's folder as TensorFlow Serving's file-system source does, until a file says stop.

Each time: of the names that are whole numbers the highest is the version to load, and all of it has
to be there. Without TensorFlow, which at the end loads the last one.
Usage: serving_poll.py MODEL READY STOP
"""
import json
import os
import sys

model, ready, stop = sys.argv[1:4]

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def content(path):
    with open(path, "rb") as file:
        return file.read()


def problem(folder, number, deep):
    """What is missing of a version; nothing if it is whole."""
    try:
        record = json.loads(content(os.path.join(folder, "assets.extra", "cairn-version.json")))
        if record["number"] != number:
            return "record of %d" % record["number"]
        variables = os.path.join(folder, "variables")
        manifest = json.loads(content(os.path.join(variables, "manifest.json")))
        if manifest["attempt"] != record["attempt"]:
            return "parameters of another version"
        files = [(folder, file) for file in record["files"]]
        files += [(variables, file) for file in manifest["files"] + [manifest["index"]]]
        if "saved_model.pb" not in [file["name"] for _, file in files]:
            return "no saved_model.pb"
        for where, file in files:
            data = content(os.path.join(where, file["name"]))
            if len(data) != file["length"]:
                return "%s has %d bytes" % (file["name"], len(data))
            if deep and "%08x" % crc32c(data) != file["crc32c"]:
                return "%s has another checksum" % file["name"]
    except (OSError, ValueError, KeyError) as error:
        return repr(error)
    return ""


polls, seen, half = 0, set(), []
open(ready, "w").close()
while True:
    last = os.path.exists(stop)
    names = os.listdir(model) if os.path.isdir(model) else []
    numbers = [int(name) for name in names if name.isdecimal()]
    if numbers:
        newest = max(numbers)
        wrong = problem(os.path.join(model, str(newest)), newest, newest not in seen)
        if wrong:
            half.append("%d: %s" % (newest, wrong))
        seen.add(newest)
    polls += 1
    if last:
        break

import tensorflow as tf  # noqa: E402

loaded = tf.saved_model.load(os.path.join(model, str(max(seen))))
answer = loaded.signatures["sparse"](
    indices=tf.constant([[3]], tf.int64), values=tf.constant([[2.0]], tf.float32)
)
print(
    json.dumps(
        {
            "polls": polls,
            "seen": len(seen),
            "last": max(seen),
            "half": half,
            "margin": float(answer["margin"].numpy().reshape(-1)[0]),
        }
    )
)

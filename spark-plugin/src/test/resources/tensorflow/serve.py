"""Loads SavedModels in all the ways there are, calls them, and prints what they answer as JSON.

serve.py REQUESTS     a JSON list: {"folder": .., "calls": [{"signature": .., "inputs": {NAME: {"type": .., "values": ..}}}]}
"""
import contextlib
import io
import json
import os
import sys
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import fingerprint_pb2
from tensorflow.python.saved_model.pywrap_saved_model import fingerprinting
from tensorflow.python.tools import saved_model_cli

KEY = "/.ATTRIBUTES/VARIABLE_VALUE"


def tensor(given):
    if given["type"] == "string":
        return np.array([text.encode("utf-8") for text in given["values"]], dtype=object)
    return np.array(given["values"], dtype=given["type"]).reshape(given["shape"])


def by_session(folder, signature, inputs):
    """What `saved_model_cli run` gives, as TensorFlow Serving would."""
    with tempfile.TemporaryDirectory() as out, contextlib.redirect_stdout(io.StringIO()):
        saved_model_cli.run_saved_model_with_feed_dict(
            folder, "serve", signature, inputs, out, False
        )
        return {name[:-4]: np.load(os.path.join(out, name)) for name in os.listdir(out)}


def check_fingerprint(folder):
    told = fingerprint_pb2.FingerprintDef()
    with open(os.path.join(folder, "fingerprint.pb"), "rb") as file:
        told.ParseFromString(file.read())
    made = fingerprint_pb2.FingerprintDef()
    made.ParseFromString(fingerprinting.CreateFingerprintDef(folder))
    assert told.uuid.isdigit(), told
    told.uuid = made.uuid
    assert told == made, f"{told} != {made}"


def check_restore(folder, loaded):
    """Variables that a program makes anew get their values along the edges."""
    prefix = os.path.join(folder, "variables", "variables")
    reader = tf.train.load_checkpoint(prefix)
    root = tf.train.Checkpoint()
    made = {}
    for key, shape in reader.get_variable_to_shape_map().items():
        if not key.endswith(KEY):
            assert key == "_CHECKPOINTABLE_OBJECT_GRAPH", key
            continue
        at, there = root, loaded
        *edges, last = key[: -len(KEY)].split("/")
        for edge in edges:
            there = getattr(there, edge)
            if not hasattr(at, edge):
                setattr(at, edge, tf.Module())
            at = getattr(at, edge)
        made[key] = tf.Variable(tf.zeros(shape))
        setattr(at, last, made[key])
        there = getattr(there, last)
        assert isinstance(there, tf.Variable) and there.trainable, there
        np.testing.assert_array_equal(there.numpy(), reader.get_tensor(key))
    root.read(prefix).assert_consumed()
    for key, variable in made.items():
        np.testing.assert_array_equal(variable.numpy(), reader.get_tensor(key))
        variable.assign(tf.zeros_like(variable))
    root.restore(folder).assert_nontrivial_match()
    for key, variable in made.items():
        np.testing.assert_array_equal(variable.numpy(), reader.get_tensor(key))
    return sorted(made)


def check_show(folder):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        saved_model_cli._show_all(folder)
    assert "could not be listed" not in said.getvalue(), said.getvalue()
    return said.getvalue()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        requests = json.load(file)
    answers = []
    for number, request in enumerate(requests):
        folder = request["folder"]
        loaded = tf.saved_model.load(folder)
        results = []
        for call in request["calls"]:
            inputs = {name: tensor(given) for name, given in call["inputs"].items()}
            function = loaded.signatures[call["signature"]]
            found = function(**{name: tf.constant(value) for name, value in inputs.items()})
            session = by_session(folder, call["signature"], inputs)
            assert sorted(found) == sorted(session), (sorted(found), sorted(session))
            for name, value in found.items():
                np.testing.assert_array_equal(value.numpy(), session[name])
            results.append({name: value.numpy().tolist() for name, value in found.items()})
        check_fingerprint(folder)
        shown = check_show(folder)
        keys = check_restore(folder, loaded)
        if number == 0:
            again = folder + "-again"
            tf.saved_model.save(loaded, again, signatures=dict(loaded.signatures))
            call = request["calls"][0]
            inputs = {name: tf.constant(tensor(given)) for name, given in call["inputs"].items()}
            found = tf.saved_model.load(again).signatures[call["signature"]](**inputs)
            assert {name: value.numpy().tolist() for name, value in found.items()} == results[0]
        answers.append({"results": results, "shown": shown, "keys": keys})
    print(json.dumps(answers))


main()

"""Builds exported models, compares what they predict, and lets each train one step.

keras_export.py PLAN    JSON: a list of name, folder, columns, ids, values, offsets, expected
Prints lines of: name, largest difference of a prediction, iterations after a step over all rows,
how far that step moved a variable.
"""
import importlib.util
import json
import os
import sys

import numpy as np

for case in json.load(open(sys.argv[1], encoding="utf-8")):
    path = os.path.join(case["folder"], "model.py")
    spec = importlib.util.spec_from_file_location("model", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model, optimizer = module.restore()
    rows = {"ids": np.array(case["ids"], np.int32), "values": np.array(case["values"], np.float32)}
    if case["offsets"]:
        rows["offset"] = np.array(case["offsets"], np.float32)
    encoded = module.encode(case["columns"])  # the rows are as wide as the longest one
    width = encoded["ids"].shape[1]
    for name, array in rows.items():
        wide = array[:, :width] if array.ndim == 2 else array
        assert np.array_equal(encoded[name], wide), (case["name"], name)
        assert not np.any(array[:, width:]) if array.ndim == 2 else True, (case["name"], name)
    assert set(rows) == set(encoded), set(encoded)
    expected = np.array(case["expected"])
    found = model.predict(rows, verbose=0)
    assert found.shape == expected.shape, (found.shape, expected.shape)
    difference = np.max(np.abs(found - expected))
    if hasattr(optimizer, "iterations"):
        labels = np.arange(len(expected)) % 2
        before = [variable.numpy() for variable in model.trainable_variables]
        model.fit(rows, labels, batch_size=len(labels), epochs=1, verbose=0)
        moved = max(np.max(np.abs(now.numpy() - then))
                    for now, then in zip(model.trainable_variables, before))
        print(case["name"], difference, int(optimizer.iterations), moved, sep="\t")
    else:
        print(case["name"], difference, "", "", sep="\t")

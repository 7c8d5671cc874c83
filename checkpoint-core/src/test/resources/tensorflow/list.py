"""Prints all variables of a checkpoint: key, dtype number, shape, bytes in hexadecimal.

list.py FOLDER        the newest checkpoint of a folder, by its state file
list.py -p PREFIX     the checkpoint of this prefix
"""
import sys

import numpy as np
import tensorflow as tf

prefix = sys.argv[2] if sys.argv[1] == "-p" else tf.train.latest_checkpoint(sys.argv[1])
reader = tf.train.load_checkpoint(prefix)
print(prefix)
dtypes = reader.get_variable_to_dtype_map()
for name, shape in tf.train.list_variables(prefix):
    dtype = dtypes[name]
    value = reader.get_tensor(name)
    if dtype == tf.string:
        elements = np.array(value, dtype=object).reshape(-1)
        data = ",".join(e.hex() for e in elements)
    else:
        data = np.asarray(value).tobytes().hex()
    print(name, dtype.as_datatype_enum, shape, data, sep="\t")

#!/usr/bin/env python3
"""Cuts the committed sample from the full flights file.

The rule: keep every row whose position in the file, counted from 0, is divisible by 10, in file
order. It looks at nothing but the position, so months, airports and delays keep their proportions,
and June, the test month, is in it. The column types stay as they are.

    python3 make-sample.py flights-3m.parquet flights-sample.parquet

Needs pyarrow. The bytes of the result depend on pyarrow's version (25.0.1 was used); the rows do not.
"""

import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

EVERY = 10


def main(source: str, target: str) -> None:
    table = pq.read_table(source)
    positions = pa.array(range(0, table.num_rows, EVERY), pa.int64())
    sample = table.take(positions)
    text = [name for name in sample.column_names if pa.types.is_large_string(sample.schema.field(name).type)]
    for name in text:
        i = sample.schema.get_field_index(name)
        sample = sample.set_column(i, name, sample.column(name).cast(pa.string()))
    pq.write_table(sample, target, compression="zstd", compression_level=19, row_group_size=30_000)
    june = pc.sum(pc.cast(pc.greater_equal(sample["date"], pa.scalar("2001-06-01").cast(pa.timestamp("us"))), pa.int64()))
    print(f"{target}: {sample.num_rows} rows, {june} of them from June on")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])

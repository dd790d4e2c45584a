"""Tables as CSV whose bytes depend on their cells alone, and back again without loss.

Texts stand in quotes and nothing else does, so an empty text (``""``) and a cell that is not known (nothing) stay
apart, and ``NA``, ``null`` or ``1e5`` stay texts. Numbers are rounded to six decimals, lines end in a line feed, the
encoding is UTF-8.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from analysis.schema import SchemaError, Table, check

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

DECIMALS = 6


def table_bytes(frame: pd.DataFrame, table: Table) -> bytes:
    """Return a checked table as CSV bytes.

    Raises
    ------
    SchemaError
        The frame breaks the rules of `table`, or a number is infinite.
    """
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv

    frame = check(frame, table)
    numbers = [column.name for column in table.columns if column.kind == "number"]
    if np.isinf(frame[numbers].to_numpy(dtype=float)).any():
        raise SchemaError(f"table {table.name}: a number is infinite; leave the cell empty where there is no number")
    frame[numbers] = frame[numbers].round(DECIMALS) + 0.0  # + 0.0 makes -0.0 into 0.0
    # In one piece: after a piece without rows (a concatenation with an empty table) pyarrow writes stray bytes.
    arrow = pa.Table.from_pandas(frame, schema=_arrow_schema(table), preserve_index=False).combine_chunks()
    out = io.BytesIO()
    out.write((",".join(table.column_names) + "\n").encode())
    csv.write_csv(arrow, out, csv.WriteOptions(include_header=False))
    return out.getvalue()


def table_frame(content: bytes, table: Table) -> pd.DataFrame:
    """Return the checked table that CSV bytes hold.

    Raises
    ------
    SchemaError
        The bytes are no CSV or break the rules of `table`.
    """
    return check(parse_table(content, table), table)


def parse_table(content: bytes, table: Table) -> pd.DataFrame:
    """Return the table that CSV bytes hold, with the columns that they have.

    Raises
    ------
    SchemaError
        The bytes are no CSV, or a cell is not of its column's type.
    """
    import pandas as pd
    import pyarrow as pa
    from pyarrow import csv

    try:
        arrow = csv.read_csv(
            io.BytesIO(content),
            read_options=csv.ReadOptions(use_threads=False, block_size=max(len(content), 1)),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=_arrow_schema(table), null_values=[""], strings_can_be_null=True,
                quoted_strings_can_be_null=False, check_utf8=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise SchemaError(f"table {table.name}: not readable as CSV ({error})") from None
    integers = {pa.int64(): pd.Int64Dtype()}
    frame: pd.DataFrame = arrow.to_pandas(types_mapper=integers.get)
    return frame


def _arrow_schema(table: Table) -> pa.Schema:
    import pyarrow as pa

    kinds = {"text": pa.large_string(), "integer": pa.int64(), "number": pa.float64(), "flag": pa.bool_()}
    return pa.schema([(column.name, kinds[column.kind]) for column in table.columns])

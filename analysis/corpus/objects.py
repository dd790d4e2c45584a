"""Objects with fields: JSON, JSON Lines, Parquet."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from analysis.corpus.columns import Layout, add_record, layout, require_title
from analysis.corpus.records import Dropped, Parsed, excerpt
from analysis.schema import InputError

MOST_UNPACKED = 1_000_000_000
"""Bytes that the columns of a Parquet file may hold when they are unpacked."""
MOST_ROWS = 5_000_000
"""Its rows: a few bytes can say that one row stands there a billion times."""


def parse_json(source: str, value: Any) -> Parsed:
    """Return the papers of a JSON list, or of an object that holds one list of objects.

    Raises
    ------
    InputError
        There is no list of papers in it, or no record has a title field.
    """
    entries = _entries(value)
    if entries is None:
        raise InputError(
            f"{source}: JSON without a list of papers; expected a list of objects with a title each, or an "
            "object that holds such a list"
        )
    return parse_objects(source, ((f"entry {number}", number, entry) for number, entry in enumerate(entries, 1)))


def parse_json_lines(source: str, text: str) -> Parsed:
    """Return the papers of JSON Lines; a line that is not JSON is set aside.

    Raises
    ------
    InputError
        No record has a title field.
    """
    return parse_objects(source, _json_lines(text))


def parse_parquet(source: str, content: bytes) -> Parsed:
    """Return the papers of a Parquet file.

    Raises
    ------
    InputError
        The file is damaged, or no column holds titles.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        texts = _texts(pq.read_schema(pa.BufferReader(content)))
        file = pq.ParquetFile(pa.BufferReader(content), read_dictionary=texts)
        names = file.schema_arrow.names
        places = layout((number, name) for number, name in enumerate(names))
        require_title(source, places, names)
        wanted = sorted({place for found in places.values() for place in found})
        if file.metadata.num_rows > MOST_ROWS:
            raise InputError(f"{source}: a Parquet file of {file.metadata.num_rows:,} rows, expected at most "
                             f"{MOST_ROWS:,}; write it in parts")
        table = file.read(columns=[names[place] for place in wanted])
        size = sum(_text_size(table.column(names[place])) for place in wanted)
        if size > MOST_UNPACKED:
            raise InputError(f"{source}: a Parquet file of {size:,} bytes unpacked, expected at most "
                             f"{MOST_UNPACKED:,}; write it in parts")
        columns = {place: _arrow_cells(table.column(names[place])) for place in wanted}
    except InputError:
        raise
    except Exception as error:  # a damaged file makes the library raise kinds that it does not document
        raise InputError(
            f"{source}: a Parquet file that cannot be read ({_first_line(error)}); write it again"
        ) from None
    parsed = Parsed()
    for number in range(table.num_rows):
        add_record(
            parsed, source, f"row {number + 1}", number + 1, {place: columns[place][number] for place in wanted}, places
        )
    return parsed


def _json_lines(text: str) -> Iterator[tuple[str, int, Any]]:
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if line.strip():
            try:
                yield f"line {number}", number, json.loads(line)
            except (ValueError, RecursionError) as error:
                yield (
                    f"line {number}",
                    number,
                    Dropped("", "", number, "unreadable", f"not JSON: {_first_line(error)}", excerpt(line)),
                )


def parse_objects(source: str, entries: Iterable[tuple[str, int, Any]]) -> Parsed:
    """Return the papers of objects with fields, each given as (where, order, object).

    Raises
    ------
    InputError
        There are objects, and none has a title field.
    """
    parsed = Parsed()
    seen: dict[str, None] = {}
    titled = False
    for place, order, entry in entries:
        where = excerpt(place)  # a key or an identifier is what a stranger wrote
        entry = _spelled_out(entry)
        if isinstance(entry, Dropped):
            parsed.dropped.append(entry._replace(source=source, place=where))
        elif not isinstance(entry, dict):
            parsed.dropped.append(
                Dropped(
                    source,
                    where,
                    order,
                    "not a paper",
                    "not an object with fields",
                    excerpt(json.dumps(entry, ensure_ascii=False)[:400]),
                )
            )
        else:
            if isinstance(entry.get("paper"), dict):  # feeds wrap the paper in what the feed says about it
                entry = entry["paper"] | {key: value for key, value in entry.items() if value not in (None, "", [])}
            words = entry.get("abstract_inverted_index")  # OpenAlex gives an abstract as word → places
            if isinstance(words, dict) and not entry.get("abstract"):
                entry = entry | {"abstract": _in_order(words)}
            places = _object_layout(tuple(entry))
            titled = titled or "title" in places
            if len(seen) < 30:
                seen.update(dict.fromkeys(map(str, entry)))
            add_record(parsed, source, where, order, entry, places)
    if seen and not titled:
        require_title(source, {}, list(seen))
    return parsed


_ENVELOPES = ("results", "data", "papers", "items", "entries")


@lru_cache(maxsize=4096)
def _object_layout(keys: tuple[str, ...]) -> Layout:
    return layout((key, key) for key in keys)


def _entries(value: Any) -> list[Any] | None:
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    if "title" in _object_layout(tuple(value)) or isinstance(value.get("paper"), dict):
        return [value]
    lists = [held for held in value.values()
             if isinstance(held, list) and any(isinstance(each, dict) or _is_python(each) for each in held)]
    if not lists and any(value.get(key) == [] for key in _ENVELOPES):  # a search that found nothing
        return []
    return max(lists, key=len, default=None)


def _is_python(entry: Any) -> bool:
    """Tell whether a text looks like a Python dictionary as `str` writes it: some dumps hold those, not objects."""
    return isinstance(entry, str) and entry.startswith("{'") and entry.endswith("}")


def _spelled_out(entry: Any) -> Any:
    """Return the dictionary that such a text spells, of plain values only: nothing in it is run."""
    if not _is_python(entry):
        return entry
    try:
        return ast.literal_eval(entry)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):  # it is set aside as the text that it is
        return entry


def _in_order(index: dict[str, Any]) -> str:
    """Return the text of an inverted index; places that are no numbers are passed over."""
    placed = [(place, word) for word, places in index.items() if isinstance(places, list)
              for place in places if isinstance(place, int)]
    return " ".join(word for _, word in sorted(placed))


def _texts(schema: Any) -> list[str]:
    """Return the columns of texts: read as a dictionary, a text that a million rows share is held once."""
    import pyarrow as pa

    return [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]


def _text_size(column: Any) -> int:
    """Return the bytes that a column's texts take where each row holds its own."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    return sum(pc.sum(pc.take(pc.binary_length(chunk.dictionary), chunk.indices)).as_py() or 0
               for chunk in column.chunks)


def _arrow_cells(column: Any) -> list[Any]:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):  # finer than Python's own times, and the day is all that is read
        column = column.cast(pa.timestamp("s", tz=column.type.tz), safe=False)
    cells: list[Any] = column.to_pylist()
    return cells


def _first_line(error: BaseException) -> str:
    return excerpt(str(error).partition("\n")[0] or type(error).__name__)

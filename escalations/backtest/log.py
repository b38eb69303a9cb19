"""A log as a file: CSV or JSON lines, plain or compressed, row by row with line numbers."""

import csv
import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, Final

from escalations.backtest.findings import Findings
from escalations.backtest.mapping import Mapping
from escalations.errors import LogUnreadable

Record = Any
"""A row as it was read: a list of texts (CSV) or an object (JSON)."""
Get = Callable[[Record], str | None]
"""What stands in one column of a row; `None` where nothing is known."""

_GZIP: Final = b"\x1f\x8b"
_LOOKED_AT: Final = 4096  # bytes that tell a text from a picture or a workbook
_MAX_FIELD: Final = 10_000_000  # characters of one field: a mail with its attachment in it
_SUFFIXES: Final = {".csv": "csv", ".tsv": "csv", ".jsonl": "json-lines", ".ndjson": "json-lines"}


class Log:
    """A log that is open for reading."""

    def __init__(self, file: IO[bytes], path: Path, mapping: Mapping) -> None:
        self.findings = Findings()
        """Lines that are no rows."""
        self.size = path.stat().st_size
        """Bytes of the file, as it lies there; 0 where nobody knows."""
        self._file, self._mapping = file, mapping
        self.format = mapping.format or _format_of(path)
        self.columns: Sequence[str] | None = None
        """The names in the first line of a CSV file; JSON has them in each row."""
        unpacked = _unpacked(file)
        beginning = _ahead(unpacked)
        if _is_binary(beginning, mapping.encoding):
            msg = (
                f"{path} is no text in {mapping.encoding}: a log is CSV or JSON lines, plain or"
                " compressed with gzip; write its `encoding` in the mapping if it has another"
            )
            raise LogUnreadable(msg)
        self._text = TextIOWrapper(
            unpacked,
            encoding="utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding,
            errors="replace",
            newline="" if self.format == "csv" else None,
        )
        if self.format == "csv":
            csv.field_size_limit(_MAX_FIELD)
            self._rows = csv.reader(self._text, delimiter=mapping.delimiter)
            self.columns = _numbered([name.strip() for name in next(self._rows, [])])
            if not self.columns:
                what = "its first line is blank" if beginning else "it is empty"
                msg = f"{path}: {what}; the first line of a CSV file names its columns"
                raise LogUnreadable(msg)

    @property
    def position(self) -> int:
        """How many of its bytes have been read."""
        return self._file.tell()

    def records(self) -> Iterator[tuple[int, Record]]:
        """Each row with the number of its (last) line."""
        return self._csv() if self.format == "csv" else self._json()

    def get(self, column: str | None) -> Get:
        """What reads that column; one that is not there is unknown everywhere."""
        unknown = frozenset(self._mapping.unknown)
        if column is None:
            return lambda record: None
        if self.columns is None:
            return _of_object(column, unknown)
        if column not in self.columns:
            return lambda record: None
        index = self.columns.index(column)

        def of_list(record: Record) -> str | None:
            text: str = record[index].strip()
            return None if text in unknown else text

        return of_list

    def _csv(self) -> Iterator[tuple[int, Record]]:
        rows, width = self._rows, len(self.columns or ())
        while True:
            try:
                for record in rows:
                    if len(record) == width:
                        yield rows.line_num, record
                    elif record:
                        reason = f"{len(record)} columns, and the first line has {width}"
                        self.findings.add(reason, rows.line_num)
            except csv.Error as error:
                self.findings.add(f"no CSV: {error}", rows.line_num)
                continue
            return

    def _json(self) -> Iterator[tuple[int, Record]]:
        for number, line in enumerate(self._text, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                record = None
            if isinstance(record, dict):
                yield number, record
            else:
                if number == 1 and line.lstrip().startswith("["):
                    msg = "it is one JSON list: write one object a line, as `jq -c '.[]'` does"
                    raise LogUnreadable(msg)
                self.findings.add("no JSON object", number)


@contextmanager
def opened(path: Path, mapping: Mapping) -> Iterator[Log]:
    """A log until the end of the block.

    Raises:
        LogUnreadable: there is none, or it is damaged.
    """
    try:
        with path.open("rb") as file:
            yield Log(file, path, mapping)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        msg = f"{path} is damaged: {error}"
        raise LogUnreadable(msg) from error
    except (csv.Error, UnicodeError) as error:
        msg = f"{path} cannot be read as {mapping.encoding}: {error}"
        raise LogUnreadable(msg) from error
    except OSError as error:
        if error.filename is None:
            raise
        msg = f"{path} cannot be read: {error.strerror}"
        raise LogUnreadable(msg) from error


def _format_of(path: Path) -> str:
    for suffix in reversed(path.suffixes):
        if suffix.lower() in _SUFFIXES:
            return _SUFFIXES[suffix.lower()]
    msg = f"{path}: its name does not say what it is; write `format: csv` or `format: json-lines`"
    raise LogUnreadable(msg)


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    packed = _ahead(file)[:2] == _GZIP
    return gzip.GzipFile(fileobj=file) if packed else file  # type: ignore[return-value]  # reads bytes


def _ahead(file: IO[bytes]) -> bytes:
    """What comes next, and is still to be read."""
    ahead: bytes = getattr(file, "peek", lambda most: b"")(_LOOKED_AT)
    return ahead[:_LOOKED_AT]


def _is_binary(beginning: bytes, encoding: str) -> bool:
    """Zeros among what is no text, or many of them; a stray one is in many an export."""
    text = beginning.decode(encoding, "replace")
    zeros = text.count("\0")
    return zeros > 0 and ("\ufffd" in text or zeros > len(text) // 10)


def _numbered(names: Sequence[str]) -> list[str]:
    """`category, category` → `category, category#2`."""
    seen: Counter[str] = Counter()
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return numbered


def _of_object(column: str, unknown: frozenset[str]) -> Get:
    parts = column.split(".")

    def get(record: Record) -> str | None:
        value = record.get(column)
        if value is None:
            value = record
            for part in parts:
                value = value.get(part) if isinstance(value, dict) else None
        match value:
            case str():
                text = value.strip()
            case bool():
                text = str(value).lower()
            case int() | float():
                text = str(value)
            case _:
                return None
        return None if text in unknown else text

    return get

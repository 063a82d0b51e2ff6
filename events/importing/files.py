"""Opening what is to be imported: the ending tells the format, the content tells whether it is gzipped."""

from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any

import pyarrow as pa

from events.importing import lines, tables
from events.importing.block import ImportMistake, Source
from events.importing.mapping import Mapping

GZIP = b"\x1f\x8b"
NDJSON, CSV, PARQUET = "ndjson", "csv", "parquet"
ENDINGS = {".ndjson": NDJSON, ".jsonl": NDJSON, ".csv": CSV, ".parquet": PARQUET}


def open_source(path: Path, mapping: Mapping | None = None) -> Source:
    """Raises ImportMistake if the file is missing, unreadable, of no known kind, or does not fit the mapping."""
    zipped = _is_gzip(path)
    kind = format_of(path)
    if kind == PARQUET:
        return tables.parquet_source(path.name, _unzipped(path) if zipped else path, mapping)
    file = pa.OSFile(str(path), "rb")
    stream = pa.CompressedInputStream(file, "gzip") if zipped else file
    size = max(path.stat().st_size, 1)

    def fraction() -> float:
        return 1.0 if file.closed else min(file.tell() / size, 1.0)

    if kind == CSV:
        return tables.csv_source(path.name, stream, mapping, fraction)
    return lines.ndjson_source(path.name, stream, mapping, fraction)


def format_of(path: Path) -> str:
    """`ndjson`, `csv` or `parquet`, by the ending of the name, with or without `.gz` behind it."""
    name = Path(path.name[:-3]) if path.suffix == ".gz" else path
    try:
        return ENDINGS[name.suffix.lower()]
    except KeyError:
        known = ", ".join(ENDINGS)
        raise ImportMistake(
            f"{path}: the ending of the name says no format; known are {known}, also with .gz"
        ) from None


def _is_gzip(path: Path) -> bool:
    if path.is_dir():
        raise ImportMistake(f"{path} is a directory; name the files in it")
    try:
        with path.open("rb") as file:
            return file.read(2) == GZIP
    except FileNotFoundError:
        raise ImportMistake(f"{path}: there is no such file") from None
    except OSError as error:
        raise ImportMistake(f"{path} cannot be read: {error.strerror}") from None


def _unzipped(path: Path) -> IO[bytes]:
    """Parquet is read from its end, which a gzip stream cannot do: unpacked into a nameless temporary file."""
    unpacked: IO[bytes] = TemporaryFile()  # noqa: SIM115
    try:
        with pa.CompressedInputStream(pa.OSFile(str(path), "rb"), "gzip") as stream:
            copyfileobj(_Readable(stream), unpacked)
    except (OSError, pa.ArrowInvalid) as error:
        raise ImportMistake(f"{path} cannot be unpacked: {error}") from None
    return unpacked


class _Readable:
    def __init__(self, stream: Any) -> None:
        self.read: Any = stream.read

"""Event segments: immutable Parquet files of the ordered log by position range, in object storage."""

from events.segments.files import Damaged, SegmentFile, write_file
from events.segments.history import History, Known
from events.segments.storage import open_store
from events.segments.trimming import trim
from events.segments.writing import write_segments

__all__ = ["Damaged", "History", "Known", "SegmentFile", "open_store", "trim", "write_file", "write_segments"]

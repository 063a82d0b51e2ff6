"""What every reader gives: a block of JSON lines, one event each, in order of arrival."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


class ImportMistake(Exception):
    """The file or the mapping cannot be used. The message is one sentence that names what is wrong."""


@dataclass(frozen=True, slots=True)
class Block:
    """`text` holds the lines, joined by line feeds; `devices` the device each line names, None where none is read."""

    text: bytes
    devices: Sequence[str | None]

    @property
    def lines(self) -> list[bytes]:
        return self.text.split(b"\n") if self.devices else []

    def __len__(self) -> int:
        return len(self.devices)


@dataclass(frozen=True, slots=True)
class Source:
    """An open file: its blocks, read on demand, how far it is read (0 … 1), and the columns nobody asked for."""

    name: str
    blocks: Iterator[Block]
    fraction: Callable[[], float]
    unused: Sequence[str] = ()

"""A deliberate mistake: one small change of the code that breaks a promise, and the tests that have to notice."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


class DoesNotApply(Exception):
    """The code has moved on; the message names the mutation and says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """`old`, which stands in `file` exactly once, becomes `new`; one of the tests in `killed_by` must fail then.

    `also` are further changes of the same file, where it takes several to make the mistake.
    `killed_by` are pytest's names of files or tests, relative to the root. `why` says what the mistake would do.
    """

    name: str
    file: str
    old: str
    new: str
    killed_by: tuple[str, ...]
    why: str
    also: tuple[tuple[str, str], ...] = ()

    def applied(self, text: str) -> str:
        """The file with the mistake in it; raises `DoesNotApply`."""
        for old, new in ((self.old, self.new), *self.also):
            if (found := text.count(old)) != 1:
                raise DoesNotApply(f"{self.name}: this stands {found} times in {self.file}, not once:\n{old}")
            text = text.replace(old, new)
        return text

    def missing(self, root: Path) -> Iterator[str]:
        """Tests in `killed_by` that are not there."""
        for test in self.killed_by:
            path, _, name = test.partition("::")
            file = root / path
            if not file.is_file() or (name and name.partition("[")[0] not in _functions(file)):
                yield test


def _functions(file: Path) -> set[str]:
    nodes = ast.walk(ast.parse(file.read_text()))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}

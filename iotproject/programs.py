"""The programs of a stack: what each is called, how it is started, and when it is stopped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

KINDS = ("web", "reformer", "calculator", "controller", "tasks")

STAGES = {"web": 1, "reformer": 2, "calculator": 3, "controller": 4, "tasks": 4}
"""The order in which they are stopped: first what lets events in, last what nobody waits for."""

PATIENCE_S = {"web": 3.0, "reformer": 2.0, "calculator": 3.0, "controller": 2.0, "tasks": 4.0}
"""How long each may take to stop before it is killed: its work is safe, only a restart takes longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """`arguments` follow `manage.py`. Programs of a lower `stage` are stopped first. `fds` are handed down.

    `forewarned`: it is told to stop as soon as the stack stops, though it is waited for in its stage.
    """

    name: str
    arguments: tuple[str, ...]
    stage: int
    patience_s: float = 3.0
    delay_s: float = 0.0
    fds: tuple[int, ...] = ()
    forewarned: bool = False


def programs(
    *, shards: int, replicas: int = 1, only: Sequence[str] = KINDS, listener: int | None = None
) -> list[Program]:
    """The programs of these kinds, in starting order; `listener` is the web address's socket.

    Every shard gets `replicas` calculators.
    """
    made = [
        program for kind in reversed(KINDS) if kind in only for program in _of_kind(kind, shards, replicas, listener)
    ]
    return sorted(made, key=lambda program: program.delay_s)


def calculator_name(shard: int, replica: int = 0) -> str:
    """`calculator-<shard>`, and of the further ones `calculator-<shard>-b` and so on."""
    return f"calculator-{shard}" + (f"-{ascii_lowercase[replica]}" if replica else "")


def _of_kind(kind: str, shards: int, replicas: int, listener: int | None) -> Iterator[Program]:
    if kind == "calculator":
        for replica in range(replicas):
            for shard in range(shards):
                name = calculator_name(shard, replica)
                yield _one(kind, name, ("--shard", str(shard), "--name", name), None)
    elif kind == "web" and listener is not None:
        yield _one(kind, kind, ("--fd", str(listener)), listener)
    else:
        yield _one(kind, kind, (), None)


def _one(kind: str, name: str, options: tuple[str, ...], listener: int | None) -> Program:
    return Program(
        name=name,
        arguments=(f"run_{kind}", *options),
        stage=STAGES[kind],
        patience_s=PATIENCE_S[kind],
        delay_s=TASKS_DELAY_S if kind == "tasks" else 0.0,
        fds=() if listener is None else (listener,),
        forewarned=kind == "tasks",  # Celery looks up from its queue only every other second
    )


TASKS_DELAY_S = 4.0
"""Tasks have nothing to do in the first seconds; until then the processor is for the first page."""

"""Two calculators of one shard: one answers reads and leaves heavy repairs to the other."""

from events.records import Source
from tests.property.system import System
from views_engine.calculator.store import Store
from views_engine.calculator.worker import Calculator, Pace
from views_engine.verify.compare import Difference, differences
from views_engine.verify.digest import digests
from views_engine.verify.fold import Fold


class Replica:
    """A calculator with a store and a fold of its own; `defers` is what its heart would say."""

    def __init__(self, system: System, *, batch_size: int, fold_rows: int) -> None:
        self.system, self.defers = system, False
        self.pace = Pace(events_per_step=batch_size, fold_rows=fold_rows)
        self.store = Store.open(":memory:")
        self._fold, self._folded = Fold(system.facts()), 0
        self.restart()

    def restart(self) -> None:
        """A new process on the same store; what was held is held still."""
        self.calculator = Calculator(
            log=self.system.log, shard=0, store=self.store, pace=self.pace, defers=lambda: self.defers
        )

    def differences(self) -> list[Difference]:
        """Between its views and the fold of the named set of events that they claim to equal."""
        for record in self.system.raw(self._folded):
            if record.position < self.store.standing.raw:
                self._fold.take(record)
                self._folded = record.position + 1
        said = self.system.said(self.store.standing.controls)
        return list(differences(self.store.connection, self._fold, said=said))

    def digests(self) -> dict[str, str]:
        return digests(self.store.connection)


class Shard:
    """`live` answers reads; `deputy` says whether the other one lives and has caught up."""

    def __init__(self, **sizes: int) -> None:
        self.system = System(handover_late_events=1)
        self.replicas = [Replica(self.system, **sizes) for _ in range(2)]
        self.live, self.deputy = 0, True
        self._appoint()

    def receive(self, lines: list[bytes], source: Source) -> None:
        self.system.receive(lines, source)
        self.system.reform()
        self.system.wait(500)

    def step(self, number: int) -> bool:
        return self.replicas[number].calculator.step()

    def promote(self) -> None:
        self.live = 1 - self.live
        self._appoint()

    def deputy_goes(self) -> None:
        self.deputy = False
        self._appoint()

    def deputy_comes(self) -> None:
        self.deputy = True
        self._appoint()

    def settle(self) -> None:
        """Nobody defers any more, and all that was received is in the views of both."""
        self.deputy_goes()
        for _ in range(4):
            self.system.reform()
            self.system.wait(1000)
        for number in range(2):
            while self.step(number):
                continue

    def _appoint(self) -> None:
        for number, replica in enumerate(self.replicas):
            replica.defers = self.deputy and number == self.live

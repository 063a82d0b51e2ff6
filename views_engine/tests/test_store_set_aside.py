"""A view store is a cache: what cannot be opened is set aside, what somebody else holds is left alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from views_engine.calculator.process import open_store
from views_engine.calculator.store import Store, StoreUnusable

HEADER, BLOCKS = slice(0, 4096), slice(12_288, 270_000)
HOLD = "import sys, duckdb; db = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with something in it, in a folder whose name has a lock in it."""
    path = tmp_path / "clock" / "calculator-0.duckdb"
    store = Store.open(path)
    with store.transaction() as db:
        db.execute("INSERT INTO fates SELECT 'made up ' || range, range FROM range(100000)")
        store.move(position=7)
    store.connection.execute("CHECKPOINT")
    store.close()
    return path


@pytest.mark.parametrize("part", [HEADER, BLOCKS], ids=["header", "blocks"])
def test_a_damaged_store_is_set_aside_and_begun_anew(path: Path, part: slice) -> None:
    content = bytearray(path.read_bytes())
    content[part] = bytes(byte ^ 0xFF for byte in content[part])
    path.write_bytes(content)
    store = open_store(path)
    assert store.standing.position == 0
    assert [found.name for found in path.parent.glob("*.broken-*")] != []
    store.close()


def test_a_store_that_another_process_holds_is_left_alone(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreUnusable, match="Could not set lock"):
            open_store(path)
        holder.communicate()
    assert list(path.parent.glob("*.broken-*")) == []

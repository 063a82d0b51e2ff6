import socket
from collections.abc import Iterator

import pytest

from blackboard.decisions import Member
from blackboard.probing import gone


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def at(address: str) -> Member:
    return Member(calculator_id=1, name="a", shard=0, incarnation=3, lease_until=0, address=address)


def address_of(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_who_listens_is_not_gone(listener: socket.socket) -> None:
    assert gone([at(address_of(listener))]) == frozenset()


def test_whose_door_is_shut_is_gone(listener: socket.socket) -> None:
    address = address_of(listener)
    listener.close()
    assert gone([at(address)]) == {(1, 3)}


@pytest.mark.parametrize("address", ["", "calculator-0:1", "http://calculator:1", "http://[::", "nonsense"])
def test_an_address_that_says_nothing_proves_nothing(address: str) -> None:
    assert gone([at(address)]) == frozenset()

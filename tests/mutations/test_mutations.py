"""Every deliberate mistake can still be made, and the tests that have to notice it are there."""

from collections import Counter

import pytest

from tests.mutations import MUTATIONS
from tests.mutations.mutation import Mutation
from tests.mutations.running import ROOT

AT_LEAST = 30


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_it_can_be_made_and_its_tests_are_there(mutation: Mutation) -> None:
    mistaken = mutation.applied((ROOT / mutation.file).read_text())
    compile(mistaken, mutation.file, "exec")
    assert list(mutation.missing(ROOT)) == []


def test_there_are_enough_and_each_has_its_own_name() -> None:
    assert len(MUTATIONS) >= AT_LEAST
    assert Counter(mutation.name for mutation in MUTATIONS).most_common(1)[0][1] == 1

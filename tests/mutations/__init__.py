"""Deliberate mistakes in the protocols, each of which some test has to notice. `make mutate` tries them all."""

from tests.mutations import board, epochs, folds, logs, mirror, notifying, place, reformer, rules, snapshots
from tests.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (
    *reformer.MUTATIONS,
    *logs.MUTATIONS,
    *place.MUTATIONS,
    *epochs.MUTATIONS,
    *folds.MUTATIONS,
    *rules.MUTATIONS,
    *board.MUTATIONS,
    *mirror.MUTATIONS,
    *notifying.MUTATIONS,
    *snapshots.MUTATIONS,
)

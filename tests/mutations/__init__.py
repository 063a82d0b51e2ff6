"""Deliberate mistakes in the protocols, each of which some test has to notice. `make mutate` tries them all."""

from tests.mutations import logs, notifying, place, reformer
from tests.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (
    *reformer.MUTATIONS,
    *logs.MUTATIONS,
    *place.MUTATIONS,
    *notifying.MUTATIONS,
)

"""What everyone knows: who lives, who holds which role, which epoch is served, and how it came to that.

Only `blackboard.board` writes here. Times are milliseconds since 1970, as in the logs.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from blackboard.facts import RoleName, Wish
from blackboard.moves import Change

HELD = [(str(RoleName.LIVE), "live: answers reads"), (str(RoleName.NEXT), "next: prepares the next version")]
ROLES = [*HELD, (str(RoleName.SUPPORT), "support: warm spare")]
CHANGES = [(str(change), str(change)) for change in Change]
WISHES = [(str(wish), str(wish)) for wish in Wish]


class Calculator(models.Model):
    """A calculator by name. Each time a process registers under the name, `incarnation` rises by one."""

    name = models.CharField(max_length=64, unique=True)
    shard = models.PositiveIntegerField()
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    address = models.CharField("private address", max_length=255)
    incarnation = models.PositiveBigIntegerField(default=1)
    registered_at = models.BigIntegerField()
    lease_until = models.BigIntegerField()
    position = models.BigIntegerField("next position to read", default=0)
    epoch = models.BigIntegerField(default=0)
    tether_events = models.BigIntegerField("events behind", default=0)
    tether_seconds = models.FloatField("seconds behind", default=0.0)
    held = models.BigIntegerField("epoch that waits for a handover", default=0)
    ready = models.BooleanField("has caught up since its start", default=False)
    draining = models.BooleanField("shall have no role", default=False)

    class Meta:
        ordering: ClassVar = ["shard", "name"]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """Who holds a role for a shard; who has no row here is support. Each appointment has a higher `fence`."""

    shard = models.PositiveIntegerField()
    name = models.CharField(max_length=8, choices=HELD)
    calculator = models.ForeignKey(Calculator, on_delete=models.CASCADE, related_name="roles")
    incarnation = models.PositiveBigIntegerField()
    fence = models.BigIntegerField(unique=True)
    since = models.BigIntegerField()

    class Meta:
        ordering: ClassVar = ["shard", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shard", "name"], name="one_holder_per_role_and_shard"),
            models.UniqueConstraint(fields=["calculator"], name="one_role_per_calculator"),
            models.CheckConstraint(condition=Q(name__in=["live", "next"]), name="role_is_live_or_next"),
        ]

    def __str__(self) -> str:
        return f"{self.name} for shard {self.shard}"


class Epoch(models.Model):
    """The newest epoch that a live calculator of the shard has served."""

    shard = models.PositiveIntegerField(unique=True)
    number = models.BigIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    since = models.BigIntegerField()

    class Meta:
        ordering: ClassVar = ["shard"]

    def __str__(self) -> str:
        return f"epoch {self.number} of shard {self.shard}"


class Transition(models.Model):
    """One change of role, with its reason. Never edited; its number is the fence of what it appointed."""

    at = models.BigIntegerField()
    shard = models.PositiveIntegerField()
    role = models.CharField(max_length=8, choices=ROLES)
    calculator = models.CharField(max_length=64)
    incarnation = models.PositiveBigIntegerField()
    change = models.CharField(max_length=16, choices=CHANGES)
    reason = models.CharField(max_length=255)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.calculator} {self.change} as {self.role} of shard {self.shard}: {self.reason}"


class Request(models.Model):
    """What somebody asked of the controller. `answer` is empty while it waits, then `granted` or the reason why not."""

    at = models.BigIntegerField()
    by = models.CharField(max_length=150, blank=True)
    shard = models.PositiveIntegerField()
    wish = models.CharField(max_length=8, choices=WISHES)
    calculator_id = models.BigIntegerField(null=True)
    name = models.CharField("calculator", max_length=64, blank=True)
    answer = models.CharField(max_length=255, blank=True)
    answered_at = models.BigIntegerField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        # The controller asks for those that wait, many times a second.
        indexes: ClassVar = [models.Index(fields=["id"], condition=Q(answer=""), name="requests_that_wait")]

    def __str__(self) -> str:
        return f"{self.wish} {self.name or 'next'} in shard {self.shard}: {self.answer or 'waits'}"


class ClosedEpoch(models.Model):
    """An epoch that live has come to serve. Of a heavy one it is known when its repair was left to a deputy.

    `began_at` is the receive clock of its marker; `held_at` and `closed_at` say when it was seen held, and served.
    """

    shard = models.PositiveIntegerField()
    number = models.BigIntegerField()
    plan = models.CharField(max_length=16)
    began_at = models.BigIntegerField(null=True)
    held_at = models.BigIntegerField(null=True)
    snapshot_at = models.BigIntegerField("when a snapshot was kept before it", null=True)
    closed_at = models.BigIntegerField(null=True)
    late_events = models.BigIntegerField(default=0)
    corrections = models.BigIntegerField(default=0)
    seconds = models.FloatField("seconds of repair", default=0.0)

    class Meta:
        ordering: ClassVar = ["-number", "shard"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shard", "number"], name="one_row_per_shard_and_epoch")
        ]

    def __str__(self) -> str:
        return f"epoch {self.number} of shard {self.shard}"

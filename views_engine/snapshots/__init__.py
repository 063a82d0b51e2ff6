"""Snapshots: verified copies of view stores in object storage, from taking one to standing on it again."""

from views_engine.snapshots.taking import snapshot_all, take
from views_engine.snapshots.verifying import SnapshotBroken, Verified, digest, verify

__all__ = ["SnapshotBroken", "Verified", "digest", "snapshot_all", "take", "verify"]

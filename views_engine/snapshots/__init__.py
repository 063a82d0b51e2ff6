"""Snapshots: verified copies of view stores in object storage, from taking one to standing on it again."""

"""What Celery does for the views: each task makes one call. Imports wait until a worker runs it."""

from celery import shared_task


@shared_task(ignore_result=True)
def snapshot_all() -> None:
    """Copies every view store to object storage."""
    from views_engine.snapshots import taking

    taking.snapshot_all()


@shared_task(ignore_result=True)
def write_segments() -> None:
    """Writes what is new in the ordered log as immutable Parquet files."""
    from views_engine import pruning

    pruning.write_segments()


@shared_task(ignore_result=True)
def prune() -> None:
    """Removes what has been kept long enough."""
    from views_engine import pruning

    pruning.prune()


@shared_task(ignore_result=True)
def run_export(export_id: int) -> None:
    """Makes the file of one export."""
    from views_engine import exports

    exports.run(export_id)


@shared_task(ignore_result=True)
def close_epochs() -> None:
    """Keeps a snapshot before each handover, and writes down the epochs that have come to be served."""
    from views_engine import closing

    closing.sweep()

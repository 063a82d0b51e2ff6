"""What Celery does for notifications. Imports wait until a worker runs it."""

from celery import shared_task


@shared_task(ignore_result=True)
def deliver_due() -> None:
    """Sends what is due. Any number of these may run at a time."""
    from views_engine.notifying import delivery

    delivery.deliver_due()

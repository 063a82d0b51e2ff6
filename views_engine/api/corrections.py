"""GET /corrections and /epochs: which numbers changed because of late events, and the versions of the past."""

from typing import ClassVar

from views_engine.api import shapes
from views_engine.api.base import ListView, Values, paged
from views_engine.api.listing import Listing
from views_engine.api.parameters import DEVICE_ID, FROM, TO, Parameter, whole
from views_engine.reading import Version

EPOCH = whole("epoch", "Only corrections of this epoch.")


class CorrectionList(ListView):
    parameters: ClassVar[tuple[Parameter, ...]] = paged(DEVICE_ID, FROM, TO, EPOCH)
    file_name = "corrections"

    def listing(self, values: Values, at_least: Version | None, **path: str) -> Listing:
        params = {name: values[name] for name in ("from", "to", "epoch")}
        return Listing(shape=shapes.CORRECTIONS, params={"device_ids": values["device_id"], **params})


class EpochList(ListView):
    parameters: ClassVar[tuple[Parameter, ...]] = paged(FROM, TO)
    file_name = "epochs"

    def listing(self, values: Values, at_least: Version | None, **path: str) -> Listing:
        return Listing(shape=shapes.EPOCHS, params={"from": values["from"], "to": values["to"]})

"""GET /corrections and /epochs: which numbers changed because of late events, and the versions of the past."""

from typing import ClassVar

from views_engine.api import responses, shapes
from views_engine.api.base import ListView, Values, paged
from views_engine.api.listing import Listing
from views_engine.api.parameters import DEVICE_ID, FROM, TO, Parameter, whole
from views_engine.api.schema import described
from views_engine.reading import Version

EPOCH = whole("epoch", "Only corrections of this epoch.")


CORRECTION_PARAMETERS = paged(DEVICE_ID, FROM, TO, EPOCH)
EPOCH_PARAMETERS = paged(FROM, TO)


@described(
    summary="Numbers that late events corrected",
    description="The newest first. `from` and `to` of the address speak of when it was corrected.",
    answer=responses.CORRECTIONS,
    parameters=CORRECTION_PARAMETERS,
)
class CorrectionList(ListView):
    parameters: ClassVar[tuple[Parameter, ...]] = CORRECTION_PARAMETERS
    file_name = "corrections"

    def listing(self, values: Values, at_least: Version | None, **path: str) -> Listing:
        params = {name: values[name] for name in ("from", "to", "epoch")}
        return Listing(shape=shapes.CORRECTIONS, params={"device_ids": values["device_id"], **params})


@described(
    summary="Versions of the past",
    description="The newest first; an epoch begins when late events change the past of a shard.",
    answer=responses.EPOCHS,
    parameters=EPOCH_PARAMETERS,
)
class EpochList(ListView):
    parameters: ClassVar[tuple[Parameter, ...]] = EPOCH_PARAMETERS
    file_name = "epochs"

    def listing(self, values: Values, at_least: Version | None, **path: str) -> Listing:
        return Listing(shape=shapes.EPOCHS, params={"from": values["from"], "to": values["to"]})

"""GET /corrections and /epochs: which numbers changed because of late events, and the versions of the past."""

from typing import ClassVar

from views_engine.api import responses, shapes
from views_engine.api.base import ListView, Values, paged
from views_engine.api.listing import Listing
from views_engine.api.parameters import DEVICE_ID, FROM, TO, BadParameter, BadParameters, Parameter, whole
from views_engine.api.schema import described
from views_engine.reading import Version

MOST_SHARDS = 2**31

EPOCH = whole("epoch", "Only corrections of this epoch.")
THIS_EPOCH = whole("epoch", "Only this epoch; every shard has one of that number.")
SHARD = whole("shard", "Only this shard.", high=MOST_SHARDS - 1)


CORRECTION_PARAMETERS = paged(DEVICE_ID, FROM, TO, EPOCH, SHARD)
EPOCH_PARAMETERS = paged(FROM, TO, THIS_EPOCH, SHARD)


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
        params["device_ids"] = values["device_id"]
        return Listing(shape=shapes.CORRECTIONS, params=params, shards=one_shard(values, self.reader.shards))


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
        params = {name: values[name] for name in ("from", "to", "epoch")}
        return Listing(shape=shapes.EPOCHS, params=params, shards=one_shard(values, self.reader.shards))


def one_shard(values: Values, shards: int) -> list[int] | None:
    """The shard that is asked for, None for all; raises BadParameters for one that there is not."""
    asked = values["shard"]
    if asked is not None and asked >= shards:
        raise BadParameters([BadParameter("shard", "out_of_range", f"is a whole number from 0 to {shards - 1}")])
    return None if asked is None else [asked]

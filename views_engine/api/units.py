"""GET /units: the rows that units of one's own calculate, and the devices that they could not go on with."""

from typing import ClassVar

from django.http.response import HttpResponseBase
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from views_engine.api import unit_shapes
from views_engine.api.answers import json_answer
from views_engine.api.base import ListView, ReadView, Values, paged
from views_engine.api.listing import Listing
from views_engine.api.parameters import DEVICE_ID, FROM, TO, Parameter
from views_engine.api.schema import described
from views_engine.folds.own import own_units
from views_engine.reading import Version
from views_engine.reading.versions import as_json

ROW_PARAMETERS = paged(DEVICE_ID, FROM, TO)
FAULT_PARAMETERS = paged(DEVICE_ID)


@described(
    summary="Units of one's own",
    description="Those of setting `calculator.units`, and how many devices each has set aside.",
    answer=unit_shapes.UNITS_ANSWER,
    parameters=(),
    streamed=False,
)
class UnitList(ReadView):
    def get(self, request: Request) -> HttpResponseBase:
        self.values(request)
        answers = self.reader.query("units", {}, at_least=self.at_least(request))
        faults: dict[str, int] = {}
        for row in (row for answer in answers for row in answer.rows):
            faults[row["name"]] = faults.get(row["name"], 0) + row["faults"]
        results = [
            {"name": unit.name, "version": unit.version, "faults": faults.get(unit.name, 0)} for unit in own_units()
        ]
        version = {answer.shard: answer.version for answer in answers}
        return json_answer(request._request, {"results": results, "next": None, "version": as_json(version)}, version)


@described(
    summary="Rows of a unit",
    description="By when they begin (`since`), which is what `from` and `to` speak of. `open` ones are in the making.",
    answer=unit_shapes.ROWS_ANSWER,
    parameters=ROW_PARAMETERS,
)
class UnitRows(ListView):
    parameters: ClassVar[tuple[Parameter, ...]] = ROW_PARAMETERS
    file_name = "unit"

    def listing(self, values: Values, at_least: Version | None, **path: str) -> Listing:
        params = {"unit": known(path["name"]), "device_ids": values["device_id"]}
        return Listing(shape=unit_shapes.ROWS, params={**params, "from": values["from"], "to": values["to"]})


@described(
    summary="Devices that a unit has set aside",
    description="A unit that raises, or returns what cannot be written, stops for that device alone, with this event.",
    answer=unit_shapes.FAULTS_ANSWER,
    parameters=FAULT_PARAMETERS,
)
class UnitFaults(ListView):
    parameters: ClassVar[tuple[Parameter, ...]] = FAULT_PARAMETERS
    file_name = "faults"

    def listing(self, values: Values, at_least: Version | None, **path: str) -> Listing:
        params = {"unit": known(path["name"]), "device_ids": values["device_id"]}
        return Listing(shape=unit_shapes.FAULTS, params=params)


def known(name: str) -> str:
    names = [unit.name for unit in own_units()]
    if name not in names:
        raise NotFound(f"There is no unit {name!r}; there are {', '.join(names) or 'none'}.")
    return name

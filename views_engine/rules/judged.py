"""One rule as far as it can judge: its versions, and when they judge a device."""

from collections.abc import Mapping, Sequence

from events.controls import DeviceFacts, RuleVersion
from views_engine.rules.timeline import FOREVER, Segment, judged_until, segments

Facts = Mapping[str, Sequence[DeviceFacts]]


class Judged:
    """There is one version at least; `enabled` are those that judge. Segments are found once for each device.

    Where it is `endless`, whatever it judges once it judges for ever.
    """

    def __init__(self, versions: Sequence[RuleVersion], facts: Facts) -> None:
        self.versions, self._facts = versions, facts
        self.enabled = [version for version in versions if version.enabled]
        self._found: dict[str, list[Segment]] = {}
        # Without a scope what is known of a device makes no difference: all of them share their segments.
        everyone = not any(map(_is_scoped, versions))
        self._everyone = segments(versions, (), "") if everyone else None
        self.endless = self._everyone is not None and _is_endless(self._everyone)

    @property
    def unit_name(self) -> str:
        return f"rule:{self.versions[0].rule}"

    def segments(self, device_id: str) -> list[Segment]:
        if self._everyone is not None:
            return self._everyone
        found = self._found.get(device_id)
        if found is None:
            found = segments(self.versions, self._facts.get(device_id, ()), device_id)
            self._found[device_id] = found
        return found


def _is_scoped(version: RuleVersion) -> bool:
    scope = version.scope
    return bool(scope.devices or scope.device_types or scope.groups or scope.tags)


def _is_endless(judged: Sequence[Segment]) -> bool:
    return not judged or judged_until(judged, judged[0].start) == FOREVER

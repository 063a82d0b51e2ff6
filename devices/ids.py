"""What a device id may look like. Pure."""

import re

PATTERN = r"^[A-Za-z0-9._:-]{1,64}\Z"
RULE = "A device id is 1 to 64 of the characters A-Z a-z 0-9 . _ : -"

_matches = re.compile(PATTERN).match


def is_device_id(text: str) -> bool:
    return _matches(text) is not None

#!/usr/bin/env python3
"""Django's command line, with our settings."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iotproject.settings")
    from django.core.management import execute_from_command_line

    from iotproject.mistakes import ConfigurationError

    try:
        execute_from_command_line(sys.argv)
    except ConfigurationError as mistake:
        sys.exit(_say(str(mistake)))
    except KeyboardInterrupt:
        sys.exit(130)


def _say(sentences: str) -> int:
    sys.stderr.write(f"{sentences}\n")
    return 2


if __name__ == "__main__":
    main()

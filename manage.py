#!/usr/bin/env python3
"""Django's command line, with our settings."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iotproject.settings")
    from commandline.utility import Utility
    from iotproject.mistakes import ConfigurationError

    try:
        Utility(sys.argv).execute()
    except ConfigurationError as mistake:
        sys.exit(_say(str(mistake)))
    except KeyboardInterrupt:
        sys.exit(130)


def _say(sentences: str) -> int:
    sys.stderr.write(f"{sentences}\n")
    return 2


if __name__ == "__main__":
    main()

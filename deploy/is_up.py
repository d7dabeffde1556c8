"""Health check of a container: exit 0 when the address answers with 200, else 1 and the reason."""

from __future__ import annotations

import sys
import urllib.request


def main(url: str) -> int:
    """Ask ``url`` once, with patience of five seconds."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - an address of the container itself
            return 0 if answer.status == 200 else 1
    except OSError as error:
        print(f"{url}: {error}", file=sys.stderr)  # noqa: T201 - shown by `docker inspect`
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

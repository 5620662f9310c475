"""`python -m app.worker` runs the worker; `python -m app.worker check` says whether it does."""

import sys

from app.worker import heartbeat


def main() -> int:
    match sys.argv[1:]:
        case ["check"]:
            # Only the standard library is loaded here: this runs every few seconds.
            return heartbeat.check()
        case []:
            from app.worker import summariser

            return summariser.main()
        case _:
            print("usage: python -m app.worker [check]", file=sys.stderr)
            return 64


if __name__ == "__main__":
    sys.exit(main())

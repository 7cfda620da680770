"""`python -m lti_tool.demo`: start the demo, or with --check walk through it without a person."""

import argparse
import io
import signal
import sys
import threading

from requests import RequestException

from lti_tool.demo import past
from lti_tool.demo.resolver import find_this_machine
from lti_tool.demo.run import FIRST_PORT, Demo, DemoError, folder_of, free_pair
from lti_tool.demo.visitors import VisitError

BROWSERS = """\
Made for Chromium, Chrome, Edge and Firefox. Safari keeps no cookies of a tool over plain http, not even in
a window of its own: take one of the others. (A school has https.)"""


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="./run demo", description="Leerkring in a small LMS, on this computer.")
    parser.add_argument("--check", action="store_true", help="walk through a whole cycle without a person, and stop")
    parser.add_argument("--headed", action="store_true", help="with --check: show the browser")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier demos kept")
    parser.add_argument("--bare", action="store_true", help="without the past of the second course")
    parser.add_argument("--port", type=int, default=FIRST_PORT, help="first port to try (default %(default)s)")
    asked = parser.parse_args()
    find_this_machine()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that has no ✓ must not end the demo.
        sys.stdout.reconfigure(errors="replace", line_buffering=True)
    try:
        if asked.check:
            from lti_tool.demo.check import check

            return check(headed=asked.headed)
        return run(asked.port, asked.fresh, asked.bare)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 2


def run(first: int, fresh: bool, bare: bool) -> int:
    """Run until somebody stops it. bare: nobody has done anything yet in the second course either."""
    port = free_pair(first)
    if port != first:
        print(f"Port {first} or {first + 1} is taken: this demo is at {port} and {port + 1}, with people of its own.")
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with Demo(folder_of(port), port, port + 1, fresh=fresh) as demo:
        if not bare:
            try:
                past.give(demo)
            except (VisitError, RequestException) as error:
                print(f"The second course got no further than this: {error}")
        line = f"   Open   {demo.url}   "
        bar = "─" * len(line)
        bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
        print(f"\n{bold}┌{bar}┐\n│{line}│\n└{bar}┘{plain}\n")
        print("Everybody in it is made up, and nothing leaves this computer. The page says whom to be first.")
        print(BROWSERS)
        print(f"What you do is kept in {demo.folder} for the next time (--fresh forgets it). Stop with Ctrl+C.")
        while not stop.wait(1):  # not for ever: on Windows that hears no Ctrl+C
            pass
    print("\nStopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

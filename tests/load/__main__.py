"""The benchmarks: `./run bench [-v] [names]`. Prints a table, writes var/bench.json, exits 1 over a limit.

A name chooses all measures that begin with it. Everything runs on loopback and ends by itself.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable

from tests.load import launch, passback, roster
from tests.load.house import ROOT, postgresql

# Each measure may be at most this.
LIMITS = {
    "launch_cpu_ratio_new": 2.0,
    "launch_cpu_ratio_again": 1.5,
    "roster_10k_s": 3.0,
    "roster_10k_again_s": 1.0,
    "roster_10k_mb": 150.0,
    "passback_ratio": 1.5,
    "passback_ratio_postgresql": 2.0,
    "passback_tokens": 1,
    "passback_lost": 0,
    "passback_doubled": 0,
}


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("-v", "--verbose", action="store_true", help="print the raw numbers too")
    parser.add_argument("names", nargs="*", help=", ".join(LIMITS))
    asked = parser.parse_args()
    wanted = [name for name in LIMITS if not asked.names or name.startswith(tuple(asked.names))]
    if not wanted:
        parser.error(f"nothing is called {' or '.join(asked.names)}")

    def tell(line: str) -> None:
        if asked.verbose:
            print(line, flush=True)

    server = postgresql() if any(name.startswith("passback") for name in wanted) else None
    groups: dict[str, Callable[[], dict[str, float]]] = {
        "launch": lambda: launch.measure(tell),
        "roster": lambda: roster.measure(tell),
        "passback": lambda: passback.measure(tell, server),
    }
    begun = time.monotonic()
    measured: dict[str, float] = {}
    for group, measure in groups.items():
        if any(name.startswith(group) for name in wanted):
            measured |= measure()
    results = {
        name: {"value": round(measured[name], 3), "limit": LIMITS[name], "pass": measured[name] <= LIMITS[name]}
        for name in wanted
        if name in measured
    }
    for name in wanted:
        if name in results:
            verdict = "ok" if results[name]["pass"] else "OVER THE LIMIT"
            print(f"{name:28}{results[name]['value']:>10.3f}   at most {LIMITS[name]:<6g} {verdict}")
        else:
            print(f"{name:28}{'-':>10}   not measured: no PostgreSQL (set LEERKRING_TEST_POSTGRESQL)")
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    print(f"{time.monotonic() - begun:.0f} s, {load}; what else ran counts in passback and roster")
    (ROOT / "var").mkdir(exist_ok=True)
    (ROOT / "var" / "bench.json").write_text(json.dumps(results, indent=2) + "\n")
    return 0 if all(result["pass"] for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())

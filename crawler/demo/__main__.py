"""Serve the demo sites until Ctrl-C: `python -m crawler.demo [PORT PORT PORT]`."""

import sys
import threading

from . import PORTS, PortBusy, serve


def main(arguments: list[str]) -> int:
    """Print where the sites are, and wait."""
    if len(arguments) not in (0, len(PORTS)) or not all(_is_port(argument) for argument in arguments):
        print("usage: python -m crawler.demo [PORT PORT PORT]   (0: any free port)", file=sys.stderr)
        return 2
    try:
        demo = serve([int(port) for port in arguments] or PORTS)
    except PortBusy as trouble:
        print(f"consilia demo: {trouble}", file=sys.stderr)
        return 1
    with demo:
        try:
            for name, origin in demo.origins.items():
                print(f"{name:8} {origin}/", flush=True)
            print("Ctrl-C stops them.", flush=True)
            threading.Event().wait()
        except KeyboardInterrupt:
            print()
    return 0


def _is_port(argument: str) -> bool:
    return argument.isdecimal() and int(argument) <= 65535  # the largest port of TCP


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Serve the demo sites until Ctrl-C."""

import sys
import threading

from . import PortBusy, serve


def main() -> int:
    """Print where the sites are, and wait."""
    try:
        demo = serve()
    except PortBusy as trouble:
        print(f"consilia demo: {trouble}", file=sys.stderr)
        return 1
    with demo:
        for name, origin in demo.origins.items():
            print(f"{name:8} {origin}/", flush=True)
        print("Ctrl-C stops them.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())

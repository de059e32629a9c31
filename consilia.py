"""The front door: the command line, and the three stages put together."""


def main() -> None:
    """Run the command line."""
    raise NotImplementedError

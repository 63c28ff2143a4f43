"""The door of the program; the quickest questions are answered before anything is imported."""

import sys


def main() -> int:
    """Run crrlint with the arguments of the process; return the exit code."""
    if sys.argv[1:] == ["--version"]:
        from crrlint import __version__

        print(f"crrlint {__version__}")
        return 0
    # A run is short and makes no circles worth collecting: several times faster parsing.
    import gc

    gc.disable()
    from crrlint.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    # `python -m` puts the current folder first on the path, and that may be what is checked:
    # none of its files is to be taken for a module that we import later.
    if not sys.flags.safe_path:
        del sys.path[0]
    sys.exit(main())

"""The command `therawatch`, which `python -m monitor` is too: started and ended without looks for refuse.

What a start imports stands to the end. The looks for refuse among it, while it grows and once more when the process
ends, are a quarter of what a short command costs.
"""

import gc


def run() -> None:
    """Import the command line and run it; `monitor.cli` lets the looks begin once its command is imported."""
    gc.disable()
    from monitor.cli import main  # noqa: PLC0415 - with the looks off

    try:
        main()
    finally:
        gc.freeze()


if __name__ == "__main__":
    run()

"""The command `therawatch`, which `python -m monitor` is too: started and ended without garbage collection.

What a start imports stands to the end. Collecting garbage among it, while it grows and once more when the process
ends, is a quarter of what a short command costs.
"""

import gc
import os


def run() -> None:
    """Import the command line and run it; `monitor.cli` lets collection begin once its command is imported."""
    gc.disable()
    # pydantic would ask every package that is installed whether it is a plugin
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from monitor.cli import main  # noqa: PLC0415 - with collection off

    try:
        main()
    finally:
        gc.freeze()


if __name__ == "__main__":
    run()

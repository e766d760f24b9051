"""`python -m ebmdsl` is `ebmc`."""

from __future__ import annotations

from ebmdsl.cli import main

if __name__ == "__main__":
    main()

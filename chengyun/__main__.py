"""``python -m chengyun``: the same as the ``chengyun`` command."""

from chengyun.cli import main

if __name__ == "__main__":
    main()

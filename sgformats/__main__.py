"""`python -m sgformats`: the command line, even if its script is not on the path."""

import sys

from sgformats.cli import main

if __name__ == "__main__":
    sys.exit(main())

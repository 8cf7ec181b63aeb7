"""`python -m leap.services.offline TOOL …`: runs a tool that loads the settings but touches no store."""

import os
import sys
from pathlib import Path

from leap.services.home import Home
from leap.services.stores import placeholders

if __name__ == "__main__":
    os.environ.update(placeholders(Home.here()))
    tool = Path(sys.executable).with_name(sys.argv[1])
    os.execv(tool, [str(tool), *sys.argv[2:]])

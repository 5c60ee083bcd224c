"""The tutorial: a chat server in eight stages, each a program that runs.

`stage1.py` to `stage8.py` are read in order; each imports the one before and says only what is new.
`python -m stages` lists them. `phrases.py` holds every text they send, `command.py` is the command
line around them, and `check/` holds any server, in any language, to what a stage promises.
"""

import sys

if sys.version_info < (3, 11):  # Before all imports, in the syntax of older Pythons.
    sys.exit(
        "Python %d.%d is too old for this course, which needs 3.11 or newer. "
        "Install one from https://www.python.org/downloads/ and call it by its name: "
        "python3.13 -m stages.stage8" % sys.version_info[:2]
    )

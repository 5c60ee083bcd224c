"""The tutorial: a chat server in eight stages, each a program that runs.

`stage1.py` to `stage8.py` are read in order; each imports the one before and says only what is new.
`python -m stages` lists them. `phrases.py` holds every text they send, `command.py` is the command
line around them, and `check/` holds any server, in any language, to what a stage promises.
"""

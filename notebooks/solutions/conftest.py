"""pytest does not run these notebooks: `tests/exercises/test_builds.py` builds them anew instead."""

collect_ignore_glob = ["*.ipynb"]

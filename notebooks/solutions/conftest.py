"""These notebooks say what the exercises must show; pytest does not run them."""

collect_ignore_glob = ["*.ipynb"]

"""Programs that some tests need, and which not every machine has."""

import os
import shutil

import pytest


def need(tool: str) -> str:
    """The path of `tool`. Without it the test is skipped; where NO_SKIPS is set, it fails."""
    path = shutil.which(tool)
    if path is None:
        missing = f"{tool} is not installed"
        if os.environ.get("NO_SKIPS"):
            pytest.fail(missing)
        pytest.skip(missing)
    return path

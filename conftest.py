"""For all that pytest runs here: kernels keep apart from the servers that tests and cells start."""

import sys
from importlib.util import find_spec

import pytest

NEEDED = ("jupyter_client", "nbval", "pytest_timeout")

if missing := [name for name in NEEDED if find_spec(name) is None]:

    def pytest_addoption() -> None:
        """Say what to do, before pytest says that it does not know the options."""
        raise pytest.UsageError(
            f"{sys.executable} has no {', no '.join(missing)}: call the course's own Python, "
            "as in .venv/bin/python -m pytest --nbval notebooks/exercises/05_who.ipynb "
            "(the README says how to install it)"
        )

else:
    from stages.exercises.kernels import kernels_apart

    kernels_apart()

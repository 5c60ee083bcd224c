"""For all that pytest runs here: kernels keep apart from the servers that tests and cells start."""

from stages.exercises.kernels import kernels_apart

kernels_apart()

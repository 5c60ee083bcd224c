"""The exercises: how they are graded, and what has been solved.

    from stages.exercises import catch

`catch` runs a learner's check on suspects (`catching.py`; the suspects are in `suspects.py`). The
rest works on exercise notebooks: `notebook.py` knows which cells are the learner's, `grader.py`
runs them with nbval, `told.py` says what came of it, `progress.py` keeps it, and `commands.py` is
`python -m stages progress` and what else can be asked for there; `teaching.py` is what teachers ask
for. Only `grader.py`, and `kernels.py` for it, need more than the standard library.
"""

from stages.exercises.catching import catch

__all__ = ["catch"]

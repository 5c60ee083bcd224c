"""The exercises: how they are graded, and what has been solved.

    from stages.exercises import catch

`catch` runs a learner's check on suspects (`catching.py`; the suspects are in `suspects.py`). The
rest works on exercise notebooks: `notebook.py` knows which cells are the learner's, `running.py`
runs them in `kernels.py`, `told.py` says what came of it, and `progress.py` keeps it. Learners ask
for this through pytest, `grader.py`, and for the rest of `python -m stages` in `commands.py`;
teachers hand out the course with `teaching.py`, and grade with `marking.py` what `submissions.py`
finds. Only `grader.py` and `kernels.py` need more than the standard library.
"""

from stages.exercises.catching import catch

__all__ = ["catch"]

"""Side-by-side measurements of chat servers, their report and their plots.

    python -m benchmarks run

runs every contender through every scenario, in turns, several rounds. Who takes part is in
`contenders.py`, what they speak in `dialects.py`, what is done to them in `scenarios.py`; the load
comes from a process of its own (`load.py`) on a core of its own, so that it is not measured as part
of the server. `limit.py` is the contender that nobody can beat. `report.py` makes the page.
"""

"""How hypothesis is used here: the same examples in every run, and no hurry."""

from hypothesis import HealthCheck, settings

any_input = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)

"""All checks, in the order in which they are run."""

from stages.check import stage1, stage2, stage3, stage4, stage5, stage6, stage7, stage8
from stages.check.suite import Check

CHECKS: list[Check] = [
    check
    for stage in (stage1, stage2, stage3, stage4, stage5, stage6, stage7, stage8)
    for check in stage.checks.checks
]

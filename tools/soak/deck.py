"""Every kind of fault that the soak makes, with its needs and its costs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tools.soak import failovers, faults, process_faults, redis_faults
from tools.soak.site import Site


@dataclass(frozen=True)
class Kind:
    """A kind of fault.

    If it `buries`, its node is taken for dead. If it `forgets`, Redis loses data. `needs` names a
    part that not every site has: "clock" or "sentinels".
    """

    make: Callable[[Site, int], Awaitable[None]]
    buries: bool = False
    forgets: bool = False
    needs: str = ""

    @property
    def name(self) -> str:
        """The name on the command line and in the report."""
        return self.make.__name__.replace("_", "-")


KINDS = [
    Kind(faults.freeze, buries=True),
    Kind(faults.hiccup),
    Kind(faults.restart_redis, forgets=True),
    Kind(faults.lose_redis, forgets=True),
    Kind(faults.leave_redis_dead, forgets=True),
    Kind(faults.freeze_redis),
    Kind(faults.flush, forgets=True),
    Kind(faults.kill_connections),
    Kind(faults.forget_scripts),
    Kind(faults.cut),
    Kind(faults.lose_replies),
    Kind(faults.lose_requests),
    Kind(faults.flush_unheard, forgets=True),
    Kind(faults.slow),
    Kind(faults.silence, buries=True),
    Kind(faults.mute, buries=True),
    Kind(process_faults.crash),
    Kind(process_faults.end_node),
    Kind(process_faults.hang_worker),
    Kind(process_faults.block_log),
    Kind(redis_faults.stall),
    Kind(redis_faults.stall_in_talk),
    Kind(redis_faults.step_forward, needs="clock"),
    Kind(redis_faults.step_back, needs="clock"),
    Kind(redis_faults.step_back_and_crash, needs="clock"),
    Kind(failovers.kill_master, forgets=True, needs="sentinels"),
    Kind(failovers.kill_master_ahead, forgets=True, needs="sentinels"),
    Kind(failovers.fail_over, forgets=True, needs="sentinels"),
]

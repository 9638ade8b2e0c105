"""Working off a simulation, step by step: each step whole, by whoever asks for it."""

from collections import Counter
from datetime import date, datetime

from members.models import Membership
from rewards.exceptions import days_in_wrong_order, days_to_come
from rewards.models import SimulatedMove, Simulation
from rewards.queries.simulation import counted, next_files, report_of
from scheme.models import Scheme
from scheme.queries import read_rules
from scheme.rules import canonical_text
from staff.models import User
from staff.refusals import operation
from staff.rules import business_day

# All else of a simulation stays as it was begun.
_MOVES_ON = ("total", "done", "last_file", "counts", "result", "finished_at")


@operation
def begin_simulation(
    *,
    draft: Scheme,
    beside: Scheme | None,
    from_on: date,
    to_on: date,
    by: User,
    now: datetime,
) -> Simulation:
    """Have a draft worked through all receipts of these days, both included.

    `beside` is the version to compare with, as if always in force; None for those that were in
    force, each in its time. The draft is kept as it is now. Raises Refusal 422 for days in the
    wrong order or to come.
    """
    if from_on > to_on:
        raise days_in_wrong_order()
    if to_on > business_day(now):
        raise days_to_come()
    return Simulation.objects.create(
        draft=draft,
        draft_content=canonical_text(read_rules(draft)),
        beside=beside,
        from_on=from_on,
        to_on=to_on,
        total=Membership.objects.filter(patient__merged_into=None).count(),
        requested_at=now,
        requested_by=by,
    )


@operation
def advance_simulation(*, simulation_id: int, now: datetime) -> Simulation:
    """Count the next members, all or nothing; who asks at the same time waits for the next.

    Nothing happens to one that is finished.
    """
    rows = Simulation.objects.select_for_update(of=("self",))
    simulation = rows.get(pk=simulation_id)
    if simulation.finished_at is not None:
        return simulation
    files = next_files(simulation.last_file)
    if files:
        _count(simulation, files)
    else:
        simulation.total = simulation.done
        simulation.result = report_of(simulation)
        simulation.finished_at = now
    simulation.save(update_fields=_MOVES_ON)
    return simulation


def _count(simulation: Simulation, files: list[tuple[int, int]]) -> None:
    counts, moves = counted(simulation, files, simulation.counts)
    SimulatedMove.objects.bulk_create(moves)
    simulation.counts = dict(Counter(simulation.counts) + counts)
    simulation.done += len(files)
    simulation.total = max(simulation.total, simulation.done)
    simulation.last_file = files[-1][0]

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from score_kernel.score.plan import Part, Plan

EDGES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12)


def plan_of(edges: list[tuple[int, int]]) -> Plan:
    """Six parts; an edge (one, other) lets `other` wait for `one`."""
    after = {n: tuple(dict.fromkeys(f"p{a}" for a, b in edges if b == n)) for n in range(6)}
    return Plan(parts=tuple(Part(f"p{n}", after=after[n]) for n in range(6)))


@given(EDGES)
def test_a_plan_has_a_cycle_or_an_order(edges: list[tuple[int, int]]) -> None:
    plan = plan_of(edges)
    cycle = plan.cycle()
    if cycle is None:
        order = [part.name for part in plan.in_order()]
        assert sorted(order) == sorted(plan.names)
        for part in plan:
            assert all(order.index(before) < order.index(part.name) for before in part.after)
    else:
        assert cycle[0] == cycle[-1]
        assert all(one in plan[other].after for one, other in pairwise(cycle))


@given(EDGES, st.integers(0, 5))
def test_a_part_is_among_the_dependents_of_just_its_ancestors(edges: list[tuple[int, int]], of: int) -> None:
    plan = plan_of(edges)
    name = f"p{of}"
    ancestors = plan.ancestors(name)
    assert ancestors == {other for other in plan.names if name in plan.dependents([other])}
    assert ancestors.issuperset(plan[name].after)

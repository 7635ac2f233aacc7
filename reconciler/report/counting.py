"""The sentence that counts: the last line of a plan."""

from reconciler.model.change import Action, Plan
from reconciler.model.counting import counted


def plan_summary(plan: Plan) -> str:
    counts = plan.summary
    left = _left_alone(counts["unmanaged"])
    if not plan.changes:
        number = counts["unchanged"]
        agents = counted(number, "agent")
        state = f"{agents} {'is as its spec says' if number == 1 else 'are as their specs say'}"
        return f"No changes. {state if number else 'There are no specs'}{left}."
    parts = [f"{counts[action]} to {action}" for action in Action if counts[action]]
    blocked = f" ({counts['blocked']} of them blocked)" if counts["blocked"] else ""
    return f"Plan: {', '.join(parts)}{blocked}, {counts['unchanged']} unchanged{left}."


def _left_alone(unmanaged: int) -> str:
    if not unmanaged:
        return ""
    return (
        f"; {counted(unmanaged, 'unmanaged agent')} {'is' if unmanaged == 1 else 'are'} left alone"
    )

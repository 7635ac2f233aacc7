"""Circles in a graph of what waits for what."""

from collections.abc import Iterable, Iterator, Mapping


def cycle_in(edges: Mapping[str, Iterable[str]]) -> list[str]:
    """Some cycle of the graph, or nothing; the same one every time."""
    done: set[str] = set()
    for start in sorted(edges):
        trail: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = [(start, iter(sorted(edges[start])))]
        while stack:
            key, following = stack[-1]
            if key not in trail:
                trail.append(key)
            step = next((n for n in following if n not in done), None)
            if step is None:
                done.add(key)
                trail.pop()
                stack.pop()
            elif step in trail:
                return trail[trail.index(step) :]
            else:
                stack.append((step, iter(sorted(edges.get(step, ())))))
    return []

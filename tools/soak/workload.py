"""The commands that people send while they talk: private lines, `who`, and names. No I/O.

The first half of the people are rivals: they take one name from each other all the time, in
different cases, and give it back. The others keep their names, and are sent private lines.
"""

from collections.abc import Callable, Sequence

CROWNS = ("crown", "Crown", "CROWN")  # One name, as the server sees it.
ROUND = 12  # Lines after which a person does the same again.


def commands(labels: Sequence[str], place: int) -> Callable[[int], str]:
    """The commands of the person at this place: one before their line N, or none."""
    half = len(labels) // 2
    label, targets, is_rival = labels[place], labels[half:], place < half

    def before(number: int) -> str:
        match number % ROUND:
            case 2 | 7:
                target = targets[(number + place) % len(targets)]
                return f"to|{target}|{label}>{target}!{number}"
            case 4 | 10:
                return "who"
            case 5 if is_rival:
                return f"rename|{CROWNS[place % len(CROWNS)]}"
            case 9 if is_rival:
                return f"rename|{label}"
        return ""

    return before

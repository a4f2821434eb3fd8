"""One table of what was measured of Sekisho and of another server in the same rounds: goal, medians, median of the ratios, verdict."""
import dataclasses
import statistics

OURS = "sekisho"
# "as fast as": so much more is noise
SAME = 1.1


@dataclasses.dataclass(frozen=True)
class Goal:
    """A bound of our figure, or of the ratio of ours to the other's."""

    bound: float
    least: bool = False
    ratio: bool = True

    def __str__(self):
        return f"{'≥' if self.least else '≤'} {self.bound:.3g}{' ×' if self.ratio else ''}"

    def reached(self, ours, ratio):
        value = ratio if self.ratio else ours
        return None if value is None else (value >= self.bound if self.least else value <= self.bound)


def times(bound, least=False):
    """A goal of the ratio."""
    return Goal(bound, least)


def under(bound):
    """A goal of our own figure."""
    return Goal(bound, ratio=False)


@dataclasses.dataclass
class Line:
    """Figures by server, one a round, in the order of the rounds."""

    unit: str
    goal: Goal | None
    figures: dict = dataclasses.field(default_factory=dict)
    wrong: str = ""

    def medians(self):
        """Ours, the other's, and the median of the ratios of each round; `None` where there is none."""
        ours = self.figures.get(OURS, [])
        theirs = next((values for server, values in self.figures.items() if server != OURS), [])
        ratios = [one / other for one, other in zip(ours, theirs) if other]
        return tuple(statistics.median(values) if values else None for values in (ours, theirs, ratios))


class Table:
    """The lines in the order in which they were first noted."""

    def __init__(self):
        self.lines = {}

    def note(self, name, unit, server, value, goal=None):
        line = self.lines.setdefault(name, Line(unit, goal))
        line.figures.setdefault(server.name, []).append(value)

    def wrong(self, name, why):
        """Says that what was measured is no answer."""
        self.lines[name].wrong = why

    def print(self):
        print("| work | | goal | Sekisho | Dovecot | median of the ratios | |\n|---|---|---|---|---|---|---|")
        for name, line in self.lines.items():
            ours, theirs, ratio = line.medians()
            reached = line.goal and line.goal.reached(ours, ratio)
            verdict = line.wrong or {None: "", True: "reached", False: "**missed**"}[reached]
            cells = (name, line.unit, line.goal or "", shown(ours), shown(theirs), shown(ratio), verdict)
            print("| " + " | ".join(str(cell) for cell in cells) + " |")


def shown(value):
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"

"""A simulated case as a picture: levels as lanes, the case's way through them, who is told."""

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Final
from xml.sax.saxutils import escape

from escalations.record import Status
from escalations.simulation.happenings import Happening
from escalations.simulation.lanes import Lanes
from escalations.simulation.story import Story
from escalations.simulation.words import words

LANE: Final = 46
LEFT: Final = 300
TOP: Final = 118
RIGHT: Final = 80
ROW: Final = 21
NARROWEST: Final = 1_280
_LETTER: Final = 6.4
"""How wide a letter of the list is, roughly; of the smaller ones six."""

COLOURS: Final = {
    Status.OPEN: "#2f6db3",
    Status.ON_HOLD: "url(#hold)",
    Status.RESOLVED: "#4c9a67",
    Status.WORKAROUND: "#8fc3a1",
}
MARKS: Final = {
    "reminded": ("▲", "#d98a00"),
    "hold_reminded": ("▲", "#d98a00"),
    "update_reminded": ("▲", "#d98a00"),
    "acknowledgement_expired": ("!", "#d98a00"),
    "acknowledged": ("✓", "#1d7a3e"),
    "assigned": ("✓", "#1d7a3e"),
    "breached": ("◆", "#c8322b"),
    "repeated": ("▲", "#d98a00"),
    "customer_replied": ("●", "#20303f"),
    "rejected": ("●", "#c8322b"),
    "closed": ("■", "#20303f"),
}
"""Type of entry → its mark and colour."""

_STYLE: Final = """
text { font-family: "Segoe UI", "Helvetica Neue", Arial, "Noto Sans", sans-serif; fill: #20303f; }
.title { font-size: 21px; font-weight: 600; } .lane { font-size: 14px; font-weight: 600; }
.small { font-size: 11.5px; fill: #5b6b79; } .row { font-size: 13px; }
.time { font-size: 11.5px; text-anchor: middle; } .mark { font-size: 15px; text-anchor: middle;
paint-order: stroke; stroke: #fff; stroke-width: 3px; font-weight: 700; }
.number { font-size: 10.5px; text-anchor: middle; font-weight: 600; }
"""
_NO_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def picture(story: Story) -> str:
    """The picture, as SVG; it says in words what it shows."""
    return "\n".join([*_Drawing(story).lines(), ""])


def _said(text: str) -> str:
    return escape(_NO_XML.sub("�", text))


class _Drawing:
    def __init__(self, story: Story) -> None:
        self.story, self.lanes = story, Lanes(story)
        self.words = words(story.language)
        record = story.simulation.case.record
        self.policy, self.category = record.snapshot.policy, record.request.category
        self.levels = len(self.policy.levels)
        self.bottom = TOP + (self.levels + 2) * LANE
        self.width = max(NARROWEST, LEFT + self.lanes.end + RIGHT)
        self.words_at = 250 if story.clocks_change else 215
        letters = int((self.width - self.words_at - 40) / _LETTER)
        self.rows = [(each, wrap(self._row(each), letters)) for each in self.lanes.happenings]
        self.end = wrap(story.end, letters + 20)
        rows = sum(len(lines) for _, lines in self.rows) + len(self.end)
        self.height = self.bottom + 100 + ROW * rows

    def y(self, lane: int) -> float:
        """The middle of a lane: the last level is on top, below the first the customer."""
        return TOP + (self.levels - lane) * LANE + LANE / 2

    def lines(self) -> Iterator[str]:
        """Element by element."""
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:.0f}" '
            f'height="{self.height:.0f}" viewBox="0 0 {self.width:.0f} {self.height:.0f}" '
            'role="img" aria-labelledby="title desc">'
        )
        yield f'<title id="title">{_said(self.story.title)}</title>'
        yield f'<desc id="desc">{_said(self._in_words())}</desc>'
        yield f"<style>{_STYLE}</style>"
        yield (
            '<defs><pattern id="hold" width="8" height="8" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><rect width="8" height="8" fill="#d5dbe1"/>'
            '<rect width="3" height="8" fill="#8796a5"/></pattern></defs>'
        )
        yield '<rect width="100%" height="100%" fill="#fff"/>'
        yield f'<text class="title" x="24" y="36">{_said(self.story.title)}</text>'
        yield f'<text class="row" x="24" y="60">{_said(_cut(self.story.about, 140))}</text>'
        for part in (
            self._legend(),
            self._grid(),
            self._way(),
            self._told(),
            self._marks(),
            self._list(),
        ):
            yield from part
        yield "</svg>"

    def _in_words(self) -> str:
        told = (
            f"{self.story.moment(each.at)}: {' '.join(f'{words}.' for words in each.words)}"
            for each in self.lanes.happenings
        )
        return " ".join([*told, self.story.end])

    def _legend(self) -> Iterator[str]:
        x = 24.0
        for status in COLOURS:
            yield f'<rect x="{x:.0f}" y="79" width="22" height="11" fill="{COLOURS[status]}"/>'
            yield f'<text class="small" x="{x + 28:.0f}" y="89">{self.words[status]}</text>'
            x += 48 + 6 * len(self.words[status])
        yield (
            f'<circle cx="{x + 6:.0f}" cy="85" r="4.5" fill="#fff" stroke="#20303f" '
            'stroke-width="1.5"/>'
        )
        for kind in ("told", *(each for each in MARKS if f"mark_{each}" in self.words)):
            words = self.words[f"mark_{kind}"]
            if kind in MARKS:
                sign, colour = MARKS[kind]
                yield f'<text class="mark" x="{x + 6:.0f}" y="90" ' + (
                    f'style="fill:{colour}">{sign}</text>'
                )
            yield f'<text class="small" x="{x + 18:.0f}" y="89">{_said(words)}</text>'
            x += 34 + 6 * len(words)
        yield (
            f'<text class="small" style="text-anchor:end" x="{self.width - 24:.0f}" y="60">'
            f"{_said(self.words['scale'])}</text>"
        )

    def _grid(self) -> Iterator[str]:
        for lane in range(-1, self.levels + 1):
            y = self.y(lane)
            if lane % 2:
                yield (
                    f'<rect x="0" y="{y - LANE / 2:.0f}" width="{self.width:.0f}" '
                    f'height="{LANE}" fill="#f4f6f8"/>'
                )
            name, under = self._lane_words(lane)
            middle = y + 5 if not under else y - 2
            yield f'<text class="lane" x="24" y="{middle:.0f}">{_said(_cut(name, 37))}</text>'
            if under:
                yield (
                    f'<text class="small" x="24" y="{y + 14:.0f}">{_said(_cut(under, 44))}</text>'
                )
        day = ""
        numbers = {each.at: n for n, each in reversed([*enumerate(self.lanes.happenings, 1)])}
        for at, place in self.lanes.x.items():
            x = LEFT + place
            weekday, date, time, *named = self.story.moment(at).split()
            date = " ".join([date, *named])
            yield (
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{self.bottom}" stroke="#dde3e8"/>'
            )
            yield from self._number(x, self.bottom + 14, numbers[at])
            yield f'<text class="time" x="{x:.1f}" y="{self.bottom + 38}">{time[:5]}</text>'
            if date != day:
                day = date
                yield (
                    f'<text class="small" x="{x - 16:.1f}" y="{self.bottom + 55}">'
                    f"{weekday} {date}</text>"
                )

    def _lane_words(self, lane: int) -> tuple[str, str]:
        if lane < 1:
            return self.words["customer" if lane == 0 else "others"], ""
        level = self.policy.level(lane, self.category)
        return (
            f"{lane}  {level.name}",
            f"{level.within} · {self.policy.contacts[level.contact].name}",
        )

    def _way(self) -> Iterator[str]:
        for each in self.lanes.stretches():
            x, long = LEFT + each.begins, each.ends - each.begins
            yield (
                f'<rect x="{x:.1f}" y="{self.y(each.level) - 10:.1f}" width="{long:.1f}" '
                f'height="20" rx="3" fill="{COLOURS[each.status]}"/>'
            )
        for left, to, place in self.lanes.moves():
            x = LEFT + place
            yield (
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{self.y(left):.1f}" y2="{self.y(to):.1f}" '
                'stroke="#2f6db3" stroke-width="3"/>'
            )
        if not self.story.simulation.case.closed:
            x, y = LEFT + self.lanes.end + 12, self.y(self.story.simulation.case.record.level)
            yield f'<text class="lane" x="{x - 6:.1f}" y="{y + 5:.1f}">…</text>'

    def _told(self) -> Iterator[str]:
        for lane, place, some in self.lanes.told():
            reached = all(each.address or each.waits_until for each in some)
            waits = any(each.waits_until for each in some)
            colour = ("#c9d1d9" if waits else "#fff") if reached else "#c8322b"
            who = "\n".join(f"{each.name}: {each.about} ({each.where})" for each in some)
            yield (
                f'<circle cx="{LEFT + place:.1f}" cy="{self.y(lane) + (16 if lane > 0 else 8):.1f}"'
                f' r="4.5" fill="{colour}" stroke="#20303f" '
                f'stroke-width="1.5"><title>{_said(who)}</title></circle>'
            )

    def _marks(self) -> Iterator[str]:
        for each in self.lanes.marks([*MARKS]):
            sign, colour = MARKS[each.kind]
            above = 13 if each.level > 0 else 4
            yield (
                f'<text class="mark" x="{LEFT + each.x:.1f}" y="{self.y(each.level) - above:.1f}" '
                f'style="fill:{colour}">{sign}</text>'
            )

    def _number(self, x: float, y: float, number: int) -> Iterable[str]:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="#e6ebf0"/>'
        yield f'<text class="number" x="{x:.1f}" y="{y + 3.7:.1f}">{number}</text>'

    def _row(self, happening: Happening) -> str:
        who = ", ".join(dict.fromkeys(each.name for each in happening.told if not each.waits_until))
        said = " · ".join(happening.words) + (f"  → {who}" if who else "")
        if happening.last_at is None:
            return said
        last = self.story.moment(happening.last_at)
        return f"{said}  {self.words['more'].format(count=happening.more, at=last)}"

    def _list(self) -> Iterator[str]:
        y = self.bottom + 92
        for number, (each, rows) in enumerate(self.rows, 1):
            yield from self._number(34, y - 4, number)
            yield f'<text class="row" x="54" y="{y}">{_said(self.story.moment(each.at))}</text>'
            for row in rows:
                yield f'<text class="row" x="{self.words_at}" y="{y}">{_said(row)}</text>'
                y += ROW
        for row in self.end:
            yield (
                f'<text class="row" style="font-weight:600" x="24" y="{y + 8}">{_said(row)}</text>'
            )
            y += ROW


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"

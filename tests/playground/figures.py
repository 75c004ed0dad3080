"""The figures of the worked examples, as the sandbox is to show them: written out, not computed.

E11 is what E1 and E3 earned, and has no story of its own.
"""

from __future__ import annotations

import re

from attrs import frozen


@frozen
class Seen:
    """What stands there at an instant: the amounts of each invoice so far, lines and then what is
    due; the badge; to how many features, and to its seats, the answer is yes; the plan held; a few
    words of what it is told.
    """

    now: str
    invoices: tuple[tuple[str, ...], ...]
    badge: str = "Active"
    may: int = 7
    plan: str = "Pro"
    told: str = ""

    def stands_in(self, shown: str) -> bool:
        """Whether the HTML that the sandbox shows in English says the same to a reader."""
        _, invoices = shown.split("<h2>Invoices</h2>")
        bills = re.findall(r'<div class="sandbox-bill">(.*?)<details>', invoices)
        amounts = [tuple(re.findall(r"<td>(-?\$[^<]*)</td>", bill)) for bill in bills]
        badge, plan, *_ = (
            re.sub("<.*?>", "", each) for each in re.findall("<dd>(.*?)</dd>", shown)
        )
        (notices,) = re.findall(r"<h2>What it is told</h2>(.*?)<h2>", shown)
        assert tuple(reversed(amounts)) == self.invoices, self.now
        assert (badge, plan) == (self.badge, self.plan), self.now
        assert shown.count('<tr class="yes">') == self.may, self.now
        assert self.told in notices, self.now
        return True


PRO_3 = ("$57.00", "$57.00")
PRO_5 = ("$95.00", "$95.00")
MOVED_UP = ("-$57.14", "$117.29", "$60.15", "$60.15")
ULTIMATE_5 = ("$195.00", "$195.00")
TRIAL_OVER = ("$76.00", "$76.00")
CHANGED = ("-$47.58", "$79.29")

FIGURES: dict[str, tuple[Seen, ...]] = {
    "E1": (
        Seen("2026-02-15T08:59", (PRO_3,)),
        Seen("2026-02-15T09:00", (PRO_3,) * 2),
        Seen("2026-03-31T23:59", (PRO_3,) * 3),
    ),
    "E2": tuple(
        Seen(now, (("$19.00", "$19.00"),) * count)
        for now, count in (
            ("2026-02-27T23:59", 1),
            ("2026-02-28T00:00", 2),
            ("2026-03-31T00:00", 3),
            ("2026-04-29T23:59", 3),
            ("2026-04-30T00:00", 4),
            ("2026-05-31T00:00", 5),
        )
    ),
    "E3": (
        Seen("2026-10-27T17:29", (PRO_5,)),
        Seen("2026-10-27T17:30", (PRO_5, MOVED_UP), may=11, plan="Ultimate"),
        Seen("2026-11-15T09:00", (PRO_5, MOVED_UP, ULTIMATE_5), may=11, plan="Ultimate"),
    ),
    "E4": (
        Seen("2026-11-15T08:59", (PRO_5,), told="move to the Free plan on November 15, 2026"),
        Seen("2026-11-15T09:00", (PRO_5,), badge="Free", may=1, plan="Free"),
        Seen("2026-12-31T00:00", (PRO_5,), badge="Free", may=1, plan="Free"),
    ),
    "E5": (
        Seen(
            "2026-04-30T22:12",
            (("$10.00", "$10.00"), ("-$0.03", "$0.04", "$0.01", "-$0.01", "$0.00")),
            plan="eighteen",
        ),
    ),
    "E6": (
        Seen("2026-03-31T11:59", (), badge="Trial: 1 day left"),
        Seen("2026-03-31T12:00", (TRIAL_OVER,)),
        Seen("2026-04-30T12:00", (TRIAL_OVER,) * 2),
        Seen("2026-05-31T12:00", (TRIAL_OVER,) * 3),
    ),
    "E7": (
        Seen("2026-03-31T11:59", (), badge="Trial: 1 day left"),
        Seen(
            "2026-03-31T12:00",
            (),
            badge="Trial ended",
            may=1,
            plan="Free",
            told="The team has 4 members, 3 more than the limit of 1.",
        ),
    ),
    "E8": (
        Seen("2026-02-27T23:59", (PRO_3,) * 2, badge="Past due"),
        Seen("2026-02-28T00:00", (PRO_3,) * 2, badge="Limited", may=1),
        Seen("2026-03-15T08:59", (PRO_3,) * 2, badge="Limited", may=1),
        Seen("2026-03-15T09:00", (PRO_3,) * 2, badge="Free", may=1, plan="Free"),
    ),
    "E9": (
        Seen("2026-10-27T08:59", (PRO_3,)),
        Seen(
            "2026-10-27T09:00",
            (PRO_3, (*CHANGED, "-$58.22", "$119.52", "$93.01", "$93.01")),
            may=11,
            plan="Ultimate",
        ),
    ),
    "E9 classic": (
        Seen(
            "2026-10-27T09:00",
            (PRO_3, (*CHANGED, "-$58.23", "$119.52", "$93.00", "$93.00")),
            may=11,
            plan="Ultimate",
        ),
    ),
    "E10": tuple(
        Seen(
            now,
            (PRO_5, ("-$57.14", "$900.00", "$842.86", "$842.86"), *renewed),
            plan="pro_yearly",
        )
        for now, renewed in (
            ("2026-10-27T17:30", ()),
            ("2027-10-27T17:29", ()),
            ("2027-10-27T17:30", (("$900.00", "$900.00"),)),
        )
    ),
    "E12": (
        Seen("2026-02-22T09:59", (PRO_3,) * 2, badge="Past due"),
        Seen("2026-02-22T10:00", (PRO_3,) * 2, badge="Limited", may=1),
        Seen("2026-03-15T09:00", (PRO_3,) * 2, badge="Free", may=1, plan="Free"),
    ),
}

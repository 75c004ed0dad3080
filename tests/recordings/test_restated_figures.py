"""A dozen recorded figures in our own table, so that a clone alone proves the rules."""

from __future__ import annotations

import pytest

from chatim_plans import Cycle, Period
from tests.instants import from_unix

# Signed price of the whole period, part, whole (Unix seconds), amount Stripe wrote; and its source.
STRIPE_LINES = [
    # Kiln-AI/stripe_world, 01_proration_half_cent: flexible mode, exact halves.
    pytest.param(1800, (1792606824, 1792613304), (1790021304, 1792613304), 4, id="charge of 4.5"),
    pytest.param(-1000, (1792606838, 1792613318), (1790021318, 1792613318), -3, id="credit of 2.5"),
    # Kiln-AI/stripe_world, probe_proration_settlement: a third left.
    pytest.param(-2000, (1791747915, 1792611915), (1790019915, 1792611915), -667, id="a third"),
    # Kiln-AI/stripe_world, probe_proration_invoices: a line of zero.
    pytest.param(1000, (1792611638, 1792611641), (1790019641, 1792611641), 0, id="three seconds"),
    # codecov/gazebo, account mocks: 21 seats off, 23 seats on.
    pytest.param(-25200, (1634910008, 1636479475), (1633801075, 1636479475), -14766, id="21 seats"),
    pytest.param(27600, (1634910008, 1636479475), (1633801075, 1636479475), 16173, id="23 seats"),
    # docs.stripe.com, billing/subscriptions/prorations.
    pytest.param(3252, (1598982148, 1599427688), (1596749288, 1599427688), 541, id="docs charge"),
    pytest.param(-1000, (1598982148, 1599427688), (1596749288, 1599427688), -166, id="docs credit"),
    # blockjoy/blockvisor-app-web, invoice mocks: 5 seats of 1880.00.
    pytest.param(940000, (1719913200, 1722511445), (1719833045, 1722511445), 911869, id="large"),
    # bitwarden/server: three seats off, and a year's plan.
    pytest.param(-3000, (1788387520, 1789769920), (1787091520, 1789769920), -1548, id="3 seats"),
    pytest.param(-1980, (1788901346, 1819141346), (1787605346, 1819141346), -1899, id="a year"),
]

# Anchor, interval in months, and the period that Stripe gave, in Unix seconds.
STRIPE_PERIODS = [
    pytest.param(1630287685, 1, (1630287685, 1632966085), id="sub_K8G176AvGbM4c6, from the 30th"),
    pytest.param(1570122777, 1, (1580749977, 1583255577), id="sub_FvOedh0SsaUVni, four months on"),
    pytest.param(1682101593, 12, (1682101593, 1713723993), id="sub_1MzOfDKXBGcbgpbZIfqU3yZ2, leap"),
]


@pytest.mark.parametrize(("anchor", "months", "period"), STRIPE_PERIODS)
def test_a_period_that_stripe_gave(anchor: int, months: int, period: tuple[int, int]) -> None:
    """Rule T3: the period follows from the anchor alone."""
    found = Cycle(from_unix(anchor), months).period_holding(from_unix(period[0]))
    assert found == Period(*map(from_unix, period))

"""What the service keeps, in SQLite: facts, events that are done, choices not paid yet, alarms."""

import json
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TypeAlias

from chatim_plans import CHATIM, Subscription
from chatim_plans.wire import WireFormat

WIRE = WireFormat(catalogs=(CHATIM,))  # every edition that was ever sold, oldest first

_TABLES = """
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS customers (id TEXT PRIMARY KEY, facts TEXT, version INTEGER);
    CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS choices (customer TEXT PRIMARY KEY, plan TEXT);
    CREATE TABLE IF NOT EXISTS alarms
        (event TEXT PRIMARY KEY, customer TEXT, at TEXT, error TEXT);
"""

Kept: TypeAlias = tuple[Subscription | None, int]
"""The facts of a customer, None where there are none, and how often they were kept."""


class Store:
    """One database; a connection for each question, as threads share none."""

    def __init__(self, path: str) -> None:
        self._path = path
        with closing(self._connected()) as db:
            db.executescript(_TABLES)

    def facts(self, customer: str) -> Kept:
        """What is kept of a customer."""
        with closing(self._connected()) as db:
            return _facts(db, customer)

    def keep(self, customer: str, facts: Subscription, since: Kept, event: str | None) -> bool:
        """Keep facts, and after them that an event is done; not if others were kept meanwhile.

        It is one transaction: if the facts are not kept, the event is not done.
        """
        with self._transaction() as db:
            if _facts(db, customer) != since:
                return False
            row = (customer, json.dumps(WIRE.document(facts)), since[1] + 1)
            db.execute("INSERT OR REPLACE INTO customers VALUES (?, ?, ?)", row)
            db.execute("DELETE FROM alarms WHERE customer = ?", (customer,))
            if event is not None:
                _is_done(db, event)
            return True

    def customers(self) -> set[str]:
        """The customers of whom facts are kept."""
        with closing(self._connected()) as db:
            return {customer for (customer,) in db.execute("SELECT id FROM customers")}

    def knows(self, event: str) -> bool:
        """Whether the work of an event is done."""
        with closing(self._connected()) as db:
            found = db.execute("SELECT id FROM events WHERE id = ?", (event,))
            return found.fetchone() is not None

    def pass_over(self, event: str) -> None:
        """Note that an event needs no work."""
        with self._transaction() as db:
            _is_done(db, event)

    def choice(self, customer: str) -> str | None:
        """The plan that waits for its payment."""
        with closing(self._connected()) as db:
            found = db.execute("SELECT plan FROM choices WHERE customer = ?", (customer,))
            return next((plan for (plan,) in found), None)

    def set_choice(self, customer: str, plan: str | None) -> None:
        """Note the plan that waits for its payment, or that none does."""
        with self._transaction() as db:
            db.execute("DELETE FROM choices WHERE customer = ?", (customer,))
            if plan is not None:
                db.execute("INSERT INTO choices VALUES (?, ?)", (customer, plan))

    def alarm(self, event: str, customer: str | None, at: datetime, error: Exception) -> None:
        """Keep that the work of an event failed, until it is done or its customer was read."""
        with self._transaction() as db:
            row = (event, customer, at.isoformat(), repr(error))
            db.execute("INSERT OR REPLACE INTO alarms VALUES (?, ?, ?, ?)", row)

    def alarms(self) -> list[tuple[str, str | None, str, str]]:
        """Events whose work failed and is not done yet: their customer, when, and the error."""
        with closing(self._connected()) as db:
            return db.execute("SELECT * FROM alarms ORDER BY at").fetchall()

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, isolation_level=None)

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection, None, None]:
        """All that is written in it is kept, or nothing is."""
        with closing(self._connected()) as db, db:
            db.execute("BEGIN IMMEDIATE")  # a second writer waits here, and is not refused later
            yield db


def _facts(db: sqlite3.Connection, customer: str) -> Kept:
    row = db.execute("SELECT facts, version FROM customers WHERE id = ?", (customer,)).fetchone()
    return (None, 0) if row is None else (WIRE.value(json.loads(row[0]), Subscription), row[1])


def _is_done(db: sqlite3.Connection, event: str) -> None:
    db.execute("INSERT OR IGNORE INTO events VALUES (?)", (event,))
    db.execute("DELETE FROM alarms WHERE event = ?", (event,))

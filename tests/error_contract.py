"""What every error of the library is: it carries its values, says a sentence, copies and chains."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import TypeAlias

import attrs
import pytest

from chatim_plans import PlansError

MadeError: TypeAlias = tuple[Callable[[], PlansError], Callable[[], dict[str, object]], str]
"""How an error is made, the values it carries, and its whole sentence."""


def carried(error: PlansError) -> dict[str, object]:
    """The values of an error, by name; the word of a refusal follows from its class or its place."""
    fields = attrs.fields(type(error))  # type: ignore[arg-type]  # every error below PlansError
    return {field.name: getattr(error, field.name) for field in fields if field.name != "refusal"}


class ErrorContract:
    """Parametrize a class that derives from this by `make`, `values`, `sentence`."""

    def test_error_carries_itscarried(
        self, make: Callable[[], PlansError], values: Callable[[], dict[str, object]], sentence: str
    ) -> None:
        """Each error has the values it is about as attributes."""
        assert carried(make()) == values(), sentence

    def test_error_reads_as_a_sentence(
        self, make: Callable[[], PlansError], values: Callable[[], dict[str, object]], sentence: str
    ) -> None:
        """Each error's message, in full, says what was given and what to do."""
        assert str(make()) == sentence, values()

    @pytest.mark.parametrize(
        "again",
        [
            copy.copy,
            copy.deepcopy,
            *(lambda e, p=p: pickle.loads(pickle.dumps(e, p)) for p in range(6)),
        ],
    )
    def test_error_survives_pickle_and_copy(
        self,
        make: Callable[[], PlansError],
        values: Callable[[], dict[str, object]],
        sentence: str,
        again: Callable[[PlansError], PlansError],
    ) -> None:
        """A pickled or copied error is of the same class, with the same values and sentence."""
        error = make()
        twin = again(error)
        assert (type(twin), carried(twin), str(twin)) == (type(error), values(), sentence)
        assert getattr(twin, "refusal", None) is getattr(error, "refusal", None)

    def test_error_can_be_raised_chained_and_noted(
        self, make: Callable[[], PlansError], values: Callable[[], dict[str, object]], sentence: str
    ) -> None:
        """Python can set an error's cause, traceback and notes: the errors are not frozen."""
        cause = KeyError("inner")
        with pytest.raises(PlansError) as caught:
            raise make() from cause
        caught.value.add_note("of account 7")
        assert (caught.value.__cause__, caught.value.__notes__, str(caught.value)) == (
            cause,
            ["of account 7"],
            sentence,
        ), values()

    def test_error_is_equal_only_to_itself(
        self, make: Callable[[], PlansError], values: Callable[[], dict[str, object]], sentence: str
    ) -> None:
        """Errors compare and hash by identity, as every exception does."""
        error = make()
        assert (error == make(), len({error, error, make()})) == (False, 2), (values(), sentence)

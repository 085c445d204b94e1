"""Law of key rotation: at any time of a day, a rotation changes the tokens of verdicts and nothing else."""

import random
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.context import AgentContext
from agents.rules.publish.mask import Key, Masker
from tests.support.batch import CONTEXT
from tests.support.random_day import Answers, arrivals, day, published

NEW = Key("k2", b"another key for tests, and for nothing else.")
READY = replace(CONTEXT, masker=Masker.of([CONTEXT.masker.key, NEW]))
ROTATED = replace(CONTEXT, masker=Masker.of([NEW, CONTEXT.masker.key]))
TOKEN_FIELDS = ("id", "card_token", "user_token", "device_token", "episode_id")


def key_id(answer: dict[str, Any]) -> str:
    """Return the key id of all tokens of a verdict. It is an error if they have different ones."""
    (found,) = {answer[name].split("_")[1] for name in ("id", "card_token", "user_token", "device_token")}
    return str(found)


def without_tokens(answers: Answers) -> dict[str, dict[str, Any]]:
    """Return the newest revisions with each token replaced by whether it is absent."""
    return {
        name: {key: value is None if key in TOKEN_FIELDS else value for key, value in answer.items()}
        for name, answer in answers.newest.items()
    }


@given(st.integers(0, 2**32), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=15, deadline=None)
def test_a_rotation_at_any_time_changes_only_tokens(seed: int, first: float, second: float) -> None:
    arriving = arrivals(day(random.Random(seed)), random.Random(seed))
    end_s = arriving[-1][0]
    ready_s, rotated_s = sorted((first * end_s, second * end_s))

    def context_at(at_s: float) -> AgentContext:
        return CONTEXT if at_s < ready_s else READY if at_s < rotated_s else ROTATED

    without_rotation = Answers(published(arriving, random.Random(seed)))
    rotated = published(arriving, random.Random(seed), context_at)
    assert without_tokens(Answers(rotated)) == without_tokens(
        without_rotation
    )  # revisions have no gaps, so none is published twice
    assert len({one["id"] for one in rotated}) == len({one["transaction_id"] for one in rotated})
    assert {key_id(one) for one in rotated} <= {"k1", "k2"}

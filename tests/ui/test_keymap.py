from __future__ import annotations

import pytest

from chikitsa_tui.keymap import CATALOGUE, RESERVED, SCOPES, clashes, load_keys, split_keys
from store.errors import WrongConfiguration


def problems(wanted: dict[str, str]) -> list[str]:
    with pytest.raises(WrongConfiguration) as refused:
        load_keys(wanted)
    found: list[str] = refused.value.details["problems"]
    return found


def test_the_house_keys_do_not_clash() -> None:
    assert clashes(CATALOGUE, {}) == []


def test_every_action_has_one_id_a_named_scope_and_words() -> None:
    ids = [action.id for action in CATALOGUE]
    assert len(ids) == len(set(ids))
    for action in CATALOGUE:
        assert action.scope in SCOPES, action.id
        assert all((action.words, action.help, action.keys)), action.id


def test_the_same_verb_has_the_same_key_everywhere() -> None:
    by_verb: dict[str, set[str]] = {}
    for action in CATALOGUE:
        verb = action.id.partition(".")[2]
        if verb in {"edit", "cancel", "undo", "find", "check-in", "walk-in"}:
            by_verb.setdefault(verb, set()).add(action.keys.split(",")[0])
    assert all(len(keys) == 1 for keys in by_verb.values()), by_verb


def test_letters_that_move_do_nothing_else() -> None:
    for action in CATALOGUE:
        if action.scope != "move":
            assert not set(split_keys(action.keys)) & {"h", "j", "k", "l", "g", "G"}, action.id


def test_own_keys_replace_the_house_keys() -> None:
    assert load_keys({"queue.check-in": "i", "app.help": "?,f11"}) == {
        "queue.check-in": "i",
        "app.help": "question_mark,f11",
    }


def test_an_unknown_action_names_the_nearest() -> None:
    assert problems({"queue.chek-in": "i"}) == [
        "[ui.keys] knows no action queue.chek-in; did you mean queue.check-in?"
    ]


def test_a_key_taken_twice_is_refused() -> None:
    (sentence,) = problems({"queue.check-in": "x"})
    assert "queue.check-in" in sentence
    assert "queue.cancel" in sentence


def test_a_key_that_is_needed_everywhere_is_refused() -> None:
    assert any("move.down" in sentence for sentence in problems({"queue.check-in": "j"}))


@pytest.mark.parametrize("key", sorted(RESERVED))
def test_a_reserved_key_is_refused_with_the_reason(key: str) -> None:
    assert any(RESERVED[key] in sentence for sentence in problems({"queue.check-in": key}))


def test_an_action_may_not_lose_its_key() -> None:
    assert "no key" in problems({"queue.check-in": " , "})[0]


def test_leaving_needs_a_key_that_is_not_typed() -> None:
    assert any("types into a field" in sentence for sentence in problems({"app.quit": "Q"}))


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert len(problems({"no.such": "i", "queue.check-in": "ctrl+z"})) == 2

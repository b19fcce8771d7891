"""Paths are read and printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.findings import FindingError
from studio.network.paths import Path, Slice, Step, did_you_mean, natural, parse

INDEX = (
    st.integers(0, 10**6)
    | st.just("*")
    | st.builds(Slice, st.none() | st.integers(-9, 9), st.none() | st.integers(-9, 9), st.none() | st.integers(1, 9))
)
STEP = st.builds(Step, st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True), st.lists(INDEX, max_size=3).map(tuple))
PATH = st.lists(STEP, min_size=1, max_size=4).map(lambda steps: Path(tuple(steps)))


@given(PATH)
def test_a_printed_path_reads_back(path: Path) -> None:
    assert parse(str(path)) == path


@pytest.mark.parametrize("text", ["exc", "cols[1].exc", "cols[*].exc.tau_m", "exc[0:100:2]", "exc[3, :]", "[1].exc.tau_m", "exc[-10:]"])
def test_the_paths_of_the_design_print_as_written(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "a[",
        "a]",
        "a[]",
        "a[x]",
        "a[0:5:0]",
        "a[1][2]",
        "a b",
        "a[1]b",
        "a.[1]",
        "ä",
        "a[1.5]",
        "a[0:1:2:3]",
        "a[-1]",
        "a[99999999999999999999]",
    ],
)
def test_a_malformed_path_is_refused_in_words(text: str) -> None:
    with pytest.raises(FindingError) as error:
        parse(text)
    assert error.value.findings[0].code == "path.syntax"


@given(st.text(max_size=20))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    try:
        assert str(parse(text)).replace(" ", "") == text.replace(" ", "") or "[" in text
    except FindingError as error:
        assert error.findings[0].code == "path.syntax"


def test_p2_comes_before_p10() -> None:
    assert sorted(["p10", "p2", "p1", "exc", "p1a"], key=natural) == ["exc", "p1", "p1a", "p2", "p10"]


def test_the_nearest_word_is_suggested() -> None:
    assert did_you_mean("taum", ["tau_m", "v_th"]) == "Did you mean “tau_m”?"
    assert did_you_mean("zzz", ["a", "b"]) == "There is a, b."
    assert did_you_mean("zzz", []) == ""

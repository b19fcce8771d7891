"""`studio run --wait` lets the devices of a network wait."""

from __future__ import annotations

from argparse import ArgumentParser

import pytest

from studio.cli import asked, run
from studio.cli.exits import UsageError
from studio.network.build import Network
from studio.network.flat import Wait


def given(*words: str) -> Network:
    parser = ArgumentParser()
    run.arguments(parser)
    net = Network("waiting")
    net.population("cells", 3)
    net.wait(10, 5)
    return Network(document=asked.with_run(net.document, parser.parse_args(["some.snn.json", *words])))


def test_waits_are_added_to_those_of_the_document() -> None:
    assert given("--wait", "500:1 d", "--wait", "0.6 s:90").flatten().run.events == (
        Wait(10.0, 5.0),
        Wait(500.0, 86400.0),
        Wait(600.0, 90.0),
    )
    assert given().flatten().run.events == (Wait(10.0, 5.0),)


@pytest.mark.parametrize("text", ["500", "soon:1 d", "500:", ":1 d"])
def test_what_is_no_wait_is_refused_in_words(text: str) -> None:
    with pytest.raises(UsageError, match="500:1 d"):
        given("--wait", text)

"""The report as a page: what it says, that it needs nothing else, and that it is the same every time."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from studio.compile.report import Floor, Loss, PathReport, Report, Tile, Use
from studio.findings import Finding
from studio.views.compiled import in_theme, page, write

VOID = {"meta", "br", "rect", "line", "path", "circle"}
COMPARISON = {
    "duration_ms": 1000.0,
    "dt_ms": {"ideal": 0.1, "chip": 1.0},
    "complete": True,
    "replayed": {"exact": True, "difference": ""},
    "populations": {
        "exc": {"spikes": [100, 98], "rate": [10.0, 9.8], "rate_error": 0.02, "same": 0.5, "van_rossum": 1.5, "victor_purpura": None, "tau": 10.0, "cost": 0.1}
    },
    "outputs": {"exc.v": {"rms": 0.1, "largest": 0.4, "range": 20.0, "unit": "mV", "correlation": 0.91,
              "neuron": 4, "t_ms": [1.0, 2.0, 3.0], "ideal": [-65.0, None, -60.0], "chip": [-65.0, -64.0, -61.0]}},
    "learnt": {"p9": {"rms": 0.02, "largest": 0.4, "range": 1.0, "correlation": None, "unit": "nA", "synapses": 12}},
    "task": {"readout": "exc", "n": 400, "ideal": 0.97, "chip": 0.955, "interval": {"ideal": [0.95, 0.98], "chip": [0.93, 0.97]}, "agree": 0.98, "chance": 0.1},
    "raster": {"within_ms": 2.0, "to_ms": 100.0, "bin_ms": 50.0, "of": 5, "populations": {"exc": {
        "neurons": [3, 7], "fired": 9, "row": [0, 1, 1], "ms": [10.0, 20.0, 60.0], "kind": [0, 1, 2],
        "bins": {"both": [1, 0], "ideal": [1, 0], "chip": [0, 1]}}}},
    "counters": {"exc": {"saturated": 3, "overflow": 0}},
    "passed": True,
    "failures": [],
}  # fmt: skip
TRAFFIC = {
    "measured": True,
    "events_per_s": {"spikes": 1200.0, "hops_x": 0.0},
    "links": {"from": [[0, 0, 0]], "to": [[0, 1, 0]], "events": [2e6], "capacity": [1e6], "paths": ["exc"]},
    "n_links": 1,
    "cores": {"core": [0], "synaptic": [5e5], "busy": [0.25], "busiest": [1.5], "paths": ["exc"]},
    "n_cores": 1,
    "binding": {"kind": "core", "core": 0, "busy": 0.25, "busiest": 1.5, "path": "exc"},
}
ENERGY = {
    "measured": True,
    "seconds": 1.0,
    "joules": 3.5e-6,
    "watts": 3.5e-6,
    "joules_per_synaptic_event": 2.4e-11,
    "boundaries": ["core"],
    "terms": [{"name": "synapse", "what": "synaptic events", "count": 1e5, "each": 33.6, "joules": 3.36e-6, "boundary": "core", "source": "SANA-FE", "mark": "source"}],
    "not_counted": ["idle"],
    "latency": {"steps": 1000, "busiest_share_of_a_step": 1.5, "free_running_s": 0.25},
}  # fmt: skip


@pytest.fixture
def report() -> Report:
    """Everything that a report can hold."""
    wrong = Finding("fit.fan_in", "error", "exc", "It hears <too> much.", "Set p1.connector.k to 4.")
    full = Use("in_axons", 320, 256, "", "core 0")
    return Report(
        target="mock",
        title="Mock & Co",
        name="A <b>network</b>",
        hash="0123456789abcdef",
        dialect="plain",
        unverified="There is no such machine.",
        paths={"exc": PathReport("exc", "population", 2, (full,), (), (wrong,)), "p1": PathReport("p1", "projection")},
        totals=(Use("cores", 2, 16),),
        floor=Floor("mesh", 4, 4, 1, 1, 1, (Tile(0, 0, 0, 0, (("exc", 10),), 1.25), Tile(5, 0, 1, 1, (("exc", 5), ("inh", 5)), 0.5)), (((0, 0, 0), (0, 1, 0), 2e6),)),
        losses=(Loss("p1", "weight", "rounded", 3, 4, 0.25, "mV", "Weights in steps of 0.5 mV."),),
        findings=(wrong,),
        settings={"bits": 8, "route": {"multicast": True}},
        timings_ms={"place": 1.5},
        energy=ENERGY,
        traffic=TRAFFIC,
        comparison=COMPARISON,
        files=("program.txt",),
    )  # fmt: skip


class Reader(HTMLParser):
    """Whether every element that begins ends, and what a page would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action") or name.startswith("on")]
        if tag == "script":
            self.fetched.append("script")
        if tag not in VOID or (tag in ("line", "rect", "path") and not (self.get_starttag_text() or "").endswith("/>")):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def test_the_page_needs_nothing_else_and_says_everything(report: Report) -> None:
    reader = read(page(report))
    assert reader.fetched == []
    text = " ".join(reader.text)
    for said in (
        "A <b>network</b>", "It does not fit Mock & Co: 1 thing has to change.", "It hears <too> much.", "Set p1.connector.k to 4.", "In axons", "Weights in steps of 0.5 mV.",
        "agrees exactly with the emulator", "95.5 %", "93.0 % to 97.0 %", "9.8", "synaptic events", "Boundary: core", "read in the source", "Core 0 binds: it works 150.0 % of a step",
        "2 M/s of 1 M/s", "There is no such machine.", "1.5 ms", "program.txt", "saturated", "2 cores on 1 chip",
        "neuron 4, which differs most", "from -65 to -60 mV", "0.91", "p9", "0.02 nA", "both runs, within 2 ms", "2 of the 9 neurons that fired", "1 of 5 populations", "columns of 50 ms, the highest 2",
    ):  # fmt: skip
        assert said in text, said


def test_the_page_of_a_report_is_that_of_its_json(report: Report) -> None:
    assert page(json.loads(json.dumps(report.to_json()))) == page(report)


def test_the_page_can_be_as_light_as_what_stands_round_it(report: Report) -> None:
    assert '<html lang="en" style="color-scheme: dark">' in in_theme(page(report), "dark")


def test_a_small_report_has_no_empty_parts(report: Report) -> None:
    bare = Report("mock", "Mock", "bare", "", "", "", {})
    html = page(bare)
    read(html)
    assert "It fits Mock as it is." in html and "<table" not in html and html.count("<section>") == 0


def test_the_picture_of_both_runs_has_a_mark_for_every_spike(report: Report) -> None:
    html = page(report)
    assert [html.count(f'<path class="by-{kind}" d="M') for kind in ("both", "ideal", "chip")] == [1, 1, 1]
    assert html.count(f'<rect class="by-{"chip"}" x="') == 2, "in the legend, and a column"


def test_of_a_large_chip_the_used_corner_is_drawn(report: Report) -> None:
    tiles = (Tile(65 * 50 + 40, 0, 40, 50, (("exc", 3),), 0.5), Tile(65 * 60 + 41, 0, 41, 60, (("exc", 3),), 1.0))
    large = replace(report, floor=Floor("mesh", 65, 65, 1, 1, 1, tiles, (((0, 40, 50), (0, 41, 50), 5.0), ((0, 3, 3), (0, 3, 4), 5.0))))
    html = page(large)
    read(html)
    assert "4,121 empty cores beyond are not drawn" in html, "8 by 13 of 65 by 65 are"
    drawn = html[html.index('<svg class="floor"') :].partition("</svg>")[0]
    assert drawn.count("<line") == 1, "the other link lies beyond"
    assert drawn.count("h.84v.84") == 8 * 13 - 2, "empty cores"


def test_what_is_said_of_many_places_stands_once(report: Report) -> None:
    found = tuple(Finding("lossy.model", "info", f"cols[{k}].exc", "Whole numbers.") for k in range(12))
    html = page(replace(report, findings=found))
    assert html.count("Whole numbers.") == 1 and "cols[2].exc" in html and "and 9 more" in html


def test_settings_that_hold_settings_are_folded(report: Report) -> None:
    html = page(
        replace(
            report, settings={"short": {"bits": 8, "signed": True}, "long": {f"core{k}": [1, 2, {"a": 3}] for k in range(20)}, "none": None}
        )
    )
    read(html)
    assert "bits: 8, signed: yes" in html and "<summary>20 entries</summary>" in html and "<td>None</td>" not in html


def test_what_is_written_is_the_same_every_time(report: Report, tmp_path: Path) -> None:
    written = write(report, tmp_path / "one")
    assert written.files == ("program.txt", "report.html", "report.json")
    write(replace(report, timings_ms={"place": 99.0}), tmp_path / "two")
    for name in ("report.html", "report.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_colours_are_those_of_the_house() -> None:
    import re

    from studio.views import compiled, palette

    css = (Path(compiled.__file__).parent / "style.css").read_text("utf-8")
    said = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", css))
    assert {role: pair for role, pair in said.items() if role in palette.PALETTE} == {
        role: ", ".join(palette.PALETTE[role]) for role in said if role in palette.PALETTE
    }

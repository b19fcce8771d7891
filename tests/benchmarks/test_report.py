"""The page and the plots are made of the results, and the page is not behind them."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from benchmarks import plots, report, results, svg  # noqa: E402


def measurement(who: str, threads: int, wall: float) -> results.Measurement:
    return results.Measurement(
        who=who,
        way="stored" if who == "engine" else "",
        threads=threads,
        repeat=0,
        wall_s=[wall],
        span_ms=1000.0,
        build_s=1.0,
        compile_s=0.0,
        synapses=1_000_000,
        peak_bytes=2**30,
        network_bytes=4_000_000,
        rates={},
        elapsed_s=1.0,
        cpu_s=1.0,
        wait_share=0.25,
        load=0.0,
        version="3.10.0",
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    runs = [
        measurement("engine", 2, 0.5),
        measurement("engine", 2, 1.0),
        measurement("nest", 2, 10.0),
        measurement("brian2 standalone", 1, 2.0),
    ]
    results.save("b2", {"case": "b2", "title": "A network", "measurements": runs, "problems": ["b is missing\nmore"]}, tmp_path)
    return tmp_path


def test_tables_say_what_was_measured(folder: Path) -> None:
    page = report.rendered("<!-- summary -->\nold\n<!-- /summary -->\n<!-- b2 -->\n<!-- /b2 -->\n<!-- b1 -->\n<!-- /b1 -->\n", folder)
    assert "old" not in page
    assert "| B2 | 0.500 / 0.750 (2T) | 10.0 / 10.0 (2T) | **20** / 13 | 2.00 / 2.00 (1T) | **4.0** / 2.7 |" in page
    assert "| NEST 3.10, 2T | 10.0 | 10.0 | 1.00 s | 0 s | 4.0 | 1.00 GiB | 25.0 % |" in page
    assert "Left out: b is missing" in page and "more" not in page
    assert "<!-- b1 -->\nNot measured yet.\n<!-- /b1 -->" in page
    assert report.rendered(page, folder) == page


def test_the_page_is_what_the_results_say() -> None:
    page = report.PAGE.read_text(encoding="utf-8")
    assert set(report.PARTS) <= {found[2] for found in report.MARKED.finditer(page)}
    assert page == report.rendered(page, results.FOLDER), "run python -m benchmarks report"


def test_bars_are_drawn_to_scale() -> None:
    drawn = ElementTree.fromstring(plots.bars([("A", [plots.Bar("engine", "x", 0.1), plots.Bar("nest", "y <&", 10.0)])]))
    widths = [float(e.get("width", 0)) for e in drawn if e.tag.endswith("rect")]
    assert widths[1] == pytest.approx(drawn_to(1.0)) and widths[0] == pytest.approx(2.0)
    assert any(e.text == "y <&" for e in drawn)


def drawn_to(share: float) -> float:
    """Width of a bar that ends at this share of the axis; a bar is never narrower than two."""
    return share * (860 - 60 - 285)


def test_scaling_shows_only_what_was_measured() -> None:
    points = [{"series": "rate", "x": x, "engine": {"rtf": 0.1 * x}, **({"nest": {"rtf": x}} if x < 10 else {})} for x in (1.0, 5.0, 20.0)]
    drawn = ElementTree.fromstring(plots.scaling(points))
    dots = [e.get("fill") for e in drawn if e.tag.endswith("circle")]
    assert dots.count(svg.COLOURS["engine"]) == 3 + 1 and dots.count(svg.COLOURS["nest"]) == 2 + 1  # one each is the legend's


@pytest.mark.parametrize(("value", "said"), [(0.01, "0.01"), (100, "100"), (1e3, "1,000"), (3e5, "300 k"), (1e6, "1 M")])
def test_ticks_are_said_shortly(value: float, said: str) -> None:
    assert svg.label(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0.012345, "0.0123"), (5.0, "5.00"), (73.26, "73.3"), (1234.5, "1,234"), (0.0, "0"), (float("nan"), "")]
)
def test_numbers_have_three_digits(value: float, said: str) -> None:
    assert report.digits(value) == said


def test_a_scale_has_round_ticks() -> None:
    assert svg.Scale(0.02, 300, 0, 1).ticks() == [0.1, 1.0, 10.0, 100.0]
    assert svg.Scale(-1.5, 16.5, 0, 1, log=False).ticks() == [0, 5, 10, 15]

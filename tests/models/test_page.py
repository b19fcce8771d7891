"""Model pages: everything the declaration says is on the page."""

from __future__ import annotations

import pytest

from studio.models.catalogue import builtin
from studio.models.page import contents, linked, page
from studio.models.spec import Model


@pytest.mark.parametrize("model", builtin().models, ids=lambda m: f"{m.kind}-{m.key}")
def test_a_page_names_every_parameter_state_source_and_limit(model: Model) -> None:
    text = page(model)
    assert text.startswith(f"# {model.title}\n")
    for row in (*model.params, *getattr(model, "states", ())):
        assert f"| `{row.name}` |" in text
    assert linked(model.source) in text and model.limits in text and "$$" in text
    assert all(f"| `{preset.key}` |" in text for preset in model.presets)


def test_the_contents_link_every_page() -> None:
    text = contents(builtin().models)
    assert all(f"({m.kind}_{m.key}.md)" in text for m in builtin().models)


def test_the_words_of_a_strangers_model_stay_words() -> None:
    body = {
        "kind": "neuron",
        "title": "<b>T</b>",
        "doc": "<script>x</script>",
        "states": {"v": {"start": 0, "doc": "a|b<i>"}},
        "step": "v = 0",
    }
    catalogue, _ = builtin().with_models({"mine": body})
    text = page(catalogue.get("neuron", "mine"))
    assert "<script" not in text and "<b>" not in text and "a\\|b&lt;i>" in text


def test_bounds_are_in_words() -> None:
    text = page(builtin().get("neuron", "lif"))
    assert "more than 0 ms" in text and "0 to 1000 ms" in text


def test_a_doi_is_a_link_and_what_ends_it_is_not_part_of_it() -> None:
    assert (
        linked("A (2003) doi:10.1109/TNN.2003.820440; B.")
        == "A (2003) [doi:10.1109/TNN.2003.820440](https://doi.org/10.1109/TNN.2003.820440); B."
    )
    assert linked("B, doi:10.1137/0146017.") == "B, [doi:10.1137/0146017](https://doi.org/10.1137/0146017)."


def test_a_page_shows_its_picture_its_presets_and_where_it_can_go() -> None:
    body = {
        "kind": "neuron",
        "params": {"tau": {"default": 10, "unit": "ms"}},
        "states": {"v": {"start": 0, "unit": "mV"}},
        "equations": "dv/dt = -v/tau",
        "presets": {
            "slow": {
                "title": "Slow",
                "source": "A paper, doi:10.1000/x.",
                "params": {"tau": 40},
                "kinetics": "alpha",
                "kinetics_params": {"tau": 2},
            }
        },
    }
    catalogue, findings = builtin().with_models({"mine": body})
    assert not [f for f in findings if f.severity == "error"]
    mine = catalogue.get("neuron", "mine")
    text = page(mine, "pictures/mine.svg", [("NIR", ""), ("Loihi", "No start values.")])
    assert "![How it responds](pictures/mine.svg)" in text
    assert (
        "| Slow | `slow` | `tau` = 40 ms, with `alpha` kinetics (`tau` = 2) | A paper, [doi:10.1000/x](https://doi.org/10.1000/x). |"
        in text
    )
    assert "- NIR, as it is.\n- Loihi: no start values." in text
    assert "no other format has this one" in page(mine, exports=()) and "exported" not in page(mine)


def test_families_head_the_contents() -> None:
    text = contents(builtin().models)
    assert "| Adaptive | [Adaptive exponential integrate-and-fire]" in text and "|  | [Izhikevich]" in text

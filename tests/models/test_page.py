"""Model pages: everything the declaration says is on the page."""

from __future__ import annotations

import pytest

from studio.models.catalogue import builtin
from studio.models.page import contents, page
from studio.models.spec import Model


@pytest.mark.parametrize("model", builtin().models, ids=lambda m: f"{m.kind}-{m.key}")
def test_a_page_names_every_parameter_state_source_and_limit(model: Model) -> None:
    text = page(model)
    assert text.startswith(f"# {model.title}\n")
    for row in (*model.params, *getattr(model, "states", ())):
        assert f"| `{row.name}` |" in text
    assert model.source in text and model.limits in text and "$$" in text


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

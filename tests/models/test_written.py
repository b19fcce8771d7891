"""A model as text and back: what one begins a model of one's own from means the same model, down to its kernel."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from studio.engine.kernels import Variant, render_kernel
from studio.models.authored import MAKERS, read_model
from studio.models.catalogue import builtin
from studio.models.spec import Model, Neuron
from studio.models.system import join
from studio.models.written import body_of

WRITTEN = [m for m in builtin().models if m.kind in MAKERS]


def trimmed(model: Model) -> Model:
    """Without blank lines around its texts, which mean nothing."""
    texts: dict[str, Any] = {f.name: v.strip("\n") for f in fields(model) if isinstance(v := getattr(model, f.name), str)}
    return replace(model, **texts)


@pytest.mark.parametrize("model", WRITTEN, ids=lambda m: f"{m.kind}-{m.key}")
def test_every_model_can_be_written_and_read_again(model: Model) -> None:
    read, findings = read_model(model.key, body_of(model))
    assert findings == ()
    expected = trimmed(model)
    if isinstance(expected, Neuron):
        expected = replace(expected, methods=expected.methods or (expected.method,))
    assert read == expected and read.presets == expected.presets  # type: ignore[union-attr]


@pytest.mark.parametrize("model", builtin().all("neuron"), ids=lambda m: m.key)
def test_a_documents_own_neuron_runs_the_same_compiled_kernel(model: Neuron) -> None:
    """The text of a kernel names its file in the cache: the same text is the same machine code, and the same speed."""
    own, _ = builtin().with_models({"mine": body_of(model)})
    receptors = (builtin().get("kinetics", "exponential"),)
    mine, theirs = join(own.get("neuron", "mine"), receptors), join(model, receptors)
    assert render_kernel(mine, Variant()).source == render_kernel(theirs, Variant()).source


def test_a_source_is_not_written_as_text() -> None:
    with pytest.raises(ValueError, match="source"):
        body_of(builtin().get("source", "poisson"))

"""A weight that stays."""

from studio.models.spec import Plasticity

MODEL = Plasticity(
    key="static",
    title="Static",
    family="No learning",
    doc="The weight stays as it is.",
    source="The weight of the document.",
    limits="Does not learn.",
    plastic=False,
)

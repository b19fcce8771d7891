"""Equal indices."""

from studio.models.spec import Connector, OneToOne

MODEL = Connector(
    key="one_to_one",
    title="One to one",
    family="Without chance",
    doc="Source element k connects to target k; both sides have the same size.",
    source="NEST rule one_to_one.",
    limits="Both sides must have the same size.",
    lower=lambda p, n_source, n_target: OneToOne(),
    expected=lambda p, n_source, n_target: float(min(n_source, n_target)),
    random=False,
    formulas=(r"\forall\, k:\; k \to k",),
)

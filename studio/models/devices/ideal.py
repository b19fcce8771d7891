"""A number that is stored as it is."""

from studio.models.spec import Device

MODEL = Device(
    key="ideal",
    title="Ideal",
    family="Idealised",
    doc="The weight is stored exactly; a requested change happens in full.",
    source="A floating-point number.",
    limits="No noise, no bounds, no drift, no faults.",
)

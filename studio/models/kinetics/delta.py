"""A voltage jump."""

from studio.models.spec import Kinetics

MODEL = Kinetics(
    key="delta",
    title="Delta (voltage jump)",
    family="Voltage jumps",
    doc="A spike moves the target's voltage by the weight, at once.",
    source="NEST iaf_psc_delta; the limit of a very short current pulse of charge w * c_m.",
    limits="No time course. Nothing happens while the target's voltage is held in its refractory time.",
    jump="v += w",
    weight_unit="mV",
)

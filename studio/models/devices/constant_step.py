"""A device whose pulses all do the same until a bound is reached."""

from studio.models.devices import pulses as p
from studio.models.spec import Device, Preset

GOKMEN = "Gokmen T, Vlasov Y (2016) Acceleration of deep neural network training with resistive cross-point devices. doi:10.3389/fnins.2016.00333"

MODEL = Device(
    key="constant_step",
    title="Constant step",
    doc="Each pulse moves the weight by one step, up or down, until it meets a bound.",
    family="Idealised",
    source=f"{GOKMEN}; aihwkit's ConstantStepDevice.",
    limits=p.LIMITS + " No real device is as linear as this.",
    params=p.params(dw_min=0.001),
    presets=(
        Preset(
            "idealized",
            "Idealised, 10,000 states",
            "Rasch MJ, Gokmen T, Haensch W (2019) Training large-scale artificial neural networks on simulated resistive crossbar arrays. doi:10.1109/MDAT.2019.2952341; aihwkit's IdealizedPresetDevice.",
            {"dw_min": 0.0001, "dw_min_dtod": 0.3, "dw_min_std": 0.3, "up_down_dtod": 0.0, "w_max_dtod": 0.3, "w_min_dtod": 0.3},
        ),
        Preset(
            "gokmen_vlasov",
            "Cross-point specification, 1,200 states",
            f"{GOKMEN}; aihwkit's GokmenVlasovPresetDevice.",
            {"dw_min": 0.0008, "dw_min_dtod": 0.3, "dw_min_std": 0.3, "up_down_dtod": 0.01, "w_max_dtod": 0.3, "w_min_dtod": 0.3},
        ),
    ),
    states=p.STATES,
    program=p.PROGRAM,
    write=p.written("1"),
)

"""A device whose step shrinks in proportion to the weight: soft bounds, ECRAM, filamentary arrays."""

from studio.models.devices import pulses as p
from studio.models.spec import Device, Param, Preset, State

GONG_2018 = "Gong N et al. (2018) Signal and noise extraction from analog memory elements for neuromorphic computing. doi:10.1038/s41467-018-04485-1"
GONG_2022 = "Gong N et al. (2022) Deep learning acceleration in 14nm CMOS compatible ReRAM array: device, material and algorithm co-optimization. doi:10.1109/IEDM45625.2022.10019569"
ARRAY = {
    "up_down": 0.0, "up_down_dtod": 0.01, "gamma_up": 1.0, "gamma_down": 1.0, "gamma_up_dtod": 0.0, "gamma_down_dtod": 0.0, "x_ref": 0.5,
    "slopes": "own", "noise": "additive", "dw_min_law": "lognormal", "corrupt_range": 0.005,
}  # fmt: skip


def _slope(side: str, extreme: str) -> Param:
    doc = f"By how much a step {side} has shrunk at the {extreme} weight: 0 not at all, 1 to nothing (soft bounds)."
    return Param(f"gamma_{side}", 0.5, "", doc, low=0.0, high=10.0)


MODEL = Device(
    key="linear_step",
    title="Linear step",
    doc="Each pulse moves the weight by a step that shrinks linearly with the weight; with both gammas 1 the bounds are soft.",
    family="RRAM",
    source="Rasch MJ et al. (2021) A flexible and fast PyTorch toolkit for simulating training and inference on analog crossbar arrays. doi:10.1109/AICAS51828.2021.9458494, LinearStepDevice and SoftBoundsDevice.",
    limits=p.LIMITS + " A step never turns round where its slope would ask for it. A reference device that is subtracted is not modelled.",
    params=p.params(
        _slope("up", "highest"),
        _slope("down", "lowest"),
        Param(
            "slopes",
            "mean",
            "",
            "Where a step has shrunk by gamma: at the mean bound of all devices, or at each device's own.",
            kind="word",
            choices=("mean", "own"),
            advanced=True,
        ),
        Param(
            "noise",
            "multiplicative",
            "",
            "What dw_min_std scales from pulse to pulse: the step where the device stands (multiplicative), or its step at x_ref (additive).",
            kind="word",
            choices=("multiplicative", "additive"),
            advanced=True,
        ),
        p.spread("gamma_up_dtod", "Spread of gamma_up between devices."),
        p.spread("gamma_down_dtod", "Spread of gamma_down between devices."),
        dw_min=0.001,
        x_ref=p.reference("Where in the range a step is not shrunk yet: dw_min is the step there, and bounds vary around it.", inside=True),
    ),
    presets=(
        Preset(
            "ecram_li",
            "ECRAM, lithium",
            "Tang J et al. (2018) ECRAM as scalable synaptic cell for high-speed, low-power neuromorphic computing. doi:10.1109/IEDM.2018.8614551; aihwkit's EcRamPresetDevice.",
            {
                "dw_min": 0.001,
                "up_down_dtod": 0.01,
                "gamma_up": 0.1153,
                "gamma_down": 0.5085,
                "gamma_up_dtod": 0.05,
                "gamma_down_dtod": 0.05,
                "x_ref": 0.4138,
                "dw_min_dtod": 0.1,
                "w_max_dtod": 0.05,
                "w_min_dtod": 0.05,
                "dw_min_std": 0.3,
            },
        ),
        Preset(
            "ecram_metal_oxide",
            "ECRAM, metal oxide",
            "Kim S et al. (2019) Metal-oxide based, CMOS-compatible ECRAM for deep learning accelerator. doi:10.1109/IEDM19573.2019.8993463; aihwkit's EcRamMOPresetDevice.",
            {
                "dw_min": 1.4107e-4,
                "up_down_dtod": 0.01,
                "gamma_up": 0.4152,
                "gamma_down": 0.7342,
                "gamma_up_dtod": 0.05,
                "gamma_down_dtod": 0.05,
                "x_ref": 0.4143,
                "dw_min_dtod": 0.1,
                "w_max_dtod": 0.05,
                "w_min_dtod": 0.05,
                "dw_min_std": 2.0,
            },
        ),
        Preset(
            "hfo2_soft_bounds",
            "HfO2 RRAM, soft bounds",
            f"{GONG_2018}; a loose fit, aihwkit's ReRamSBPresetDevice, a reference device at the symmetry point assumed.",
            {
                "dw_min": 0.001,
                "up_down_dtod": 0.01,
                "gamma_up": 1.0,
                "gamma_down": 1.0,
                "gamma_up_dtod": 0.0,
                "gamma_down_dtod": 0.0,
                "x_ref": 0.375,
                "slopes": "own",
                "noise": "additive",
                "dw_min_dtod": 0.3,
                "w_max_dtod": 0.24,
                "w_min_dtod": 0.4,
                "dw_min_std": 3.75,
                "write_noise_std": 56.0,
            },
        ),
        Preset(
            "reram_array_om",
            "RRAM array, optimised material",
            f"{GONG_2022}; aihwkit's ReRamArrayOMPresetDevice without its reference device.",
            ARRAY
            | {
                "dw_min": 0.04745,
                "dw_min_dtod": 0.7829,
                "dw_min_std": 0.4158,
                "write_noise_std": 1.4113,
                "w_max_dtod": 0.3499,
                "w_min_dtod": 0.5695,
                "corrupt": 0.1348,
            },
        ),
        Preset(
            "reram_array_hfo2",
            "RRAM array, HfO2",
            f"{GONG_2022}; aihwkit's ReRamArrayHfO2PresetDevice without its reference device.",
            ARRAY
            | {
                "dw_min": 0.2311,
                "dw_min_dtod": 0.7125,
                "dw_min_std": 0.2174,
                "write_noise_std": 0.5841,
                "w_max_dtod": 0.4295,
                "w_min_dtod": 0.5990,
                "corrupt": 0.0977,
            },
        ),
    ),
    states=(
        *p.STATES,
        State("slope_up", "abs(gamma_up + gamma_up_dtod*normal())", "", "This device's gamma_up."),
        State("slope_down", "abs(gamma_down + gamma_down_dtod*normal())", "", "This device's gamma_down."),
    ),
    program=p.PROGRAM,
    write=p.written(
        "max(0, 1 - (slope_up*(@ - x_ref)/top if up else slope_down*(x_ref - @)/bottom))",
        "size if noise_additive else abs(change)",
        "top = max(1e-9, high - x_ref if slopes_own else 1 - x_ref)\nbottom = max(1e-9, x_ref - low if slopes_own else x_ref)",
    ),
)

"""Two-valued synapses with a hidden variable that voltage and calcium push and time settles."""

from studio.models.spec import Param, Plasticity, State, Trace

MODEL = Plasticity(
    key="bistable_brader",
    title="Bistable synapse (Brader, Senn, Fusi)",
    family="Voltage-based",
    doc="A hidden variable moves at arrivals, up or down by the target's voltage and only while its calcium is in range; left alone it drifts to the nearer end, and the weight is weak or strong by the side it is on.",
    source="Brader JM, Senn W, Fusi S (2007) Learning real-world stimuli in a neural network with spike-driven synaptic dynamics. doi:10.1162/neco.2007.19.11.2891; Fusi S et al. (2000) doi:10.1162/089976600300014917.",
    limits="The voltage is looked at once every interval, which should be the step of the run; every look visits all synapses. Calcium is a trace of the target's spikes with steps of 1. The paper's voltage runs from 0 to 1: theta_v is 0.8 of the way from rest to threshold there.",
    params=(
        Param("w_low", 0.0, "", "Weak weight, in the unit of the projection's weight.", low=-1e6, high=1e6, role="weight_min"),
        Param("w_high", 1.0, "", "Strong weight, in the unit of the projection's weight.", low=-1e6, high=1e6, role="weight_max"),
        Param("jump_up", 0.1, "", "Step of the hidden variable at an arrival that pushes up.", low=0.0, high=1.0, role="learning_rate"),
        Param("jump_down", 0.1, "", "Step at an arrival that pushes down.", low=0.0, high=1.0, role="learning_rate"),
        Param(
            "theta_v", -58.0, "mV", "Voltage of the target above which an arrival pushes up.", low=-1000.0, high=1000.0, role="threshold"
        ),
        Param("theta_x", 0.5, "", "Where the two sides of the hidden variable meet.", low=0.0, high=1.0),
        Param("drift_up", 0.0035, "1/ms", "Drift of the hidden variable above theta_x.", low=0.0),
        Param("drift_down", 0.0035, "1/ms", "Drift below theta_x.", low=0.0),
        Param("tau_calcium", 60.0, "ms", "Time constant of the target's calcium.", low=0.0, low_open=True, role="time_constant"),
        Param("up_low", 3.0, "", "Calcium above which an arrival may push up.", low=0.0),
        Param("up_high", 13.0, "", "Calcium from which it may no more.", low=0.0),
        Param("down_low", 3.0, "", "Calcium above which an arrival may push down.", low=0.0),
        Param("down_high", 4.0, "", "Calcium from which it may no more.", low=0.0),
        Param("interval", 0.1, "ms", "Time between two looks at the voltage: the step of the run.", low=0.0, low_open=True),
    ),
    traces=(Trace("calcium", "tau_calcium", "post", "Spikes of the target."),),
    states=(
        State("x", "1 if w > (w_low + w_high)/2 else 0", "", "The hidden variable, from 0 to 1."),
        State("arrived", "0", "", "Arrivals since the voltage was last looked at."),
    ),
    on_pre="arrived = arrived + 1",
    every="""
up = post_v > theta_v and calcium > up_low and calcium < up_high
down = post_v <= theta_v and calcium > down_low and calcium < down_high
x = x + arrived*jump_up if up else x
x = x - arrived*jump_down if down else x
x = x + interval*drift_up if x > theta_x else x - interval*drift_down
x = min(1, max(0, x))
w = w_high if x > theta_x else w_low
arrived = 0
""",
    interval="interval",
)

"""Brunel's sparse balanced network in its asynchronous irregular state."""

from studio.network.build import Network, fixed_in_degree, one_to_one

EXC, INH, IN_EXC, IN_INH = 10_000, 2_500, 1_000, 250
J, G, ETA = 0.1, 5.0, 2.0  # mV; inhibition over excitation; external rate over threshold rate
TAU_M, V_TH, DELAY = 20.0, 20.0, 1.5
THRESHOLD_RATE = 1000.0 * V_TH / (J * TAU_M)  # Hz of input spikes that reach threshold on average

LAYOUT = {"drive_exc": (0, 0), "excitatory": (320, 0), "drive_inh": (0, 240), "inhibitory": (320, 240)}
DESCRIPTION = (
    f"{EXC + INH:,} leaky integrate-and-fire neurons, each driven by {IN_EXC} excitatory and {IN_INH} inhibitory neurons and by noise from outside. Inhibition is {G:g} "
    "times as strong as excitation, so neurons fire irregularly and hardly together (asynchronous irregular state). Weaken the inhibitory weights to three times "
    "the excitatory ones, and the network fires fast and in synchrony. Source: Brunel 2000, doi:10.1023/A:1008925309027, figure 8C."
)


def build() -> Network:
    net = Network("Brunel's balanced network")
    lif = {"tau_m": TAU_M, "c_m": 1.0, "v_rest": 0.0, "v_reset": 10.0, "v_th": V_TH, "t_ref": 2.0}
    exc = net.population("Excitatory", EXC, "lif", **lif)
    inh = net.population("Inhibitory", INH, "lif", **lif)
    for name, target, size in (("Drive exc", exc, EXC), ("Drive inh", inh, INH)):
        drive = net.source(name, size, "poisson", rate=ETA * THRESHOLD_RATE)
        net.connect(drive, target, one_to_one(), weight=J, delay=DELAY)
    for source, k, weight in ((exc, IN_EXC, J), (inh, IN_INH, -G * J)):
        for target in (exc, inh):
            net.connect(source, target, fixed_in_degree(k), weight=weight, delay=DELAY)
    net.run(duration=500.0)
    return net

"""The fixed part of a generated Lava program."""

HEAD = '''\
"""{name}, for lava-nc 0.10 (Python 3.10): the integers of registers.txt, layer by layer.

    python lava_network.py stimulus.npz spikes.npz

stimulus.npz: "steps", the number of steps; for every input KEY the arrays "KEY.steps" and "KEY.ids" of its spikes; for every layer whose
bias the host writes "LAYER.bias_steps" and "LAYER.bias_mant" (one row a write). spikes.npz: "LAYER.steps" and "LAYER.ids".
A spike of step t reaches the current of its targets in step t + 1 + delay, as Lava's connections do.
"""

import sys
from pathlib import Path

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.ports import PyInPort, PyOutPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.process.ports.ports import InPort, OutPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.process.variable import Var
from lava.magma.core.resources import CPU
from lava.magma.core.run_configs import Loihi1SimCfg
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava.proc.dense.process import DelayDense, Dense
from lava.proc.io.sink import RingBuffer as Sink
from lava.proc.io.source import RingBuffer as Source
from lava.proc.lif.models import AbstractPyLifModelFixed
from lava.proc.lif.process import LIF
from lava.utils.weightutils import SignMode

SIGNS = {{"mixed": SignMode.MIXED, "excitatory": SignMode.EXCITATORY, "inhibitory": SignMode.INHIBITORY}}
WEIGHTS = {{key: array.astype(int) for key, array in np.load(Path(__file__).with_name("{arrays}")).items()}}


class Compartments(AbstractProcess):
    """LIF with numbers of its own for every neuron, a refractory time, and input that comes with its six bits of scale."""

    def __init__(self, *, shape, du, dv, vth, bias_mant, bias_exp, v, refractory, **kwargs):
        super().__init__(shape=shape, **kwargs)
        self.a_in, self.s_out = InPort(shape=shape), OutPort(shape=shape)
        self.u, self.left = Var(shape=shape, init=0), Var(shape=shape, init=0)
        given = dict(du=du, dv=dv, vth=vth, bias_mant=bias_mant, bias_exp=bias_exp, v=v, refractory=refractory)
        for name, value in given.items():
            setattr(self, name, Var(shape=shape, init=np.broadcast_to(value, shape).copy()))


@implements(proc=Compartments, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyCompartments(AbstractPyLifModelFixed):
    """Lava's own integer dynamics; lava-nc 0.10 has no integer LIF that is refractory."""

    a_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    s_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    du: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=12)
    dv: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=12)
    vth: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=17)
    refractory: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=6)
    left: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=6)

    def __init__(self, proc_params):
        super().__init__(proc_params)
        self.act_shift = 0

    def run_spk(self):
        arrived = self.a_in.recv()
        self.scale_bias()
        self.subthr_dynamics(activation_in=arrived)
        self.left[:] = np.maximum(self.left - 1, 0)
        self.v[self.left > 0] = 0
        fired = self.v > np.left_shift(self.vth, self.vth_shift)
        self.v[fired] = 0
        self.left[fired] = self.refractory[fired]
        self.s_out.send(fired)


def spikes(given, key, size, steps):
    """The spikes of an input as counts, one column a step."""
    table = np.zeros((size, steps), dtype=int)
    np.add.at(table, (given[f"{{key}}.ids"], given[f"{{key}}.steps"]), 1)
    return Source(data=table)


def join(source, target, key, exponent, sign, counts=False):
    """Synapses: mantissas from the array KEY, delays from KEY.delays where there are any."""
    form = dict(weights=WEIGHTS[key], weight_exp=exponent, sign_mode=SIGNS[sign], num_message_bits=8 if counts else 0)
    delays = WEIGHTS.get(f"{{key}}.delays")
    synapses = Dense(**form) if delays is None else DelayDense(delays=delays, **form)
    source.s_out.connect(synapses.s_in)
    synapses.a_out.connect(target.a_in)


def run(nodes, layers, given, steps):
    """Run for so many steps, stopping where the host writes biases; returns the spikes of every layer."""
    sinks = {{}}
    for key, size in layers.items():
        sinks[key] = Sink(shape=(size,), buffer=steps)
        nodes[key].s_out.connect(sinks[key].a_in)
    writes = {{}}
    for key in layers:
        for step, mantissas in zip(given.get(f"{{key}}.bias_steps", []), given.get(f"{{key}}.bias_mant", [])):
            writes.setdefault(int(step), []).append((key, mantissas))
    first = nodes[next(iter(layers))]
    moments = sorted({{0, *(s for s in writes if s < steps), steps}})
    for begin, end in zip(moments[:-1], moments[1:]):
        for key, mantissas in writes.get(begin, []) if begin else []:
            nodes[key].bias_mant.set(np.asarray(mantissas))
        first.run(condition=RunSteps(num_steps=end - begin), run_cfg=Loihi1SimCfg(select_tag="fixed_pt"))
    out = {{}}
    for key, sink in sinks.items():
        when, who = np.nonzero(sink.data.get().T)
        out[f"{{key}}.steps"], out[f"{{key}}.ids"] = when, who
    first.stop()
    return out


def bias(given, key, otherwise):
    """The bias with which a layer begins: what the host writes before step 0, where it does."""
    steps = given.get(f"{{key}}.bias_steps")
    return given[f"{{key}}.bias_mant"][0] if steps is not None and len(steps) and steps[0] == 0 else otherwise

'''

TAIL = """\


if __name__ == "__main__":
    given = dict(np.load(sys.argv[1]))
    steps = int(given["steps"])
    np.savez(sys.argv[2], **run(network(given, steps), LAYERS, given, steps))
"""

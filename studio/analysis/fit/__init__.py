"""Fits of measured device curves: pulses give the parameters of a device model, currents and voltages a conductance and how it bends.

from studio.analysis.fit import fit
found = fit("potentiation.csv", "exp_step")
found.params                     # {"w_min": ..., "dw_min": ..., ...}, for a document
print(found.text())              # with 95 % intervals, error and estimated noise
studio.views.fit(found)          # the picture
"""

from studio.analysis.fit.fitting import fit
from studio.analysis.fit.measured import Curve, read
from studio.analysis.fit.result import Estimate, Fit

__all__ = ["Curve", "Estimate", "Fit", "fit", "read"]

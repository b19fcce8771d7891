"""Where a learning rule's kernels find what they work on: the pointer table, and the arrays that a plastic projection keeps per part.

All numbers in capitals are known to the kernels by these names.
"""

from __future__ import annotations

BLOCK = 1024  # synapses that go through the passes together
TABLE = 8192  # steps that a table of exponentials holds
STACK = 256  # post spikes of one synapse taken in one go
NEVER = -(1 << 40)  # the step of a spike that never was
NEVER32 = -(1 << 31)  # the same, counted from the epoch

# The pointer table: the projection, then what the rule keeps; behind HEADER the arrays that exist once per trace.
(STARTS, TARGETS, DELAYS, DELAY, WEIGHTS, TIMES, RING, SLOTS, STRIDE, N_SOURCE, N_TARGET, LOW, UPDATED, KEY, CAPACITY, LONGEST, SLICE, LIMIT,
 LASTS, SINCES, LOG_STEP, LOG_WHO, LOG_BACK, RECENT, S3, N1, E_STEP, L_STEP, L_SEQ, EV, WHEN, BUSY, ODD, FROM_, STACKED, STATE, HEADER) = range(37)  # fmt: skip
# cells of STATE
HEAD, ARRIVED, EARLIER, SETTLED, EPOCH, FLUSHED, NEED, CELLS = range(8)

# arrays that every rule keeps: name (in capitals its place in the pointer table), size, kind, what fills it at the start
ARRAYS = (
    ("lasts", "n_source", "int64", NEVER), ("sinces", "n_source", "int64", NEVER),
    ("log_step", "capacity", "int32", 0), ("log_who", "capacity", "uint32", 0), ("log_back", "capacity", "uint32", 0),
    ("recent", "2 * n_target", "int32", NEVER32), ("s3", "n_target", "int32", NEVER32), ("n1", "n_target", "int64", -1),
    ("e_step", "n_target", "int64", NEVER), ("l_step", "n_target", "int64", NEVER), ("l_seq", "n_target", "int64", -1),
    ("ev", "BLOCK", "int32", 0), ("when", "BLOCK", "int64", 0), ("busy", "BLOCK", "int32", 0), ("odd", "BLOCK", "int32", 0),
    ("from_", "BLOCK", "int64", 0),
    ("stacked", "STACK", "int64", 0), ("state", "CELLS", "int64", 0),
)  # fmt: skip


def constants() -> dict[str, int]:
    """Every number in capitals, by name."""
    return {name: value for name, value in globals().items() if name.isupper() and isinstance(value, int)}

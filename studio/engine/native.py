"""What numba does not offer by itself: arrays at an address, atomics for a barrier, and calls through a pointer.

Every kernel of the engine has one signature, so the compiled loop can run any population or plastic projection by the address
of its kernel, and nothing is compiled again when the network changes.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types  # pyright: ignore[reportPrivateImportUsage]
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

from studio.engine import caching as caching  # before the first function that numba keeps

# kernel(pointers: int64*, numbers: double*, five integers whose meaning the kernel says) -> int64
KERNEL_SIGNATURE = types.int64(
    types.CPointer(types.int64), types.CPointer(types.float64), types.int64, types.int64, types.int64, types.int64, types.int64
)
_I64 = ir.IntType(64)
LINE = 64  # bytes of a cache line
_SPINS = (
    40_000  # looks at the barrier before giving the core away: about 100 microseconds; on a busy core, who gives way waits for milliseconds
)


def _view(typingctx: Any, address: Any, n: Any, dtype: Any) -> Any:
    """The `n` values of `dtype` at `address`, as an array that owns nothing. One instruction each, where `carray` is a function to compile."""
    array = types.Array(dtype.dtype, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        element = context.get_data_type(array.dtype)
        size = context.get_constant(types.intp, context.get_abi_sizeof(element))
        out = make_array(array)(context, builder)
        data = builder.inttoptr(args[0], element.as_pointer())
        populate_array(out, data=data, shape=[args[1]], strides=[size], itemsize=size, meminfo=None)
        return out._getvalue()

    return array(types.int64, types.int64, dtype), generate


view: Any = intrinsic(_view)
_ALONE: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
inner: Any = njit(nogil=True, error_model="numpy", **_ALONE)  # for functions that compiled code alone calls: nothing to unbox


@intrinsic
def call_kernel(typingctx: Any, address: Any, p: Any, c: Any, a0: Any, a1: Any, a2: Any, a3: Any, a4: Any) -> Any:
    """Call the kernel at `address` with its two tables and five integers."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(_I64, [_I64.as_pointer(), ir.DoubleType().as_pointer()] + [_I64] * 5)
        function = builder.inttoptr(args[0], kind.as_pointer())
        tables = [builder.inttoptr(args[1], kind.args[0]), builder.inttoptr(args[2], kind.args[1])]
        return builder.call(function, tables + list(args[3:]))

    return types.int64(*[types.int64] * 8), generate


@intrinsic
def atomic_add(typingctx: Any, address: Any, value: Any) -> Any:
    """Add to the int64 at `address`; returns what was there before."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.atomic_rmw("add", builder.inttoptr(args[0], _I64.as_pointer()), args[1], "seq_cst")

    return types.int64(types.int64, types.int64), generate


@intrinsic
def atomic_load(typingctx: Any, address: Any) -> Any:
    """Read the int64 at `address` as the other threads left it."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load_atomic(builder.inttoptr(args[0], _I64.as_pointer()), "seq_cst", 8)

    return types.int64(types.int64), generate


@intrinsic
def clock(typingctx: Any) -> Any:
    """The processor's time stamp counter (its ticks are not seconds; see `Simulation.profile`)."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        function = builder.module.declare_intrinsic("llvm.readcyclecounter", (), ir.FunctionType(_I64, []))
        return builder.call(function, [])

    return types.int64(), generate


@intrinsic
def prefetch(typingctx: Any, address: Any) -> Any:
    """Ask for the cache line at an address, which need not be one of ours."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        i32, place = ir.IntType(32), ir.IntType(8).as_pointer()
        function = builder.module.declare_intrinsic("llvm.prefetch", (place,), ir.FunctionType(ir.VoidType(), [place, i32, i32, i32]))
        builder.call(function, [builder.inttoptr(args[0], place), i32(0), i32(3), i32(1)])  # to read, keep close, data
        return context.get_constant(types.int64, 0)

    return types.int64(types.int64), generate


@inner
def prefetch_bytes(address, n):  # type: ignore[no-untyped-def]
    """Ask for the `n` bytes at an address, line by line."""
    for line in range(0, n, 64):
        prefetch(address + line)  # pyright: ignore[reportCallIssue]


_reallocate = types.ExternalFunction("realloc", types.int64(types.int64, types.int64))


@inner
def reallocate(address, n):  # type: ignore[no-untyped-def]
    """C's realloc: memory of `n` bytes with what was at `address` (0: nothing); 0 where there is none."""
    return _reallocate(address, n)


_give_way = types.ExternalFunction("SwitchToThread" if sys.platform == "win32" else "sched_yield", types.int32())


@inner
def wait_for_all(barrier, n):  # type: ignore[no-untyped-def]
    """Return when `n` threads have called this. `barrier`: address of two int64 (how many came, which round).

    Spins briefly, then gives the core away: a machine busy with other work slows a run down but does not stop it.
    """
    if n == 1:
        return
    turn = atomic_load(barrier + 64)  # pyright: ignore[reportCallIssue]
    if atomic_add(barrier, 1) == n - 1:
        atomic_add(barrier, -n)
        atomic_add(barrier + 64, 1)
        return
    looks = 0
    while atomic_load(barrier + 64) == turn:
        looks += 1
        if looks > _SPINS:
            _give_way()


def zeros(shape: int | tuple[int, ...], dtype: Any) -> np.ndarray:
    """As `np.zeros`, beginning at a cache line: a vector of 64 bytes that crosses a line costs two accesses."""
    n = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.zeros(n + LINE, np.uint8)
    first = -raw.ctypes.data % LINE
    return raw[first : first + n].view(dtype).reshape(shape)


def address(array: np.ndarray | None) -> int:
    """Where an array's values begin; 0 for none. The caller keeps the array alive."""
    return 0 if array is None else int(array.ctypes.data)

"""What a network is for: how many of the shown patterns it names correctly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.analysis.trains import Trains, trains
from studio.findings import Finding, FindingError
from studio.network.check.task import DECODERS
from studio.network.data import decode
from studio.units import convert

if TYPE_CHECKING:
    from studio.engine.recording import Recording
    from studio.network.document import Document


@dataclass(frozen=True)
class Accuracy:
    """The share of right answers, over how many patterns, and the answers themselves (n,)."""

    accuracy: float
    n: int
    predictions: np.ndarray
    labels: np.ndarray
    silent: int  # patterns for which no readout neuron fired: they count as the first class

    @property
    def interval(self) -> tuple[float, float]:
        """Between which shares the accuracy lies with 95 % (Wilson 1927, doi:10.1080/01621459.1927.10502953)."""
        z, n, p = 1.959964, self.n, self.accuracy
        middle, half = p + z * z / (2 * n), z * float(np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)))
        return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)

    def to_json(self) -> dict[str, Any]:
        return {"accuracy": self.accuracy, "n": self.n, "predictions": self.predictions.tolist()}


def accuracy(recording: Recording, task: Mapping[str, Any], labels: np.ndarray) -> Accuracy | None:
    """Decode the readout's spikes and compare with `labels` (n_patterns,); None when no pattern was shown completely.

    `task` is the document's: `present` and `gap` [ms or {"value", "unit"}], `readout` (a population whose spikes are recorded),
    `decode` "count_argmax". A pattern's spikes are those from its onset to the next onset; the neuron with most spikes wins, the first one
    when several do. More readout neurons than classes: with `classes` in the task they form as many equal, contiguous groups.

    `decode` "count_assigned" is for a readout that learnt without labels (Diehl and Cook 2015, doi:10.3389/fncom.2015.00099). The first `learn`
    patterns are not judged; the last `assign` of them (all, where it is not said) give each neuron the class to whose patterns it answers with
    most spikes on average. In every later pattern the class whose neurons fire most on average wins.
    """
    _check(task)
    return judged(trains(recording, str(task["readout"])), task, labels) if recording.duration > 0.0 else None


def judged(readout: Trains, task: Mapping[str, Any], labels: np.ndarray) -> Accuracy | None:
    """The same for the readout's spikes, wherever they come from."""
    _check(task)
    present, gap = times(task)
    n = min(int((readout.stop + gap) / (present + gap) + 1e-9), len(labels))
    skipped = learnt(task)
    if n <= skipped:
        return None
    counts = _counts(readout, present + gap, n)
    right = np.asarray(labels[:n]).astype(np.int64)
    if task.get("decode") == "count_assigned":
        first = max(skipped - int(task.get("assign") or skipped), 0)
        classes = assigned(counts[first:skipped], right[first:skipped])
        votes = _means(counts[skipped:], classes, int(np.max(labels)) + 1)
    else:
        votes = _grouped(counts, task.get("classes"))
    predictions, right = votes.argmax(axis=1), right[skipped:]
    return Accuracy(float((predictions == right).mean()), n - skipped, predictions, right, int((votes.sum(axis=1) == 0).sum()))


def assigned(counts: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The class of each readout neuron, (size,), by its mean count over the patterns of each class; -1 for one that never fired."""
    of_class = _means(counts.T, labels, int(labels.max()) + 1)
    return np.where(counts.any(axis=0), of_class.argmax(axis=1), -1)


def _means(rows: np.ndarray, groups: np.ndarray, n_groups: int) -> np.ndarray:
    """The mean of each row over the columns of each group, (n_rows, n_groups); 0 for a group without columns."""
    member = np.asarray(groups)[:, None] == np.arange(n_groups)
    return rows @ member / np.maximum(member.sum(axis=0), 1)


def task_accuracy(recording: Recording, document: Document) -> Accuracy | None:
    """The same for a document: its task, and the labels in its data. None without a task or a pattern; raises FindingError for missing labels."""
    if document.task is None:
        return None
    named = document.task.get("labels")
    name = named.get("data") if isinstance(named, Mapping) else named
    entry = document.data.get(name) if isinstance(name, str) else None
    if not isinstance(name, str) or entry is None:
        raise FindingError(
            [
                Finding(
                    "path.labels",
                    "error",
                    "task.labels",
                    f"the task's labels ({named!r}) are not in the document's data.",
                    "Name an array of the document's data.",
                )
            ]
        )
    return accuracy(recording, document.task, decode(name, entry.model_dump()))


def pattern_counts(recording: Recording, readout: str, period: float, n: int) -> np.ndarray:
    """Spikes of each readout neuron during each of `n` patterns of `period` ms, shape (n, readout size)."""
    return _counts(trains(recording, readout), period, n)


def _counts(cut: Trains, period: float, n: int) -> np.ndarray:
    per_pattern = int(round(period / cut.dt))
    step = np.rint(cut.times / cut.dt).astype(np.int64) - 1
    index = step // per_pattern
    kept = index < n
    flat = np.bincount(index[kept] * cut.size + cut.ids[kept], minlength=n * cut.size)
    return flat.reshape(n, cut.size)


def _grouped(counts: np.ndarray, classes: Any) -> np.ndarray:
    if classes is None or int(classes) == counts.shape[1]:
        return counts
    k = int(classes)
    if k < 1 or counts.shape[1] % k:
        raise FindingError(
            [
                Finding(
                    "size.classes",
                    "error",
                    "task.classes",
                    f"{counts.shape[1]} readout neurons cannot be shared equally by {k} classes.",
                    "Make the readout's size a multiple of the classes.",
                )
            ]
        )
    return counts.reshape(len(counts), k, -1).sum(axis=2)


def _check(task: Mapping[str, Any]) -> None:
    if task.get("decode", "count_argmax") not in DECODERS:
        raise FindingError(
            [Finding("path.decode", "error", "task.decode", f"“{task['decode']}” is not a way to decode.", f"Use {' or '.join(DECODERS)}.")]
        )
    if not task.get("readout"):
        raise FindingError(
            [
                Finding(
                    "path.readout",
                    "error",
                    "task.readout",
                    "the task names no readout population.",
                    "Set readout to the path of a population.",
                )
            ]
        )


def learnt(task: Mapping[str, Any]) -> int:
    """How many patterns come before the first that is judged."""
    if task.get("decode") != "count_assigned":
        return 0
    for name in ("learn", "assign"):
        said = task.get(name)
        unsaid = name == "assign" and said is None
        if not unsaid and (not isinstance(said, int) or said < 1):
            text = f"“{name}” is {said!r}; it must be a whole number of patterns, at least 1."
            raise FindingError(
                [Finding("bounds.patterns", "error", f"task.{name}", text, "Say how many patterns the readout learns from.")]
            )
    return int(task["learn"])


def times(task: Mapping[str, Any]) -> tuple[float, float]:
    """How long a pattern is shown, and how long nothing after it [ms]."""
    return _time(task.get("present"), "task.present"), _time(task.get("gap", 0.0), "task.gap")


def _time(value: Any, where: str) -> float:
    """A time of the document in ms."""
    if isinstance(value, Mapping):
        return convert(float(value["value"]), str(value.get("unit", "ms")), "ms")
    if not isinstance(value, (int, float)) or value < 0:
        raise FindingError([Finding("bounds.time", "error", where, f"{value!r} is not a time in ms.", "Give a number of at least 0.")])
    return float(value)

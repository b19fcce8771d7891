"""Measures: from a recording to numbers. NumPy only; every function is pure and takes times in ms."""

from studio.analysis.distances import Agreement, agreement, coincidence_factor, coincidences, van_rossum, victor_purpura
from studio.analysis.irregularity import Intervals, cv, cv2, isi, neuron_cv
from studio.analysis.latency import first_spike, latency
from studio.analysis.rates import RateCourse, mean_rate, neuron_rates, rate_over_time, rates
from studio.analysis.sparsity import (
    SparsityCourse,
    SynapticOperations,
    activation_sparsity,
    connection_sparsity,
    sparsity_over_time,
    synaptic_operations,
    total_activation_sparsity,
    zero_share,
)
from studio.analysis.summary import summary
from studio.analysis.synchrony import correlation, fano, synchrony
from studio.analysis.task import Accuracy, accuracy, task_accuracy
from studio.analysis.trains import Trains, recorded_populations, trains

__all__ = [
    "Accuracy",
    "Agreement",
    "Intervals",
    "RateCourse",
    "SparsityCourse",
    "SynapticOperations",
    "Trains",
    "accuracy",
    "activation_sparsity",
    "agreement",
    "coincidence_factor",
    "coincidences",
    "connection_sparsity",
    "correlation",
    "cv",
    "cv2",
    "fano",
    "first_spike",
    "isi",
    "latency",
    "mean_rate",
    "neuron_cv",
    "neuron_rates",
    "rate_over_time",
    "rates",
    "recorded_populations",
    "sparsity_over_time",
    "summary",
    "synaptic_operations",
    "synchrony",
    "task_accuracy",
    "total_activation_sparsity",
    "trains",
    "van_rossum",
    "victor_purpura",
    "zero_share",
]

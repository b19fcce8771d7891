"""The catalogue: every model one can choose, as a frozen value.

A built-in model is its file and one row of ROWS. Third parties add theirs through the entry point group `spike_studio.models`
(an entry point names a model, a tuple of models, or a function that returns either). A document adds its own as text: `with_models`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any, cast

from studio.findings import Finding, errors
from studio.models.authored import read_models
from studio.models.check import check_model
from studio.models.spec import Model

KINDS = ("neuron", "kinetics", "plasticity", "device", "source", "connector")
DEFAULTS = {"neuron": "lif", "kinetics": "delta", "plasticity": "static", "device": "ideal", "source": "poisson", "connector": "all_to_all"}
GROUP = "spike_studio.models"

ROWS = (
    "neurons.lif",
    "neurons.lif_euler",
    "neurons.adex",
    "neurons.izhikevich",
    "neurons.lif_refractory_input",
    "neurons.quadratic_if",
    "neurons.alif",
    "neurons.lif_homeostatic",
    "neurons.mat2",
    "neurons.lif_clopath",
    "neurons.adex_clopath",
    "neurons.escape_rate",
    "neurons.gif_psc_exp",
    "neurons.boltzmann",
    "neurons.boltzmann_probit",
    "neurons.hodgkin_huxley",
    "neurons.morris_lecar",
    "neurons.fitzhugh_nagumo",
    "neurons.resonate_and_fire",
    "neurons.loihi",
    "neurons.truenorth",
    "neurons.leaky_integrator",
    "neurons.li_euler",
    "neurons.if_euler",
    "neurons.integrator_euler",
    "neurons.threshold_euler",
    "neurons.cubalif_euler",
    "neurons.cubali_euler",
    "kinetics.delta",
    "kinetics.pulse",
    "kinetics.exponential",
    "kinetics.alpha",
    "kinetics.dual_exponential",
    "kinetics.conductance_exponential",
    "kinetics.conductance_alpha",
    "kinetics.conductance_dual_exponential",
    "kinetics.nmda",
    "kinetics.gap_junction",
    "kinetics.state_coupling",
    "plasticity.static",
    "plasticity.stdp_pair",
    "plasticity.stdp_triplet",
    "plasticity.stdp_triplet_nearest",
    "plasticity.stdp_nn_symm",
    "plasticity.stdp_nn_pre_centered",
    "plasticity.stdp_nn_restr",
    "plasticity.stdp_power_law",
    "plasticity.stdp_stochastic",
    "plasticity.stdp_window",
    "plasticity.cascade",
    "plasticity.clopath",
    "plasticity.bistable_brader",
    "plasticity.reward_stdp",
    "plasticity.structural",
    "plasticity.istdp_vogels",
    "plasticity.bcm",
    "plasticity.homeostatic_scaling",
    "plasticity.loihi_stdp",
    "plasticity.tsodyks_markram",
    "plasticity.bernoulli",
    "devices.ideal",
    "devices.soft_bounds",
    "devices.constant_step",
    "devices.capacitor",
    "devices.linear_step",
    "devices.exp_step",
    "devices.pow_step",
    "devices.querlioz",
    "devices.rram",
    "devices.cmo_hfox",
    "devices.pcm",
    "devices.pcm_cumulative",
    "devices.ferroelectric",
    "devices.spintronic",
    "devices.second_order",
    "devices.metaplastic",
    "sources.poisson",
    "sources.spike_list",
    "sources.step_current",
    "sources.image_rate",
    "connectors.all_to_all",
    "connectors.one_to_one",
    "connectors.probability",
    "connectors.fixed_in_degree",
    "connectors.fixed_out_degree",
    "connectors.fixed_total_number",
    "connectors.regular",
    "connectors.explicit",
    "connectors.convolution",
    "connectors.pooling",
    "connectors.dense",
)


@dataclass(frozen=True)
class Catalogue:
    """Models by kind and key, in the order of their rows. `findings` says what could not be taken in (a third party's broken package)."""

    models: tuple[Model, ...] = ()
    findings: tuple[Finding, ...] = ()
    _index: Mapping[tuple[str, str], Model] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", MappingProxyType({(m.kind, m.key): m for m in self.models}))

    def get(self, kind: str, key: str) -> Any:
        """The model, or None."""
        return self._index.get((kind, key))

    def all(self, kind: str) -> tuple[Any, ...]:
        """Every model of a kind."""
        return tuple(m for m in self.models if m.kind == kind)

    def keys(self, kind: str) -> tuple[str, ...]:
        return tuple(m.key for m in self.all(kind))

    def default(self, kind: str) -> Any:
        """The model meant where a document names none."""
        return self._index[kind, DEFAULTS[kind]]

    def with_models(self, document_models: Mapping[str, Any] | None) -> tuple[Catalogue, tuple[Finding, ...]]:
        """This catalogue with a document's own models (its `models` section, as text), and what is wrong with them.

        A model with an error is left out. A key that the catalogue already has, in any kind, is an error: a document cannot change what a name means.
        The very same model, taken again, is none.
        """
        if not document_models:
            return self, ()
        made, findings = read_models(document_models)
        fresh, clashes = self._without_clashes(made, "models.{}")
        return Catalogue((*self.models, *fresh), self.findings), (*findings, *clashes)

    def plus(self, models: Iterable[Model], origin: str) -> Catalogue:
        """This catalogue with a third party's models; those that are wrong or clash become findings."""
        sound: list[Model] = []
        findings: list[Finding] = []
        for model in models:
            found = (
                check_model(model, f"{origin}:{model.key}")
                if isinstance(model, Model)
                else (Finding("path.model", "error", origin, f"{model!r:.80} is not a model."),)
            )
            findings += found
            sound += [] if errors(found) else [model]
        fresh, clashes = self._without_clashes(sound, f"{origin}:{{}}")
        return Catalogue((*self.models, *fresh), (*self.findings, *findings, *clashes))

    def _without_clashes(self, models: Iterable[Model], where: str) -> tuple[list[Model], list[Finding]]:
        taken = {m.key: m.kind for m in self.models}
        fresh: list[Model] = []
        findings: list[Finding] = []
        for model in models:
            if self.get(model.kind, model.key) == model:
                continue
            if model.key in taken:
                text = f"“{model.key}” is already the key of a {taken[model.key]}."
                findings.append(Finding("path.duplicate", "error", where.format(model.key), text, f"Call it {model.key}_2."))
            else:
                taken[model.key] = model.kind
                fresh.append(model)
        return fresh, findings

    def to_json(self) -> dict[str, Any]:
        """The catalogue as data for the canvas: `spike-studio-catalogue/1`."""
        from studio.models.catalogue_json import to_json

        return to_json(self)


@cache
def builtin() -> Catalogue:
    """The models of this package."""
    return Catalogue(tuple(import_module(f"studio.models.{row}").MODEL for row in ROWS))


@cache
def catalogue() -> Catalogue:
    """The models of this package and of every installed package that offers some. Read once per process."""
    return with_entry_points(builtin())


def with_entry_points(base: Catalogue) -> Catalogue:
    """The catalogue with what installed packages offer in the group `spike_studio.models`; a broken one becomes a finding."""
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        origin = f"{entry.dist.name if entry.dist else 'package'}:{entry.name}"
        try:
            offered = entry.load()
            offered = offered() if callable(offered) and not isinstance(offered, Model) else offered
            base = base.plus(cast("Iterable[Model]", offered if isinstance(offered, tuple | list) else (offered,)), origin)
        except Exception as problem:  # a stranger's package must not keep the studio from starting
            finding = Finding("path.model", "warning", origin, f"Its models could not be loaded: {type(problem).__name__}: {problem}")
            base = Catalogue(base.models, (*base.findings, finding))
    return base

// Documents for the development page.

import { emptyDocument, type Written } from "../core/document";

const ms = (value: number) => ({ value, unit: "ms" });

const ei: Written = {
  ...emptyDocument("Excitation and inhibition"),
  circuits: {
    main: {
      nodes: {
        drive: { kind: "source", name: "Drive", model: "poisson", size: 100, params: { rate: { value: 8, unit: "Hz" } } },
        exc: { kind: "population", name: "Excitatory", model: "lif", size: 800, params: { tau_m: ms(20), v_th: { normal: [-50, 1.5], unit: "mV" } } },
        inh: { kind: "population", name: "Inhibitory", model: "lif", size: 200 },
      },
      projections: {
        p1: { from: "drive", to: "exc", connector: { model: "probability", params: { p: 0.2 } }, weight: 1.5, delay: ms(1) },
        p2: { from: "exc", to: "inh", connector: { model: "probability", params: { p: 0.1 } }, weight: 0.4, delay: ms(1.5) },
        p3: { from: "inh", to: "exc", connector: { model: "probability", params: { p: 0.1 } }, weight: -2, delay: ms(1.5) },
        p4: { from: "exc", to: "exc", connector: { model: "probability", params: { p: 0.1 } }, weight: 0.4, delay: ms(1.5), plasticity: { model: "stdp_pair" }, device: { model: "soft_bounds" } },
      },
      ports: {},
    },
  },
  layout: { main: { drive: { x: 0, y: 80 }, exc: { x: 280, y: 0 }, inh: { x: 560, y: 160 } } },
};

const columns: Written = {
  ...emptyDocument("Two columns"),
  description: "One column circuit, used twice.",
  main: "sheet",
  circuits: {
    column: {
      name: "Column",
      nodes: {
        exc: { kind: "population", name: "Excitatory", model: "lif", size: 800, shape: [20, 40], params: { tau_m: ms(20) } },
        inh: { kind: "population", name: "Inhibitory", model: "lif", size: 200 },
      },
      projections: {
        p1: { from: "exc", to: "inh", connector: { model: "probability", params: { p: 0.1 } }, kinetics: { model: "exponential", params: { tau: ms(2) } }, weight: { value: 0.1, unit: "nA" }, delay: ms(1.5) },
        p2: { from: "inh", to: "exc", connector: { model: "probability", params: { p: 0.1 } }, kinetics: { model: "exponential", params: { tau: ms(5) } }, weight: { value: -0.4, unit: "nA" }, delay: ms(1.5) },
      },
      ports: { thalamus: { direction: "in", to: ["exc"] }, out: { direction: "out", from: ["exc"] } },
    },
    sheet: {
      nodes: {
        drive: { kind: "source", name: "Thalamus", model: "poisson", size: 100, params: { rate: { value: 8, unit: "Hz" } } },
        cols: { kind: "instance", name: "Columns", of: "column", repeat: 2, override: { "exc.tau_m": ms(15) } },
        readout: { kind: "population", name: "Readout", model: "izhikevich", size: 50 },
      },
      projections: {
        p1: { from: "drive", to: "cols.thalamus", copies: "all", connector: { model: "probability", params: { p: 0.2 } }, weight: 0.5, delay: ms(1) },
        p2: { from: "cols.out", to: "cols.thalamus", copies: { offsets: [[1]], wrap: false }, weight: 0.1, delay: ms(3) },
        p3: { from: "cols.out", to: "readout", copies: "all", weight: 0.1, delay: ms(2) },
      },
      ports: {},
    },
  },
  layout: { sheet: { drive: { x: 0, y: 60 }, cols: { x: 300, y: 40 }, readout: { x: 620, y: 60 } }, column: { exc: { x: 120, y: 0 }, inh: { x: 120, y: 200 } } },
};

export const SAMPLES: { [name: string]: Written } = { ei, columns, empty: emptyDocument("Untitled") };

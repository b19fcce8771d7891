// What the surface asks Python about models. Answers change nothing.

import type { Entry, Kind } from "./catalogue";
import type { Finding, Values } from "./document";
import type { Chip, Report } from "./report";

export interface ResponseCurve {
  x: number[];
  y: number[];
  label: string;
  form: "line" | "dots" | "ticks";
  quiet: boolean;
}

export interface ResponsePanel {
  title: string;
  x: string;
  x_unit: string;
  y: string;
  y_unit: string;
  log_x: boolean;
  curves: ResponseCurve[];
}

/** The text of a model as the document's `models` section holds it. */
export type Body = { [field: string]: unknown };

export interface Questions {
  /** How a model responds with these parameters; with a body, that of a model in the making. */
  response: { given: { kind: Kind; key: string; params: Values; body?: Body }; value: { panels: ResponsePanel[]; note: string } };
  /** A model as text, to begin one's own from. */
  model_text: { given: { kind: Kind; key: string }; value: { body: Body } };
  /** What is wrong with a model that is being written; `fresh`: its key must be free. */
  judge_model: { given: { key: string; body: Body; fresh: boolean }; value: { findings: Finding[]; entry: Entry | null } };
  /** The machines a network can be compiled for. */
  chips: { given: Record<string, never>; value: { chips: Chip[] } };
  /** Whether the document fits these; and what the links carry, as stated rates or the latest `run` say. `why`: no answer, in words. */
  fit: { given: { targets: string[]; loads: "" | "stated" | "run" }; value: { reports: { [target: string]: Report }; why: string } };
  /** The report of the latest compilation as a page. */
  report: { given: Record<string, never>; value: { html: string } };
}
export type Question = keyof Questions;

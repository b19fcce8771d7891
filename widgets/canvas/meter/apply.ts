// A fix that is a value, as a command: from the path a finding names to the place in the document.

import { entryOf, type Catalogue } from "../../core/catalogue";
import type { Command } from "../../core/command";
import type { Document } from "../../core/document";
import type { Setting } from "../../core/report";
import { placeOf } from "../model/places";
import { batch, setAt, unsetAt, type Keys } from "../model/pointer";

const PARTS = ["connector", "kinetics", "plasticity", "device"] as const;

/** Null where the path leads nowhere (the document has moved on). */
export function commandOf(document: Document, catalogue: Catalogue, { where, value, unit }: Setting): Command | null {
  const place = placeOf(document, where);
  const given = unit ? { value, unit } : value;
  const label = `Set ${where} to ${value}${unit ? ` ${unit}` : ""}`;
  const circuit = place.trail.at(-1)!.circuit;
  if (place.node) return nodeSetting(document, catalogue, ["circuits", circuit, "nodes", place.node], place.tail, value, given, label);
  if (place.projection) return projectionSetting(["circuits", circuit, "projections", place.projection], place.tail, value, given, label);
  const keys = place.tail.split(".").filter(Boolean);
  if (keys[0] === "constraints") return document.constraints?.[Number(keys[1])] ? setAt(keys, given, label) : null;
  return keys[0] === "run" && keys.length === 2 ? setAt(keys, given, label) : null;
}

function nodeSetting(document: Document, catalogue: Catalogue, at: Keys, tail: string, value: number | string, given: unknown, label: string): Command | null {
  const node = document.circuits[String(at[1])]?.nodes[String(at[3])];
  if (node?.kind === "instance" && Object.hasOwn(node.override ?? {}, tail)) return setAt([...at, "override", tail], given, label);
  if (tail === "size" || tail === "repeat") return setAt([...at, tail], value, label);
  if (tail === "model") return modelSetting(document, catalogue, at, String(value), label);
  const name = tail.replace(/^params\./, "");
  return name && !name.includes(".") ? setAt([...at, "params", name], given, label) : null;
}

/** Another model keeps the parameters that it knows. */
function modelSetting(document: Document, catalogue: Catalogue, at: Keys, model: string, label: string): Command {
  const node = document.circuits[String(at[1])]?.nodes[String(at[3])];
  const known = entryOf(catalogue, node?.kind === "source" ? "source" : "neuron", model)?.params.map((param) => param.name) ?? [];
  const lost = node && "params" in node ? Object.keys(node.params ?? {}).filter((name) => !known.includes(name)) : [];
  return batch([setAt([...at, "model"], model, label), ...lost.map((name) => unsetAt([...at, "params", name]))], label);
}

function projectionSetting(at: Keys, tail: string, value: number | string, given: unknown, label: string): Command | null {
  if (tail === "weight" || tail === "delay" || tail === "gain") return setAt([...at, tail], given, label);
  const [first, ...rest] = tail.split(".");
  const chosen = PARTS.find((one) => one === first);
  const name = rest.filter((key) => key !== "params").join(".");
  if (!chosen || name.includes(".")) return null;
  if (!name || name === "model") return setAt([...at, chosen], { model: String(value) }, label);
  return setAt([...at, chosen, "params", name], given, label);
}

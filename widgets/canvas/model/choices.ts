// What a list of models shows: families in the order of the catalogue, narrowed by what is typed.

import type { Entry, PresetEntry } from "../../core/catalogue";

export interface Choice {
  entry: Entry;
  /** A preset that what was typed names better than its model. */
  preset?: PresetEntry;
}

export interface Group {
  title: string;
  choices: Choice[];
}

/** Families of models that fit what is typed; the document's own first. */
export function groupsOf(entries: readonly Entry[], typed: string): Group[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, Choice[]>();
  for (const choice of entries.flatMap((entry) => fitting(entry, words))) {
    const title = choice.entry.own ? "This document" : (choice.entry.family ?? "");
    groups.set(title, [...(groups.get(title) ?? []), choice]);
  }
  const all = [...groups].map(([title, choices]) => ({ title, choices }));
  return [...all.filter((group) => group.title === "This document"), ...all.filter((group) => group.title !== "This document")];
}

function fitting(entry: Entry, words: string[]): Choice[] {
  if (!words.length) return [{ entry }];
  const own = `${entry.title} ${entry.key} ${entry.family ?? ""} ${entry.doc} ${entry.source}`.toLowerCase();
  const has = (text: string) => (word: string): boolean => text.includes(word);
  const presets = (entry.presets ?? []).filter((preset) => {
    const text = `${preset.title} ${preset.key} ${preset.source}`.toLowerCase();
    return words.some(has(text)) && words.every(has(`${text} ${own}`)) && !words.every(has(`${entry.title} ${entry.key}`.toLowerCase()));
  });
  return [...(words.every(has(own)) ? [{ entry }] : []), ...presets.map((preset) => ({ entry, preset }))];
}

export const choicesOf = (groups: readonly Group[]): Choice[] => groups.flatMap((group) => group.choices);

// Commands that set and unset one place of the document, by the keys that lead to it.

import type { Command } from "../../core/command";
import { pointer } from "../../core/patch";

export type Keys = readonly (string | number)[];

export const setAt = (keys: Keys, value: unknown, label?: string): Command => ({ command: "set", path: pointer(...keys), value, label });
export const unsetAt = (keys: Keys, label?: string): Command => ({ command: "unset", path: pointer(...keys), label });
export const batch = (commands: Command[], label: string): Command => (commands.length === 1 ? commands[0]! : { command: "batch", commands, label });

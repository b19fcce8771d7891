// Canonical bytes of a document: RFC 8785 numbers and key order, two-space indent, final newline (as studio/network/files).

/** The canonical text. Values that are undefined, functions or not finite have no place in a document and raise. */
export function toText(value: unknown): string {
  return `${write(value, "")}\n`;
}

function write(value: unknown, indent: string): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new RangeError(`${value} cannot be written to a file.`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return list("[", "]", value.map((item) => write(item, `${indent}  `)), indent);
  if (typeof value === "object") {
    const keys = Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined).sort();
    return list("{", "}", keys.map((key) => `${JSON.stringify(key)}: ${write((value as Record<string, unknown>)[key], `${indent}  `)}`), indent);
  }
  throw new TypeError(`A ${typeof value} cannot be written to a file.`);
}

function list(open: string, close: string, items: string[], indent: string): string {
  return items.length ? `${open}\n${items.map((item) => `${indent}  ${item}`).join(",\n")}\n${indent}${close}` : open + close;
}

// Keys: made once from the first name, never changed afterwards.

/** `Two columns` -> `two_columns`; always matches `[a-z][a-z0-9_]*`. */
export function slug(name: string, fallback = "node"): string {
  const plain = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  if (!plain) return fallback;
  return /^[a-z]/.test(plain) ? plain : `n${plain}`;
}

/** `key`, or `key_2`, `key_3` ... where it is taken. */
export function freeKey(key: string, taken: object): string {
  if (!Object.hasOwn(taken, key)) return key;
  for (let n = 2; ; n++) if (!Object.hasOwn(taken, `${key}_${n}`)) return `${key}_${n}`;
}

/** The smallest free `p1`, `p2`, ... */
export function freeProjectionKey(taken: object): string {
  for (let n = 1; ; n++) if (!Object.hasOwn(taken, `p${n}`)) return `p${n}`;
}

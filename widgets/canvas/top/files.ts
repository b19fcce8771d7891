// Files in and out of the browser: picking one to open, handing one over as a download.

/** Asks for a file and gives its name and text, or its bytes where it is not JSON; nothing happens when the person thinks better of it. */
export function pickFile(root: Node, take: (name: string, content: string | Uint8Array) => void): void {
  const input = (root.ownerDocument ?? (root as Document)).createElement("input");
  input.type = "file";
  input.accept = ".json,.nir,.h5,application/json";
  input.onchange = () => {
    const file = input.files?.[0];
    if (file) void contentOf(file).then((content) => take(file.name, content));
  };
  input.click();
}

/** Text for JSON, bytes for anything else: reading HDF5 as text would corrupt it. */
export async function contentOf(file: Pick<File, "name" | "text" | "arrayBuffer">): Promise<string | Uint8Array> {
  return /\.json$/i.test(file.name) ? file.text() : new Uint8Array(await file.arrayBuffer());
}

export function download(name: string, mime: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type: mime }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

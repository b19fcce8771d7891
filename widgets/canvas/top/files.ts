// Files in and out of the browser: picking one to open, handing one over as a download.

/** Asks for a file and gives its name and text; nothing happens when the person thinks better of it. */
export function pickFile(root: Node, take: (name: string, text: string) => void): void {
  const input = (root.ownerDocument ?? (root as Document)).createElement("input");
  input.type = "file";
  input.accept = ".json,.nir,application/json";
  input.onchange = () => {
    const file = input.files?.[0];
    if (file) void file.text().then((text) => take(file.name, text));
  };
  input.click();
}

export function download(name: string, mime: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type: mime }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

import assert from "node:assert/strict";
import { test } from "node:test";

import { contentOf } from "./files";

const NIR = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0xff, 0x00);

test("a NIR file stays the bytes it is", async () => {
  assert.deepEqual(await contentOf(new File([NIR], "net.nir")), NIR);
});

test("a document is read as text", async () => {
  assert.equal(await contentOf(new File(["{}"], "net.snn.JSON")), "{}");
});

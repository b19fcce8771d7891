// The catalogue that lies in the bundle: for hosts without Python. With Python present its own catalogue replaces it.

import type { Catalogue } from "./catalogue";
import data from "./generated/catalogue.json";

export function bundledCatalogue(): Catalogue {
  return data as unknown as Catalogue;
}

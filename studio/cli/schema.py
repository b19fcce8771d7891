"""Print the JSON Schema of the document, or the catalogue of models."""

from __future__ import annotations

import json
import warnings
from argparse import ArgumentParser, Namespace

from studio.cli.exits import DONE


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--catalogue", action="store_true", help="print every model with its parameters, units and bounds instead")


def main(args: Namespace) -> int:
    print(json.dumps(_catalogue() if args.catalogue else _document(), indent=2, ensure_ascii=False, allow_nan=False))
    return DONE


def _document() -> dict[str, object]:
    from studio.network.document import Document

    warnings.filterwarnings("ignore", "Default value .* is not JSON serializable")  # an empty frozen mapping: nothing to say
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Document.model_json_schema(by_alias=True)}


def _catalogue() -> dict[str, object]:
    from studio.models.catalogue import catalogue

    return catalogue().to_json()

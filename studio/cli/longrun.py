"""A run that may be stopped and taken up again: what was asked of it lies beside what it writes, in DIR/run."""

from __future__ import annotations

import json
import shutil
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from studio.cli import documents
from studio.cli.exits import UsageError
from studio.cli.numbers import above

FOLDER, ASKED = "run", "asked.json"
# what a run is; on resuming, all but the last three must stay as they were
OWN = ("document", "dt", "seed", "precision", "weights", "connectivity", "method", "settings", "record", "wait", "fault", "steer")
FREE = ("duration", "threads", "checkpoint")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", help="where recording.h5 and summary.json go")
    parser.add_argument(
        "--checkpoint",
        type=above(0.0),
        metavar="SECONDS",
        help="keep a state to go on from every so many seconds; with --out, also on Ctrl-C",
    )
    parser.add_argument(
        "--resume", type=Path, metavar="DIR", help="go on with the run that was stopped or killed in DIR, to the same spikes"
    )
    parser.add_argument("--steer", metavar="FILE", help="change parameters while it runs: a JSON list of [ms, path, value], or a recording")


def settle(args: Namespace) -> None:
    """Fill in what a resumed run was asked for at first; raise UsageError for what does not go together."""
    if args.resume is None:
        if args.document is None:
            raise UsageError("Which network? Give a file or a template, or --resume DIR.")
        if args.checkpoint is not None and args.out is None:
            raise UsageError("--checkpoint keeps its states in --out DIR; say where.")
        _refuse_to_overwrite(args)
        return
    if args.out not in (None, args.resume):
        raise UsageError("--resume DIR goes on in DIR; leave --out away.")
    given = [name for name in OWN if getattr(args, name) not in (None, [])]
    if given:
        words = ", ".join({"settings": "--set", "document": "a document"}.get(name, f"--{name}") for name in given)
        raise UsageError(f"--resume goes on with what {args.resume} was asked for; leave {words} away.")
    before = _asked(args.resume / FOLDER)
    for name in OWN:
        setattr(args, name, before[name])
    for name in FREE:
        if getattr(args, name) is None:
            setattr(args, name, before[name])
    args.out = args.resume


def _refuse_to_overwrite(args: Namespace) -> None:
    if args.out is not None and any((args.out / FOLDER).rglob("state.npz")):
        raise UsageError(
            f"{args.out} holds a run that was stopped. Go on with it by `studio run --resume {args.out}`, or delete {args.out / FOLDER}."
        )


def _asked(folder: Path) -> dict[str, Any]:
    try:
        said = json.loads((folder / ASKED).read_text(encoding="utf-8"))
        return {name: said[name] for name in (*OWN, *FREE)}
    except FileNotFoundError:
        raise UsageError(f"There is no run to go on with in {folder.parent}: it ended, or was started without --out.") from None
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise UsageError(f"{folder / ASKED} cannot be read ({wrong}).") from None


def keeping(args: Namespace, first: bool = True) -> dict[str, Any]:
    """How `simulate` is told to keep this run; empty without --out. The `first` of several processes writes down what was asked."""
    if args.out is None:
        return {}
    folder = args.out / FOLDER
    if args.resume is not None:
        return {"resume": folder, "checkpoint_s": args.checkpoint}
    if not first:
        return {"checkpoint": folder, "checkpoint_s": args.checkpoint}
    shutil.rmtree(folder, ignore_errors=True)  # what an earlier run, perhaps of more processes, left there
    folder.mkdir(parents=True, exist_ok=True)
    asked = {name: getattr(args, name) for name in (*OWN, *FREE)} | {"document": str(documents.find(args.document).resolve())}
    if args.steer:
        asked["steer"] = str(Path(args.steer).resolve())
    (folder / ASKED).write_text(json.dumps(asked, indent=2), encoding="utf-8")
    return {"checkpoint": folder, "checkpoint_s": args.checkpoint}


def steering(args: Namespace) -> list[Any] | None:
    """The changes that --steer names; raises FindingError where its file holds none."""
    if args.steer is None:
        return None
    from studio.engine.steering import from_file

    if not Path(args.steer).exists():
        raise UsageError(f"--steer {args.steer}: there is no such file.")
    return from_file(Path(args.steer))


def forget(args: Namespace) -> None:
    """Remove what only an unfinished run needs."""
    if args.out is not None:
        shutil.rmtree(args.out / FOLDER, ignore_errors=True)

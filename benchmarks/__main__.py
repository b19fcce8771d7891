"""python -m benchmarks peers | run CASES | agree CASES | report"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import results

ALL = ("b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="The engine beside other simulators.")
    commands = parser.add_subparsers(dest="command", required=True)
    _peers(commands.add_parser("peers", help="make the peers' environments"))
    _run(commands.add_parser("run", help="measure cases side by side"))
    _agree(commands.add_parser("agree", help="compare rates, irregularity and learnt weights with NEST, five seeds each"))
    report = commands.add_parser("report", help="write the tables and the plot of docs/benchmarks.md from the results")
    report.add_argument("--results", type=Path, default=results.FOLDER)
    report.set_defaults(go=_report)
    args = parser.parse_args(argv)
    return args.go(args)


def _peers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", help="nest, brian2 (default: both)")

    def go(args: argparse.Namespace) -> int:
        from benchmarks import environments

        for name in args.names or environments.ENVIRONMENTS:
            print(f"{name}: {environments.make(name)}")
        return 0

    parser.set_defaults(go=go)


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cases", nargs="+", choices=ALL, metavar="CASE", help="b1 to b8")
    parser.add_argument("--peers", type=_words, help="nest,brian2 (default: those of the case; none: the engine alone)")
    parser.add_argument("--threads", type=_numbers, default=(), help="1,2")
    parser.add_argument("--repeats", type=int, default=0)
    parser.add_argument("--ways", type=_words, default=(), help="of the engine, by name")
    parser.add_argument("--out", type=Path, default=results.FOLDER, help="where the result files go")
    parser.add_argument("--patience", type=float, default=10.0, help="seconds that each measurement waits for a quiet machine")

    def go(args: argparse.Namespace) -> int:
        from benchmarks import running, scaling, small, startup

        asked = running.Asked(args.peers, args.threads, args.repeats, args.out, args.ways, args.patience)
        own = {"b6": scaling.run, "b7": startup.run, "b8": small.run}
        for key in args.cases:
            print(f"--- {key}", flush=True)
            print(own[key](asked) if key in own else running.run(key, asked))
        return 0

    parser.set_defaults(go=go)


def _agree(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cases", nargs="+", choices=("b1", "b2", "b3", "b4"), metavar="CASE")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=results.FOLDER)

    def go(args: argparse.Namespace) -> int:
        from benchmarks import agreement

        agreed = [agreement.run(key, args.seeds, args.out) for key in args.cases]  # all of them, also after one that differs
        return 0 if all(agreed) else 1

    parser.set_defaults(go=go)


def _report(args: argparse.Namespace) -> int:
    from benchmarks import report

    for path in report.write(args.results):
        print(path)
    return 0


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(",") if word and word != "none")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


if __name__ == "__main__":
    sys.exit(main())

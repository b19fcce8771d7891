"""The analysis page: pictures of the last run, from its recording."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel as pn

from studio.ui.app.sheets import Theme, page_name, sheet, theme, words
from studio.ui.session import Session

if TYPE_CHECKING:
    from studio.engine.recording import Recording
    from studio.ui.app.pages import Pages

NOTHING = "There is no recording yet. Run the network in the studio, then come back."
LEAD = "The last run that left a recording. Drag in a plot to zoom, double-click to see all of it again."


def page(pages: Pages) -> Any:
    session, leave = pages.enter(page_name(pages))
    pn.state.on_session_destroyed(lambda _: leave())
    return sheet("Analysis", LEAD, Pictures(session, theme()).panel)


class Pictures:
    """The plots of the session's latest recording; a look at the page after a new run draws them anew."""

    def __init__(self, session: Session, theme: Theme) -> None:
        self._session = session
        self._theme: Theme = theme
        self._file: Path | None = None
        self.panel = pn.Column(words(f"<p>{NOTHING}</p>"), sizing_mode="stretch_width")
        self.refresh()
        pn.state.add_periodic_callback(self.refresh, period=500)

    def refresh(self) -> None:
        """Draws when there is a recording that was not drawn yet and the painters are there."""
        file = self._session.runs.last_recorded
        if file is None or file == self._file:
            return
        if not PAINTERS.ready():
            self.panel[:] = [words("<p>Getting the plots ready …</p>")]
            return
        self._file = file
        recording = self._session.recording
        if recording is not None:
            self.panel[:] = sections(recording, self._theme)


class Painters:
    """HoloViews and the views, loaded in a thread: it takes seconds, and the page's server must go on."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def ready(self) -> bool:
        """Whether they are loaded; the first call starts that."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._load, name="studio-painters", daemon=True)
                self._thread.start()
            return not self._thread.is_alive()

    def _load(self) -> None:
        import holoviews as hv

        from studio import views  # noqa: F401 (loaded while nobody waits)

        hv.extension("bokeh")  # pyright: ignore[reportCallIssue]
        hv.render(hv.Points([(0.0, 0.0), (1.0, 1.0)]), backend="bokeh")


PAINTERS = Painters()


def sections(recording: Recording, theme: Theme) -> list[Any]:
    """What a recording has to show, most asked for first."""
    import holoviews as hv

    from studio import views

    hv.extension("bokeh")  # pyright: ignore[reportCallIssue]
    made: list[tuple[str, Callable[[], Any]]] = [
        ("Spikes", lambda: views.raster(recording, theme=theme)),
        ("Rates", lambda: views.rates(recording, theme=theme)),
        ("Sparsity", lambda: views.sparsity(recording, theme=theme)),
    ]
    if recording.traces:
        made.append(("Traces", lambda: views.traces(recording, theme=theme)))
    if recording.weights:
        made.append(("Weights", lambda: views.weight_matrix(recording, theme=theme)))
        made.append(("Distribution of weights", lambda: views.weight_histogram(recording, theme=theme)))
    return [_facts(recording), *(_section(title, picture()) for title, picture in made)]


def _section(title: str, picture: Any) -> Any:
    return pn.Column(
        words(f"<h2>{title}</h2>"),
        pn.pane.HoloViews(picture, sizing_mode="stretch_width", height=320, margin=0),
        sizing_mode="stretch_width",
        margin=(0, 0, 24, 0),
    )


def _facts(recording: Recording) -> Any:
    n = sum(recording.counters["spikes"].values())
    partial = "" if recording.complete else " (cancelled; this much was recorded)"
    took = f"built in {recording.build_s + recording.compile_s:.2f} s, run in {recording.wall_s:.2f} s"
    task = recording.provenance.get("task")
    right = f", {task['accuracy']:.1%} of {task['n']:,} right" if task else ""
    said = f"{recording.duration:,.0f} ms{partial}, {n:,} spikes{right}, seed {recording.provenance.get('seed', '?')}, {took}"
    return words(f"<p style='margin-bottom: 16px'>{said}</p>")

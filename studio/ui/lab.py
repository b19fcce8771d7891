"""JupyterLab: where its prebuilt extension lies. The server side needs nothing: a network is a text file to it."""

from __future__ import annotations


def labextension_paths() -> list[dict[str, str]]:
    """What `jupyter labextension` asks of the package (as `_jupyter_labextension_paths`)."""
    return [{"src": "labextension", "dest": "spike-studio"}]

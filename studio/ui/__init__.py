"""The studio on screen: an open canvas's Python half, its worker process, and the hosts (notebook cell, JupyterLab, Panel app)."""

"""`python -m studio.models.reference` is `python -m studio.views.reference`: pages need pictures, which lie in an upper room."""

import runpy

if __name__ == "__main__":
    runpy.run_module("studio.views.reference", run_name="__main__")

"""How JupyterLab opens the course: `jupyter lab --config=jupyter_config.py NOTEBOOK`.

JupyterLab writes the version of Python, the times of runs and the numbers of widgets into every
notebook that it saves, and it saves by itself. Then `git pull` refuses, although nobody changed a
word. So what is saved keeps the form in which the notebooks are committed: the same text and the
same outputs are the same bytes.
"""

from pathlib import Path
from typing import Any

import zmq

WIDGET = "application/vnd.jupyter.widget-view+json"


def keep_form(model: dict[str, Any], **_: Any) -> None:
    """Take out of a notebook that is about to be saved what differs from machine to machine."""
    if model["type"] != "notebook":
        return
    notebook = model["content"]
    notebook["metadata"].pop("widgets", None)
    if "language_info" in notebook["metadata"]:
        notebook["metadata"]["language_info"] = {"name": "python"}
    for cell in notebook["cells"]:
        cell["metadata"].pop("execution", None)
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(
                WIDGET, None
            )  # It names an object that ends with the kernel.


c = get_config()  # type: ignore[name-defined] # noqa: F821 - JupyterLab puts it here
c.ServerApp.root_dir = str(Path(__file__).parent)
c.FileContentsManager.pre_save_hook = keep_form
if zmq.has("curve"):  # Else each kernel warns that it is not encrypted.
    c.KernelManager.transport_encryption = "auto"

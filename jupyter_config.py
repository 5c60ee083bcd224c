"""How JupyterLab opens the course: `jupyter lab --config=jupyter_config.py NOTEBOOK`.

JupyterLab writes the version of Python, the times of runs and the numbers of widgets into every
notebook that it saves, and it saves by itself. Then `git pull` refuses, although nobody changed a
word. So what is saved keeps the form in which the notebooks are committed: the same text and the
same outputs are the same bytes.
"""

import warnings
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
    while notebook["cells"] and is_empty(notebook["cells"][-1]):  # Shift+Enter at the end adds one.
        notebook["cells"].pop()
    count = 0
    for cell in notebook["cells"]:
        cell["metadata"].pop("execution", None)
        outputs = cell.get("outputs", ())
        for output in outputs:
            output.get("data", {}).pop(
                WIDGET, None
            )  # It names an object that ends with the kernel.
        if cell.get("execution_count") is not None:
            count += 1  # Not how often something was run: which of the cells that were it is.
            for part in (cell, *outputs):
                if "execution_count" in part:
                    part["execution_count"] = count


def is_empty(cell: dict[str, Any]) -> bool:
    """True for a code cell in which nothing stands and that shows nothing."""
    return cell["cell_type"] == "code" and not cell["source"] and not cell["outputs"]


# JupyterLab reads this file twice, and would warn that the second hook is not the first.
warnings.filterwarnings("ignore", "Overriding existing pre_save_hook")
c = get_config()  # type: ignore[name-defined] # noqa: F821 - JupyterLab puts it here
c.ServerApp.root_dir = str(Path(__file__).parent)
c.FileContentsManager.pre_save_hook = keep_form
if zmq.has("curve"):  # Else each kernel warns that it is not encrypted.
    c.KernelManager.transport_encryption = "auto"

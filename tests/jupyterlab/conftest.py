"""JupyterLab, started as the README says in a copy of the course, and a headless browser for it.

The browser ends with the module that uses it: Playwright keeps an event loop in this thread, beside
which no other can run.
"""

import os
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from stages.check.program import free_port
from tests.needs import need

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
CHROMIUM += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
START = """
from jupyterlab.labapp import main
from stages.exercises.kernels import kernels_apart

kernels_apart()
main()
"""
STARTS = "/bin/jupyter lab "  # In the README's command; what follows are its options.
SETTINGS = {"@jupyterlab/apputils-extension/notification": '{"fetchNews": "false"}'}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a learner sees of the course."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("notebooks", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "jupyter_config.py", folder)
    return folder


def options_of_the_readme() -> list[str]:
    """What the README's command to open the course tells JupyterLab."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = [
        line for line in readme.splitlines() if line.startswith("python3") and STARTS in line
    ]
    return shlex.split(command.partition(STARTS)[2])


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What JupyterLab keeps for itself, and `log`, which has all that it prints."""
    return tmp_path_factory.mktemp("jupyter")


@pytest.fixture(scope="module")
def lab_url(course: Path, own: Path) -> Iterator[str]:
    """Where JupyterLab runs, with no settings but its own."""
    for name, text in SETTINGS.items():
        path = own / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    port = free_port()
    command = [sys.executable, "-c", START, *options_of_the_readme()]
    command += [
        "--no-browser",
        "--expose-app-in-browser",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
    ]
    command += ["--IdentityProvider.token=", "--allow-root"]
    url = f"http://127.0.0.1:{port}/lab"
    with (own / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=course,
            stdout=log,
            stderr=log,
            env={
                **os.environ,
                "PYTHONPATH": str(course),
                **{name: str(own / place) for name, place in places.items()},
            },
        )
        try:
            wait_until_it_answers(url, process, own / "log")
            yield url
        finally:
            process.terminate()
            process.wait(PATIENCE)


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when JupyterLab serves its page."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(url, timeout=PATIENCE).close()  # noqa: S310 - our own address
            return
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, as Debian has it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=need("chromium"), args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def lab(lab_url: str, browser: Browser) -> Iterator["Lab"]:
    """JupyterLab in a fresh tab."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(f"{lab_url}?reset")
    page.wait_for_function("() => window.jupyterapp")
    page.evaluate("() => window.jupyterapp.restored.then(() => true)")
    lab = Lab(page)
    yield lab
    page.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll()")
    page.close()


class Lab:
    """What a learner does in JupyterLab."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, path: str) -> None:
        """Open a notebook, and wait for its kernel."""
        self.page.evaluate(
            """async path => {
                const app = window.jupyterapp;
                const panel = await app.commands.execute('docmanager:open', {path});
                await panel.context.ready;
                await panel.sessionContext.ready;
                await panel.sessionContext.session.kernel.info;
                app.shell.activateById(panel.id);
            }""",
            path,
        )

    def run_all(self) -> None:
        """Run all cells, and wait until the last one is done."""
        self.page.evaluate(
            "() => window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => true)"
        )

    def restart(self) -> None:
        """Restart the kernel."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
            ".then(() => true)"
        )

    def cells(self) -> list[dict[str, Any]]:
        """The code cells, as the page has them."""
        found: list[dict[str, Any]] = self.page.evaluate(
            """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
                .filter(cell => cell.type === 'code').map(cell => cell.toJSON())"""
        )
        return found

    def show_first(self, text: str, kind: str = "code") -> None:
        """Scroll to the first cell of this kind with `text` in it."""
        self.page.evaluate(
            """async ([text, kind]) => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                const cells = [...notebook.model.cells];
                const at = cells.findIndex(
                    cell => cell.type === kind && cell.sharedModel.source.includes(text));
                notebook.activeCellIndex = at;
                await notebook.scrollToItem(at, 'start');
            }""",
            [text, kind],
        )

    def write_into(self, text: str, source: str) -> None:
        """Type, or rather paste, over all that stands in the first cell with `text` in it."""
        self.show_first(text)
        self.page.evaluate(
            "() => window.jupyterapp.commands.execute('notebook:enter-edit-mode').then(() => true)"
        )
        self.page.locator(".jp-Notebook-cell.jp-mod-active .cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)

    def save(self) -> None:
        """Save the notebook."""
        self.page.keyboard.press("ControlOrMeta+s")
        self.page.wait_for_function(
            "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"
        )

    def in_a_terminal(self, command: str, expected: str) -> None:
        """Type a command into a terminal of the menu, and wait until it prints what is expected."""
        self.page.evaluate(
            """async ([command, expected, milliseconds]) => {
                const panel = await window.jupyterapp.commands.execute('terminal:create-new');
                const terminal = panel.content.session;
                let printed = '';
                await new Promise((resolve, reject) => {
                    setTimeout(() => reject(new Error('it printed ' + printed)), milliseconds);
                    terminal.messageReceived.connect((_, message) => {
                        printed += (message.content ?? []).join('');
                        if (printed.includes(expected)) resolve();
                    });
                    terminal.send({type: 'stdin', content: [command + '\\r']});
                });
                await terminal.shutdown();
            }""",
            [command, expected, PATIENCE * 1000],
        )

    def theme(self, name: str) -> None:
        """Change the theme."""
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
            ".then(() => true)",
            name,
        )

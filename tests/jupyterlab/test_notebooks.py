"""Every notebook in JupyterLab itself: it runs, its picture is on the page, people can talk."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from stages import phrases
from tests.jupyterlab.conftest import ROOT, Lab, options_of_the_readme

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
PICTURE = ".jp-RenderedSVG img"
LOOKS = {
    "dark": ("JupyterLab Dark", 1200),
    "narrow": ("JupyterLab Light", 600),
}


def errors(lab: Lab) -> list[str]:
    """What the cells of the open notebook complain of."""
    return [
        output.get("ename", output.get("text"))
        for cell in lab.cells()
        for output in cell["outputs"]
        if output["output_type"] == "error" or output.get("name") == "stderr"
    ]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_all_cells_run_and_the_picture_is_on_the_page(lab: Lab, name: str) -> None:
    lab.open(f"notebooks/{name}")
    lab.run_all()
    assert errors(lab) == []
    counts = [cell["execution_count"] for cell in lab.cells()]
    assert counts == list(range(1, len(counts) + 1))
    lab.show_first(".diagram(")
    picture = lab.page.locator(PICTURE).first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalHeight)") > 100


@pytest.mark.parametrize("name", ["03_broadcast", "05_who"])
def test_cells_run_again_and_after_a_restart(lab: Lab, name: str) -> None:
    lab.open(f"notebooks/{name}.ipynb")
    lab.run_all()
    lab.run_all()
    assert errors(lab) == []
    lab.restart()
    lab.run_all()
    assert errors(lab) == []


def saved(lab: Lab, course: Path, name: str) -> str:
    """Save the open notebook, which is that of this name; returns what is in its file then."""
    lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save().then(() => true)")
    return (course / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["notebooks/05_who.ipynb", "notebooks/live_chat.ipynb"])
def test_saving_what_was_only_run_changes_nothing(lab: Lab, course: Path, name: str) -> None:
    """So `git pull` works after a lesson."""
    lab.open(name)
    committed = (ROOT / name).read_text(encoding="utf-8")
    assert saved(lab, course, name) == committed
    lab.run_all()
    assert saved(lab, course, name) == committed
    lab.run_all()
    lab.page.evaluate(
        "() => window.jupyterapp.commands.execute('notebook:insert-cell-below').then(() => true)"
    )
    assert saved(lab, course, name) == committed


def test_a_kernel_has_nothing_to_warn_of(lab: Lab, own: Path) -> None:
    before = (own / "log").stat().st_size
    lab.open("notebooks/05_who.ipynb")
    lab.run_all()
    printed = (own / "log").read_bytes()[before:].decode()
    assert "Kernel started" in printed
    assert "WARN" not in printed.upper()


def test_a_link_out_of_the_notebooks_leads_there(lab: Lab) -> None:
    lab.open("notebooks/02_online_notice.ipynb")
    lab.show_first("](../docs/tutorial-graded.md)", "markdown")
    lab.page.get_by_role("link", name="the Go program's results").click()
    lab.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget?.context?.path === 'docs/tutorial-graded.md'"
    )


def test_a_terminal_is_where_the_commands_of_the_course_work(lab: Lab) -> None:
    lab.in_a_terminal("ls notebooks/00_welcome.ipynb && echo it is 'there'", "it is there")


def test_the_course_is_opened_in_the_same_way_everywhere() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ways = re.findall(r"jupyter lab (\S+) notebooks[/\\]00_welcome\.ipynb", readme)
    assert ways == [options_of_the_readme()[0]] * 3


def test_what_alice_types_into_the_live_panel_the_others_read(lab: Lab) -> None:
    lab.open("notebooks/live_chat.ipynb")
    lab.run_all()
    field = lab.page.get_by_placeholder("alice says …, then Enter")
    field.fill("is <b>anybody</b> there?")
    field.press("Enter")
    line = "127.0.0.1:alice]127.0.0.1:alice:is <b>anybody</b> there?"
    columns = lab.page.locator(".widget-hbox > .widget-vbox")
    for number in range(3):
        expect(columns.nth(number)).to_contain_text(line)
    expect(field).to_have_value("")
    field.fill("to|nobody|hello")
    field.press("Enter")
    expect(columns.nth(0)).to_contain_text(phrases.PRIVATE_NO_TARGET)
    expect(columns.nth(1)).not_to_contain_text("hello")


def test_a_line_typed_as_fast_as_can_be_arrives_whole(lab: Lab) -> None:
    lab.open("notebooks/live_chat.ipynb")
    lab.run_all()
    field = lab.page.get_by_placeholder("alice says …, then Enter")
    field.click()
    lines = [f"line {number}, and this is its end" for number in range(12)]
    for line in lines:
        lab.page.keyboard.type(f"{line}\n")
    column = lab.page.locator(".widget-hbox > .widget-vbox").nth(1)
    for line in lines:
        expect(column).to_contain_text(f":{line}")


@pytest.mark.parametrize("look", LOOKS)
def test_in_both_themes_and_in_a_narrow_window(lab: Lab, look: str, tmp_path: Path) -> None:
    """To look at the pictures, name a folder for them in SCREENSHOTS."""
    theme, width = LOOKS[look]
    lab.page.set_viewport_size({"width": width, "height": 900})
    lab.theme(theme)
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    folder.mkdir(exist_ok=True)
    for name, code, seen in (
        ("03_broadcast", ".diagram(", PICTURE),
        ("live_chat", "Panel(", "input[placeholder^=carol]"),
    ):
        lab.open(f"notebooks/{name}.ipynb")
        lab.run_all()
        lab.show_first(code)
        expect(lab.page.locator(seen).first).to_be_visible()
        lab.page.screenshot(path=folder / f"{name}-{look}.png")

"""Drives JupyterLab in a headless Chromium; see jupyterlab.md. Started by jupyterlab.sh."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

START_SECONDS = 120
RUN_SECONDS = 1800

# What a cell looks like from within JupyterLab: its model, whether it is in view or not.
CELLS = """
return jupyterapp.shell.currentWidget.content.widgets
  .filter(cell => cell.model.type === 'code')
  .map(cell => ({
    source: cell.model.sharedModel.getSource(),
    prompt: cell.promptNode ? cell.promptNode.textContent : '',
    state: cell.model.executionState,
    count: cell.model.executionCount,
    outputs: cell.model.outputs.toJSON(),
  }));
"""
STATUS = "return jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status ?? 'none';"

# Cells that would never end, of all kinds: code without a pause, a wait, a training loop that does both, and one whose
# awaits let no message in.
LONG_CELLS = {
    "computing": "for (let i = 0;; i++) Math.sqrt(i);",
    "waiting": """
const { interruptible } = await import("ephemera/notebook");
await interruptible(new Promise(() => {}));
""".strip(),
    "training": """
const { progressDisplay: showProgress } = await import("ephemera/notebook");
const training = showProgress({ label: "Training without end" });
for (let epoch = 1;; epoch++) {
  for (const end = Date.now() + 50; Date.now() < end;);
  await new Promise((resolve) => setTimeout(resolve, 0));
  training.update(epoch, 1000);
}
""".strip(),
    "breathless": """
const breathless = showProgress({ label: "Training without a pause" });
for (let epoch = 1;; epoch++) {
  for (const end = Date.now() + 50; Date.now() < end;);
  await null;
  breathless.update(epoch, 1000);
}
""".strip(),
}


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def wait(what: str, seconds: float, condition):
    """Returns the first true value of condition(); fails when none comes in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise SystemExit(f"FAILED: {what} did not happen within {seconds} s")


class Lab:
    """One notebook, open in JupyterLab."""

    def __init__(self, driver, output: Path):
        self.driver = driver
        self.output = output

    def command(self, name: str, **arguments) -> None:
        # Without `return`: the command's promise may take as long as the cells.
        self.driver.execute_script("jupyterapp.commands.execute(arguments[0], arguments[1]);", name, arguments)

    def cells(self) -> list[dict]:
        return self.driver.execute_script(CELLS)

    def status(self) -> str:
        return self.driver.execute_script(STATUS)

    def shot(self, name: str) -> None:
        self.driver.save_screenshot(str(self.output / f"{name}.png"))

    def add_cell(self, source: str) -> None:
        self.driver.execute_script(
            """
            const notebook = jupyterapp.shell.currentWidget.content;
            notebook.activeCellIndex = notebook.widgets.length - 1;
            const cells = notebook.model.sharedModel;
            cells.insertCell(cells.cells.length, { cell_type: 'code', source: arguments[0] });
            notebook.activeCellIndex = notebook.widgets.length - 1;
            """,
            source,
        )

    def dismiss_dialogs(self) -> None:
        self.driver.execute_script("document.querySelectorAll('.jp-Dialog .jp-mod-accept').forEach(b => b.click());")


def run_all(lab: Lab) -> dict:
    """Runs all cells and watches them; returns what was seen."""
    lab.command("notebook:run-all-cells")
    begin = time.monotonic()
    shown: dict[int, set[str]] = {}
    shots = 0

    def finished() -> bool:
        nonlocal shots
        cells = lab.cells()
        for index, cell in enumerate(cells):
            shown.setdefault(index, set()).add(json.dumps(cell["outputs"]))
        if shots < 5 and time.monotonic() - begin > 3 * shots:
            lab.shot(f"running-{shots + 1}")
            shots += 1
        failed = any(output["output_type"] == "error" for cell in cells for output in cell["outputs"])
        done = all(cell["count"] is not None or not cell["source"].strip() for cell in cells)
        return failed or (done and lab.status() == "idle")

    wait("the end of all cells", RUN_SECONDS, finished)
    seconds = time.monotonic() - begin
    time.sleep(2)
    cells = lab.cells()
    errors = [output for cell in cells for output in cell["outputs"] if output["output_type"] == "error"]
    count = lambda selector: lab.driver.execute_script(
        "return document.querySelectorAll(arguments[0]).length", f".jp-OutputArea-output {selector}"
    )
    seen = {
        "seconds": round(seconds, 1),
        "cells": len(cells),
        "errors": [f"{error['ename']}: {error['evalue']}" for error in errors],
        "figures": count("svg") + count("img"),
        "tables": count("table"),
        "different outputs while running, by cell": [len(shown[index]) - 1 for index in sorted(shown)],
    }
    if errors:
        lab.shot("error")
        raise SystemExit(f"FAILED: {seen['errors'][0]}")
    return seen


def photograph(lab: Lab) -> int:
    """Screenshots of the notebook from top to bottom."""
    scroller = "document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer')"
    step = lab.driver.execute_script(f"return {scroller}.clientHeight") - 60
    height = lab.driver.execute_script(f"return {scroller}.scrollHeight")
    pages = 0
    for top in range(0, height, step):
        lab.driver.execute_script(f"{scroller}.scrollTop = {top}")
        time.sleep(0.7)
        pages += 1
        lab.shot(f"page-{pages}")
    return pages


def interrupt(lab: Lab, name: str, loop: str) -> dict:
    """Interrupts a cell that would never end, and runs one after it."""
    mark = f"went on after {name}"
    lab.add_cell(loop)
    lab.command("notebook:run-cell")
    wait(f"the start of the {name} cell", 30, lambda: lab.status() == "busy")
    time.sleep(1)
    begin = time.monotonic()
    lab.command("notebook:interrupt-kernel")
    wait(f"the end of the interrupted {name} cell", 60, lambda: lab.status() == "idle")
    seconds = time.monotonic() - begin
    lab.add_cell(f"'{mark}'")
    lab.command("notebook:run-cell")
    wait(
        f"a result after the interrupted {name} cell",
        60,
        lambda: mark in json.dumps(lab.cells()[-1]["outputs"]),
    )
    return {"seconds until idle": round(seconds, 1)}


def main() -> None:
    notebook, output = (Path(argument).resolve() for argument in sys.argv[1:3])
    output.mkdir(parents=True, exist_ok=True)
    for old in output.glob("*.png"):
        old.unlink()
    copy = notebook.with_name(f"jupyterlab-{secrets.token_hex(4)}.ipynb")
    content = json.loads(notebook.read_text())
    content["metadata"]["kernelspec"] = {
        "name": "ephemera",
        "display_name": "Deno (ephemera)",
        "language": "typescript",
    }
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    profile = tempfile.mkdtemp(prefix="jupyterlab-profile-")
    port, token = free_port(), secrets.token_hex(16)
    options = webdriver.ChromeOptions()
    for option in [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1400,1000",
        f"--user-data-dir={profile}/chromium",
    ]:
        options.add_argument(option)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    chromedriver = shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        raise SystemExit("FAILED: Chromium and its driver are needed: apt-get install chromium chromium-driver")
    options.binary_location = chromium
    settings = Path(profile) / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # All cells in the page, so that figures can be counted; and no question about news.
    (settings / "tracker.jupyterlab-settings").write_text('{ "windowingMode": "none" }')
    news = settings.parent / "apputils-extension"
    news.mkdir()
    (news / "notification.jupyterlab-settings").write_text('{ "fetchNews": "false", "checkForUpdates": false }')
    server = driver = None
    try:
        copy.write_text(json.dumps(content))
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "--allow-root",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                "--ServerApp.ip=127.0.0.1",
                f"--IdentityProvider.token={token}",
                f"--ServerApp.root_dir={notebook.parent}",
                f"--LabApp.user_settings_dir={profile}/settings",
                f"--LabApp.workspaces_dir={profile}/workspaces",
                "--LabApp.expose_app_in_browser=True",
            ],
            stdout=open(output / "server.log", "w"),
            stderr=subprocess.STDOUT,
            env={**os.environ, "JUPYTER_RUNTIME_DIR": f"{profile}/runtime"},
        )
        address = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            try:
                return urllib.request.urlopen(f"{address}/api?token={token}").status == 200
            except OSError:
                return False

        wait("JupyterLab's start", START_SECONDS, answers)
        driver = webdriver.Chrome(options=options, service=Service(chromedriver))
        driver.get(f"{address}/lab/tree/{copy.name}?token={token}")
        lab = Lab(driver, output)

        def ready() -> bool:
            return driver.execute_script(
                "return !!(window.jupyterapp && jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel)"
            ) and lab.status() == "idle"

        wait("the kernel's start", START_SECONDS, ready)
        lab.dismiss_dialogs()
        kernel = driver.execute_script("return jupyterapp.shell.currentWidget.sessionContext.session.kernel.name")
        seen = {"notebook": notebook.name, "kernel": kernel, **run_all(lab)}
        seen["pages"] = photograph(lab)
        for name, cell in LONG_CELLS.items():
            seen[f"interrupt of a {name} cell"] = interrupt(lab, name, cell)
        time.sleep(1)
        lab.shot("interrupted")
        (output / "seen.json").write_text(json.dumps(seen, indent=2) + "\n")
        print(json.dumps(seen, indent=2))
    finally:
        if driver is not None:
            driver.quit()
        if server is not None:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
        copy.unlink(missing_ok=True)
        shutil.rmtree(profile, ignore_errors=True)


if __name__ == "__main__":
    main()

"""Runs the command as a user does, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SEED = Path(os.environ.get("CONSILIA_SHARED", ROOT.parent / "shared")) / "seed" / "leg-cramps.txt"
"""The page that started it all; not part of the project, so tests that need it skip without it."""

ARTICLES = {
    "/": """<html><head><title>Home remedies</title></head><body><nav><a href="/">Home</a></nav>
<a href="/hiccups">Hiccups</a> <a href="/dry-eyes">Dry eyes</a> <a href="/diary">My diary</a></body></html>""",
    "/hiccups": """<html lang="en"><head><title>What causes hiccups? | Home remedies</title></head><body>
<nav><a href="/">Home</a> <a href="/dry-eyes">Dry eyes</a></nav><article><h1>What causes hiccups?</h1>
<p>Hiccups are short cramps of the diaphragm, the muscle below the lungs. They come on suddenly and nearly always pass by themselves
within a few minutes, in children as well as in adults, and they are rarely a sign of anything else.</p>
<h2>Causes of hiccups</h2><ul><li>Eating too much or too fast, so that the stomach is stretched.</li>
<li>Fizzy drinks, which bring gas into the stomach.</li><li>Excitement or sudden laughter.</li></ul>
<h2>How to stop hiccups</h2><ul><li>Sip a glass of cold water slowly.</li><li>Hold your breath for ten seconds and breathe out gently.</li>
<li>Avoid large meals late in the evening.</li></ul>
<h2>When to see a doctor</h2><p>See a doctor if hiccups last for more than two days or keep you from eating or sleeping.</p></article>
<footer>© Home remedies. All rights reserved.</footer></body></html>""",
    "/dry-eyes": """<html lang="en"><head><title>Dry eyes: causes and help | Home remedies</title></head><body>
<nav><a href="/">Home</a> <a href="/hiccups">Hiccups</a></nav><article><h1>Dry eyes: causes and help</h1>
<p>Dry eyes burn, feel gritty and tire quickly. The film of tears that protects the eye is too thin, or it dries too fast, and the eye
lets us know by itching and by watering on windy days, which surprises many people who have been told that their eyes are dry.</p>
<h2>What causes dry eyes?</h2><ol><li>Long hours at a screen, since we blink less.</li><li>Heated or air-conditioned rooms.</li>
<li>Contact lenses that are worn for too long.</li></ol>
<h2>What you can do</h2><ol><li>Look into the distance every twenty minutes.</li><li>Keep the air in your room moist.</li>
<li>Use artificial tears when your eyes feel dry.</li></ol></article></body></html>""",
    "/diary": """<html><head><title>Sign in</title></head><body><form action="/session" method="post"><h1>Sign in</h1>
<label>Name <input name="name"></label><label>Password <input type="password" name="password"></label><button>Sign in</button></form></body></html>""",
}
"""A small site of our own words: an index, two articles, a login page."""


def consilia(
    *arguments: str | Path, cwd: Path, text: str | bytes | None = None, code: int | None = 0
) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder; its exit code is checked, and that nothing looks like a fault of ours."""
    given = text.encode() if isinstance(text, str) else text
    done = subprocess.run(
        [sys.executable, "-m", "consilia", *map(str, arguments)],
        input=given,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "160"},
        timeout=300,
    )
    out = subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in out.stderr, out.stderr
    if code is not None:
        assert out.returncode == code, (out.returncode, out.stdout, out.stderr)
    return out


def records(*arguments: str | Path, cwd: Path, text: str | bytes | None = None) -> list[dict[str, Any]]:
    """What `consilia text` prints, one record a file."""
    out = consilia("text", *arguments, cwd=cwd, text=text).stdout
    return [json.loads(out)] if len(arguments) == 1 else [json.loads(line) for line in out.splitlines()]

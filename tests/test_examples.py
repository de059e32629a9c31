"""The examples are imported and executed once, in an interpreter that has the orchestrator.

Neither Dagster nor Airflow is among our requirements (48 and 130 packages). Name an interpreter that has one, and it is tried:
CONSILIA_DAGSTER_PYTHON, CONSILIA_AIRFLOW_PYTHON. (Tried: Dagster 1.13.29, Airflow 3.3.2.)
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from output.dataset.version import open_version

from .clinic import ARTICLES, clinic
from .command import ROOT
from .crawler.website import serve

pytestmark = pytest.mark.slow

DAGSTER = """
import runpy, sys
made = runpy.run_path(sys.argv[1])
from dagster import materialize
done = materialize([made["health_advice"]], raise_on_error=False)
print("succeeded" if done.success else "failed")
if done.success:
    (event,) = done.asset_materializations_for_node("health_advice")
    print(event.metadata["articles"].value)
assert made["definitions"].get_job_def("nightly")
"""

AIRFLOW = """
import runpy, sys
made = runpy.run_path(sys.argv[1], run_name="dag")
dag = made["consilia"]()
done = dag.test()
print("succeeded" if str(done.state) == "success" else "failed")
"""


def python_with(module: str) -> str:
    """An interpreter that has the module."""
    variable = f"CONSILIA_{module.upper()}_PYTHON"
    if python := os.environ.get(variable):
        return python
    if importlib.util.find_spec(module):
        return sys.executable
    pytest.skip(f"{module} is not installed here, and {variable} names no interpreter that has it")


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A small site, and the environment that tells the examples of it."""
    with serve(clinic(ARTICLES[:3])) as site:
        (tmp_path / "clinic.toml").write_text(site.profile("clinic"))
        yield {
            **os.environ,
            "CONSILIA": f"env PYTHONPATH={ROOT} {sys.executable} -m consilia",
            "CONSILIA_PROFILES": str(tmp_path / "clinic.toml"),
            "CONSILIA_DATA": str(tmp_path / "data"),
            "DAGSTER_HOME": "",
            "AIRFLOW_HOME": str(tmp_path / "airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(tmp_path / "dags"),
        }


def execute(python: str, program: str, example: str, environment: dict[str, str], cwd: Path) -> list[str]:
    done = subprocess.run(
        [python, "-c", program, str(ROOT / "examples" / example)],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.splitlines()


def test_dagster_materialises_a_version_and_a_failed_gate_fails_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    python = python_with("dagster")
    told = execute(python, DAGSTER, "dagster_consilia.py", environment, tmp_path)
    assert told[-2:] == ["succeeded", "3"]
    assert open_version(tmp_path / "data" / "dataset").count("articles") == 3

    profile = tmp_path / "clinic.toml"
    profile.write_text(profile.read_text() + "\n[gate]\narticles = 9\n")
    assert execute(python, DAGSTER, "dagster_consilia.py", environment, tmp_path)[-1] == "failed"


def test_airflow_runs_the_dag_and_a_failed_gate_fails_it(environment: dict[str, str], tmp_path: Path) -> None:
    python = python_with("airflow")
    migrated = subprocess.run(
        [python, "-m", "airflow", "db", "migrate"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert migrated.returncode == 0, migrated.stderr[-4000:]
    (tmp_path / "dags").mkdir()
    example = tmp_path / "dags" / "airflow_consilia.py"
    example.write_text((ROOT / "examples" / "airflow_consilia.py").read_text())
    assert execute(python, AIRFLOW, str(example), environment, tmp_path)[-1] == "succeeded"
    assert open_version(tmp_path / "data" / "dataset").count("articles") == 3
    profile = tmp_path / "clinic.toml"
    profile.write_text(profile.read_text() + "\n[gate]\narticles = 9\n")
    assert execute(python, AIRFLOW, str(example), environment, tmp_path)[-1] == "failed"


def test_the_examples_compile_and_name_no_file_of_this_machine() -> None:
    for path in sorted((ROOT / "examples").glob("*.py")):
        source = path.read_text()
        compile(source, str(path), "exec")
        assert str(Path.home()) not in source
        assert str(ROOT) not in source

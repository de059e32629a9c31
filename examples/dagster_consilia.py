"""A Dagster asset whose materialisation is one run: `pip install dagster`, then `dagster dev -f examples/dagster_consilia.py`.

The run is a process of its own. Its lock, its ledger and its resuming hold under Dagster as under cron, and Dagster needs none of
consilia's libraries, nor consilia Dagster's. What to run and where is told by the environment:

    CONSILIA           the command                      consilia
    CONSILIA_PROFILES  profiles, parted by spaces       leg-cramps.toml
    CONSILIA_DATA      the data folder                  data
"""

import json
import os
import shlex
import subprocess

from dagster import (
    AssetExecutionContext,
    Definitions,
    Failure,
    MaterializeResult,
    RetryPolicy,
    ScheduleDefinition,
    asset,
    define_asset_job,
)

COMMAND = shlex.split(os.environ.get("CONSILIA", "consilia"))
PROFILES = shlex.split(os.environ.get("CONSILIA_PROFILES", "leg-cramps.toml"))
DATA = os.environ.get("CONSILIA_DATA", "data")
WHY = {1: "the run failed", 2: "a profile cannot be used", 3: "a quality gate failed", 75: "already running"}
"""Exit codes that another try tonight would not mend."""


@asset(retry_policy=RetryPolicy(max_retries=3, delay=60), kinds={"parquet"})
def health_advice(context: AssetExecutionContext) -> MaterializeResult:
    """Causes and advice out of the profiles' articles: the newest version of the dataset."""
    run = subprocess.run(
        [*COMMAND, "run", *PROFILES, "--data", DATA, "--json"], text=True, stdout=subprocess.PIPE
    )
    # A killed run raises what it likes and is tried again: it goes on with what it was at.
    if reason := WHY.get(run.returncode):
        raise Failure(f"{reason} (exit code {run.returncode}); see `consilia runs`", allow_retries=False)
    run.check_returncode()
    told = json.loads(run.stdout)
    counts = told["counts"].values()
    return MaterializeResult(
        metadata={
            "run": told["run_id"],
            "dataset": told["dataset"],
            "articles": sum(site["articles"] for site in counts),
            "findings": sum(sum(site["findings"].values()) for site in counts),
            "new": sum(site["new"] for site in counts),
            "changed": sum(site["changed"] for site in counts),
        }
    )


nightly = define_asset_job("nightly", selection=[health_advice])
definitions = Definitions(
    assets=[health_advice],
    jobs=[nightly],
    schedules=[ScheduleDefinition(job=nightly, cron_schedule="0 3 * * 1-5")],
)

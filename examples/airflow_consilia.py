"""An Airflow DAG that calls one run a night: put this file into the dags folder of Airflow 3.

The run is a process of its own. Its lock, its ledger and its resuming hold under Airflow as under cron, and Airflow needs none of
consilia's libraries, nor consilia Airflow's. What to run and where is told by the environment of the worker:

    CONSILIA           the command                      consilia
    CONSILIA_PROFILES  profiles, parted by spaces       leg-cramps.toml
    CONSILIA_DATA      the data folder                  data
"""

import json
import os
import shlex
import subprocess
from datetime import UTC, datetime, timedelta

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

COMMAND = shlex.split(os.environ.get("CONSILIA", "consilia"))
PROFILES = shlex.split(os.environ.get("CONSILIA_PROFILES", "leg-cramps.toml"))
DATA = os.environ.get("CONSILIA_DATA", "data")
WHY = {1: "the run failed", 2: "a profile cannot be used", 3: "a quality gate failed"}
"""Exit codes that another try tonight would not mend."""
BUSY = 75


@dag(
    schedule="0 3 * * 1-5",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,  # missed nights become one run: there is nothing to fetch for a night that is over
    max_active_runs=1,
)
def consilia():
    """Causes and advice out of the profiles' articles."""

    @task(retries=3, retry_delay=timedelta(minutes=1))
    def run() -> dict[str, str]:
        """One run; a killed one is tried again, and goes on with what it was at."""
        done = subprocess.run(
            [*COMMAND, "run", *PROFILES, "--data", DATA, "--json"], text=True, stdout=subprocess.PIPE
        )
        if done.returncode == BUSY:
            raise AirflowSkipException("another run of these sites is going on")
        if reason := WHY.get(done.returncode):
            raise AirflowFailException(f"{reason} (exit code {done.returncode}); see `consilia runs`")
        done.check_returncode()
        told = json.loads(done.stdout)
        return {"run": told["run_id"], "dataset": told["dataset"]}

    run()


consilia()

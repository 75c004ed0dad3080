"""Spark on this machine: a session of two threads, and a standalone cluster on loopback."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NO_JAVA = "Spark needs a Java 17 runtime: apt-get install default-jre-headless"
LOOPBACK = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
}
PATIENCE = 120  # seconds, for daemons on a busy machine


def needs_java() -> None:
    """Skip where no Java of 17 or later is."""
    java = shutil.which("java")
    told = (
        subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
        if java
        else ""
    )
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version[1]) < 17:
        pytest.skip(NO_JAVA)


@contextmanager
def session() -> Iterator[Any]:
    """A session on two threads of this process; its workers run this interpreter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PySpark's word about pandas 3, which is not used with it
        from pyspark.sql import SparkSession

        os.environ["PYSPARK_PYTHON"] = sys.executable
        builder: Any = SparkSession.builder
        for name, value in LOOPBACK.items():
            builder = builder.config(name, value)
        spark = builder.master("local[2]").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    try:
        yield spark
    finally:
        spark.stop()


def largest_method(frame: Any) -> int:
    """The bytes of the largest method that Spark generates for a data frame's query."""
    plan = frame._jdf.queryExecution()
    text = frame.sparkSession._jvm.PythonSQLUtils.explainString(plan, "codegen")
    return max(int(size) for size in re.findall(r"maxMethodCodeSize:(\d+)", text))


@contextmanager
def cluster(logs: Path) -> Iterator[str]:
    """The address of a standalone master with two workers, started from the pyspark wheel."""
    import pyspark

    run = [str(Path(pyspark.__file__).parent / "bin" / "spark-class")]
    port = free_port()
    address = f"spark://127.0.0.1:{port}"
    of_master = ["org.apache.spark.deploy.master.Master", "--port", str(port)]
    of_worker = ["org.apache.spark.deploy.worker.Worker", address, "--cores", "1", "--memory", "1g"]
    here = ["--host", "127.0.0.1", "--webui-port", "0"]
    environment = {**os.environ, "SPARK_WORKER_DIR": str(logs), "SPARK_LOCAL_IP": "127.0.0.1"}
    log = logs / "master.log"
    daemons = []
    try:
        with log.open("w") as told:
            for words in (of_master, of_worker, of_worker):
                daemons.append(
                    subprocess.Popen(
                        [*run, *words, *here], env=environment, stdout=told, stderr=told
                    )
                )
                if words is of_master:
                    wait_for(log, "I have been elected leader", 1)
            wait_for(log, "Registering worker", 2)
        yield address
    finally:
        for daemon in daemons:
            daemon.terminate()
        for daemon in daemons:
            daemon.wait(PATIENCE)


def wait_for(log: Path, words: str, times: int) -> None:
    """Wait until a log has said `words` that often."""
    end = time.monotonic() + PATIENCE
    while log.read_text("utf-8").count(words) < times:
        if time.monotonic() > end:
            pytest.fail(f"{words!r} was not said {times} times:\n{log.read_text('utf-8')[-3000:]}")
        time.sleep(0.2)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
    return port


def submitted(script: Path, *arguments: str, master: str) -> str:
    """What a script prints, submitted to a master with the settings of this module."""
    import pyspark

    submit = str(Path(pyspark.__file__).parent / "bin" / "spark-submit")
    settings = [f"--conf={name}={value}" for name, value in LOOPBACK.items()]
    command = [submit, "--master", master, *settings, str(script), *arguments]
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    run = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=4 * PATIENCE
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stdout

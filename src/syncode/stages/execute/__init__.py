"""Runs the programs in rows and says what happened: map stage, program extraction, oracles, gates for tests."""

from syncode.stages.execute.bench import open_bench
from syncode.stages.execute.jobs import tested_by
from syncode.stages.execute.settings import ExecuteOptions
from syncode.stages.execute.stage import Bench, execute

__all__ = ["Bench", "ExecuteOptions", "execute", "open_bench", "tested_by"]

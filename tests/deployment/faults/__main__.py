"""`make torture`."""
import argparse, asyncio, os, sys, tempfile
from pathlib import Path
import logging, structlog
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from tests.deployment.faults.scenes import SHORT, LONG
from tests.deployment.kills.run import run
async def go(folder, names, seed, long):
    for name in names:
        place = folder / name; place.mkdir()
        out = await run(seed, place, (LONG if long else SHORT)[name])
        print(name, f"{out.took:.0f} s", out, flush=True)
        for f in out.faults: print("   ", f, flush=True)
p = argparse.ArgumentParser(); p.add_argument("names", nargs="*"); p.add_argument("--seed", type=int, default=1); p.add_argument("--long", action="store_true")
a = p.parse_args()
Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(TelemetryFilter("ERROR", "ERROR")))))
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
folder = Path(tempfile.mkdtemp(prefix="escalade-faults-")); print(folder)
asyncio.run(go(folder, a.names or list(SHORT), a.seed, a.long))
sys.stdout.flush(); os._exit(0)

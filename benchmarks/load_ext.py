"""What `import score_kernel` and `%load_ext score_kernel` add to IPython alone.

    python benchmarks/load_ext.py [--repeat 7]

Fresh processes, in turns: one imports IPython and makes a shell, the other also loads the extension.
Time is from the first import on, memory is the peak of the process; the best of each counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ALONE = """
import json, resource, sys, time
began = time.perf_counter()
import IPython
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
{more}
took = time.perf_counter() - began
unit = 1 if sys.platform == "darwin" else 1024
print(json.dumps({{"ms": took * 1e3, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6}}))
"""
SCRIPTS = {
    "IPython": ALONE.format(more=""),
    "with score_kernel": ALONE.format(
        more='import score_kernel\nshell.run_line_magic("load_ext", "score_kernel")'
    ),
}


def measured(script: str, folder: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
            "IPYTHONDIR": folder,
        },
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=7)
    repeat = parser.parse_args().repeat

    runs: dict[str, list[dict[str, float]]] = {name: [] for name in SCRIPTS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeat + 1):
            for name, script in SCRIPTS.items():
                runs[name].append(measured(script, folder))
    # the first of each is left out: it may have written byte code
    best = {
        name: {what: min(run[what] for run in of[1:]) for what in ("ms", "mb")} for name, of in runs.items()
    }
    base = best["IPython"]
    print(f"best of {repeat}; ratios to IPython alone\n")
    print("| process | ms | x | peak MB | x |")
    print("|---|---|---|---|---|")
    for name, one in best.items():
        print(
            f"| {name} | {one['ms']:.0f} | {one['ms'] / base['ms']:.2f} "
            f"| {one['mb']:.0f} | {one['mb'] / base['mb']:.2f} |"
        )


if __name__ == "__main__":
    main()

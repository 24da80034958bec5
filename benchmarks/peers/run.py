"""Times `assay score` against Hugging Face transformers, and training against TRL: same checkpoint, rows, threads and dtype, one run.

    make bench-peers                              about 25 minutes; writes .build/peers/results.json and table.md
    make bench-peers PEERS="--only training"      training alone (training.py says how); or scoring, or one case
    make bench-peers PEERS="--minutes 30"         more rows, less noise
    make bench-peers PEERS="--shape tiny --pairs 4 --groups 1"      to try the scripts out

The two sides take turns (transformers at batch sizes 1 and 8, then Assay, then again), so that whatever else the machine
does falls on both. A number in the table is the median over the repeats; a ratio is taken within each repeat, against the
better of the two batch sizes, and then its median.

Transformers' seconds leave out start-up, loading and tokenising. Assay's are given twice: `scoring`, what the program
reports as such, tokenising included; and `process`, all of it, start-up and loading included. Ratios use `scoring`.
docs/PERFORMANCE.md says what the columns mean.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

import training
import workload

HERE = pathlib.Path(__file__).parent
# (reward kind, dtype)
CASES = [("explicit", "bfloat16"), ("likelihood", "bfloat16"), ("explicit", "float32")]
PARTS = {"scoring": ["-".join(case) for case in CASES], "training": list(training.TASKS)}
BATCHES = (1, 8)
# Largest difference of the two sides' scores that rounding explains, as a share of the largest score.
TOLERANCE = {"float32": 1e-3, "bfloat16": 5e-2}


class Worker:
    """A transformers process that has loaded its model and waits."""

    def __init__(self, folder, head, dtype, threads):
        command = [sys.executable, HERE / "transformers_worker.py", folder, head, dtype, str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.version = self.receive()["ready"]

    def receive(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the transformers process ended with exit code {self.process.wait()}")
        return json.loads(line)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self.receive()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def timed_process(command, output):
    """Runs a command; returns its standard output, seconds from start to end, and peak resident memory in bytes."""
    start = time.monotonic()
    with open(output, "wb") as stream:
        process = subprocess.Popen([str(part) for part in command], stdout=stream)
        watched = 0
        while not (ended := os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)):
            watched = max(watched, high_water(process.pid))
            time.sleep(0.02)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with exit code {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    # What the kernel reports at the end counts the parent's memory at the fork too, so the process's own mark is better.
    return pathlib.Path(output).read_text(), seconds, watched or usage.ru_maxrss * unit


def high_water(pid):
    """A process's peak resident memory so far in bytes; 0 where it cannot be read."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 if "VmHWM:" in status else 0


def write_rows(folder, name, count):
    path = folder / f"{name}-{count}.jsonl"
    rows = json.loads((folder / f"{name}.json").read_text())[:count]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def response_tokens(folder, name, count):
    rows = json.loads((folder / f"{name}.ids.json").read_text())[:count]
    return sum(len(response) for row in rows for response in row["responses"])


def run_assay(options, folder, head, dtype, rows):
    """One run of the program as a user starts it, on a fresh output and ledger."""
    scores, ledger = folder / "scores.jsonl", folder / "bench.sqlite"
    for stale in folder.glob("bench.sqlite*"):
        stale.unlink()
    scores.unlink(missing_ok=True)
    command = [options.assay, "score", "--reward", f"{head}:{folder / head}", "--input", rows, "--output", scores]
    command += ["--template", "raw", "--dtype", dtype, "--threads", str(options.threads)]
    command += ["--ledger", ledger, "--quiet", "--json", *options.assay_flags.split()]
    text, seconds, peak = timed_process(command, folder / "summary.json")
    summary = json.loads(text)
    written = [json.loads(line) for line in scores.read_text().splitlines()]
    return {
        "seconds": summary["seconds_scoring"],
        "seconds_process": seconds,
        "tokens": summary["tokens_computed"],
        "peak_bytes": peak,
        "scores": [score for row in written for score in row["scores"]],
    }


def matrix_rates(options, dtype):
    command = [sys.executable, HERE / "matrix_rate.py", options.shape, dtype, str(options.threads)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def plan_counts(options, worker):
    """As many rows as fit the minutes, from the rate of a short probe."""
    if options.pairs and options.groups:
        return {"pairs": options.pairs, "groups": options.groups}
    worker.ask(workload="pairs", rows=1, batch=1)
    probe = worker.ask(workload="pairs", rows=2, batch=1)
    # Per repeat and case: two batch sizes, and Assay at about half the time of one; likelihood and float32 cost more.
    passes = options.repeats * (1.0 + 1.5 + 2.5) * 2.5
    tokens = 0.85 * 60 * options.minutes * probe["tokens"] / probe["seconds"] / passes
    # Half of the tokens to each workload: a pair has about 750, a group 2,400.
    counts = {"pairs": tokens / 2 / 750, "groups": tokens / 2 / 2400}
    return {name: max(2, min(256, round(count))) for name, count in counts.items()}


def check_agreement(case, mine, peer):
    largest = max(map(abs, peer))
    difference = max(abs(a - b) for a, b in zip(mine, peer, strict=True))
    if not difference <= TOLERANCE[case[1]] * largest:
        sys.exit(f"{case}: the two sides disagree by {difference:.3g} where scores reach {largest:.3g}: not the same work")
    return difference


def measure_case(options, folder, case, worker, counts):
    """All repeats of one reward kind and dtype over both workloads, the sides taking turns."""
    head, dtype = case
    worker.ask(workload="pairs", rows=1, batch=1)
    results = {name: {"assay": [], **{f"batch {b}": [] for b in BATCHES}} for name in counts}
    rates = []
    for repeat in range(options.repeats):
        rates.append(matrix_rates(options, dtype))
        for name, count in counts.items():
            rows = write_rows(folder, name, count)
            for batch in BATCHES:
                results[name][f"batch {batch}"].append(worker.ask(workload=name, rows=count, batch=batch))
            mine = run_assay(options, folder, head, dtype, rows)
            mine["difference"] = check_agreement(case, mine["scores"], results[name]["batch 1"][-1]["scores"])
            results[name]["assay"].append(mine)
            print(f"{head} {dtype} {name}: repeat {repeat + 1} of {options.repeats}, {describe(results[name])}", flush=True)
    return {
        "head": head, "dtype": dtype, "counts": counts, "matrix_rates": rates, "workloads": results,
        "response_tokens": {name: response_tokens(folder, name, count) for name, count in counts.items()},
    }


def describe(sides):
    return ", ".join(f"{side} {runs[-1]['seconds']:.2f} s" for side, runs in sides.items())


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def useful_operations(options, case, name, tokens):
    """Of the linear layers over the tokens computed, and of the vocabulary head over the response tokens that need it."""
    shape = workload.SHAPES[options.shape]
    vocabulary = shape["hidden_size"] * shape["vocab_size"] if case["head"] == "likelihood" else 0
    return 2 * (workload.linear_parameters(shape) * tokens + vocabulary * case["response_tokens"][name])


def table_rows(options, case):
    """One row per workload and side: rate, tokens computed, share of the matrix-product rate, memory, ratio."""
    roof = statistics.median(max(rates.values()) for rates in case["matrix_rates"])
    for name, sides in case["workloads"].items():
        best = [min(pair) for pair in zip(*([run["seconds"] for run in sides[f"batch {b}"]] for b in BATCHES))]
        ratio = statistics.median(peer / mine["seconds"] for peer, mine in zip(best, sides["assay"]))
        for side, runs in sides.items():
            seconds, tokens = median(runs, "seconds"), median(runs, "tokens")
            share = useful_operations(options, case, name, tokens) / seconds / roof
            process = f"{median(runs, 'seconds_process'):.1f}" if side == "assay" else ""
            yield [
                f"{case['head']} {case['dtype']}",
                name,
                side if side == "assay" else f"transformers, {side}",
                f"{case['counts'][name] / seconds:.2f}",
                f"{tokens / seconds:.0f}",
                f"{share:.0%}",
                f"{median(runs, 'peak_bytes') / 2**30:.2f}",
                process,
                f"{ratio:.2f}" if side == "assay" else "",
            ]


HEADINGS = ["reward", "rows", "side", "rows/s", "tokens/s", "of matrix rate", "peak GiB", "process s", "times faster"]


def markdown(options, cases):
    lines = ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * 3 + "---:|" * (len(HEADINGS) - 3)]
    for case in cases:
        lines += ["| " + " | ".join(row) + " |" for row in table_rows(options, case)]
    return "\n".join(lines) + "\n"


def processor():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
        return text.split("model name")[1].split(":")[1].split("\n")[0].strip()
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


def provenance(options):
    import torch
    import transformers

    command = ["git", "-C", HERE, "rev-parse", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return {
        "machine": f"{processor()}, {os.cpu_count()} CPUs, {platform.system()} {platform.machine()}",
        "threads": options.threads, "shape": options.shape, "repeats": options.repeats, "commit": commit,
        "torch": torch.__version__, "transformers": transformers.__version__, "load_average": os.getloadavg(),
    }


def usable_processors():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", default=".build/release/assay", help="the program")
    parser.add_argument("--assay-flags", default="", help="further flags of `assay score`, in one string")
    parser.add_argument("--folder", default=".build/peers", help="where checkpoints, rows and results go")
    parser.add_argument("--shape", choices=workload.SHAPES, default="qwen2.5-0.5b")
    parser.add_argument("--threads", type=int, default=usable_processors())
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=10, help="about how long scoring may take; sets the number of rows")
    parser.add_argument("--pairs", type=int, help="pairs to score, instead of what fits the minutes")
    parser.add_argument("--groups", type=int, help="groups to score, instead of what fits the minutes")
    parser.add_argument("--only", choices=[*PARTS, *(name for part in PARTS.values() for name in part)], help="one case")
    parser.add_argument("--training", default=".build/release/TrainingBenchmark", help="Assay's side of training")
    parser.add_argument("--turns", type=int, default=1, help="of training: processes a side, task and precision")
    parser.add_argument("--steps", type=int, default=3, help="of training: timed steps a turn, after one that warms up")
    parser.add_argument("--prompts", type=int, default=8, help="of grpo: prompts a step, each with 8 completions")
    parser.add_argument("--rows", type=int, default=2048, help="of training: rows that Assay takes through the layers together")
    parser.add_argument("--learning-rate", type=float, default=1e-5)
    return parser.parse_args()


def selected(options, part):
    """The cases of a part that are to be measured."""
    return [name for name in PARTS[part] if options.only in (None, part, name)]


def measure_scoring(options, names):
    if not pathlib.Path(options.assay).exists():
        sys.exit(f"{options.assay} is not there: make build")
    folder = workload.ensure(options.folder, options.shape)
    cases, counts = [], None
    for case in CASES:
        if "-".join(case) not in names:
            continue
        worker = Worker(folder, *case, options.threads)
        counts = counts or plan_counts(options, worker)
        cases.append(measure_case(options, folder, case, worker, counts))
        worker.close()
    return cases, markdown(options, cases)


def main():
    options = parse()
    result, tables = {"provenance": provenance(options)}, []
    for part, measure in (("scoring", measure_scoring), ("training", training.measure)):
        if names := selected(options, part):
            result[part], table = measure(options, names)
            tables.append(table)
    folder = pathlib.Path(options.folder)
    (folder / "results.json").write_text(json.dumps(result, indent=1) + "\n")
    (folder / "table.md").write_text("\n".join(tables))
    print("\n" + "\n".join(tables) + "\n" + json.dumps(result["provenance"]))
    print(f"written: {folder}/results.json, {folder}/table.md")


if __name__ == "__main__":
    main()

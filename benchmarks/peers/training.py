"""Times Assay's training against TRL's trainers: same weights, prompts or pairs, threads and learning rate, one run. run.py calls it:

    make bench-peers PEERS="--only training"              the three tasks
    make bench-peers PEERS="--only grpo --steps 5"        one of them, longer

Each side runs in a process of its own, one after the other, in float32 and in bfloat16, so that a peak of memory belongs to one side,
task and precision. In every turn TRL goes first. A number in the table is the median over the timed steps of all turns; a ratio
compares it with TRL at its faster precision, and memory with TRL's at that precision. Before a ratio is printed the two sides' losses
are compared, step by step, and the run stops where they differ by more than rounding explains.
"""

import json
import pathlib
import statistics
import subprocess
import sys

import training_workload

HERE = pathlib.Path(__file__).parent
TASKS = ("grpo", "reward-model", "dpo")
PRECISIONS = ("float32", "bfloat16")
UNIT = {"grpo": "completions/s", "reward-model": "pairs/s", "dpo": "pairs/s"}
# Largest difference of the two sides' losses, in nats, that rounding explains.
TOLERANCE = {"float32": 1e-3, "bfloat16": 2e-2}
# Of completions' mean length: both sides sample, each with its own draws.
LENGTH_TOLERANCE = 0.1
HEADINGS = ["task", "side", "precision", "per second", "seconds a step", "processor s", "peak GiB", "first loss", "times faster", "of TRL's memory"]


def flags(options):
    return [
        "--threads", str(options.threads), "--steps", str(options.steps), "--prompts", str(options.prompts),
        "--learning-rate", str(options.learning_rate),
    ]


def run_side(command):
    """One process's JSON line: the last of its standard output."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with exit code {done.returncode}\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def run_trl(options, folder, task, precision):
    return run_side([sys.executable, HERE / "trl_worker.py", folder, task, precision, *flags(options)])


def run_assay(options, folder, task, precision):
    command = [options.training, folder, task, "--dtype", precision, "--rows", options.rows, *flags(options)]
    return run_side(command)


def check_agreement(task, precision, mine, peer):
    """The largest difference of the losses, or of what was generated, is one that rounding or sampling explains."""
    if task == "grpo":
        lengths = mine["completion_tokens"], peer["completion_tokens"]
        if abs(lengths[0] - lengths[1]) > LENGTH_TOLERANCE * max(lengths):
            sys.exit(f"grpo: mean completions of {lengths[0]:.1f} and {lengths[1]:.1f} tokens: not the same work")
        return None
    difference = max(abs(a - b) for a, b in zip(mine["losses"], peer["losses"], strict=True))
    if not difference <= TOLERANCE[precision]:
        sys.exit(f"{task} {precision}: losses {mine['losses']} and {peer['losses']}: not the same work")
    return difference


def measure_task(options, folder, task):
    sides = {}
    for turn in range(options.turns):
        for precision in PRECISIONS:
            peer = run_trl(options, folder, task, precision)
            mine = run_assay(options, folder, task, precision)
            mine["difference"] = check_agreement(task, precision, mine, peer)
            for side, result in (("trl", peer), ("assay", mine)):
                sides.setdefault((side, precision), []).append(result)
            rates = f"trl {rate([peer]):.2f}, assay {rate([mine]):.2f} {UNIT[task]}"
            print(f"{task} {precision}: turn {turn + 1} of {options.turns}, {rates}", flush=True)
    return sides


def step_seconds(runs, clock="step_seconds"):
    return statistics.median(second for run in runs for second in run[clock])


def rate(runs):
    return runs[0]["items_per_step"] / step_seconds(runs)


def peak(runs):
    return max(run["peak_bytes"] for run in runs)


def table_rows(task, sides):
    best = max((runs for (side, _), runs in sides.items() if side == "trl"), key=rate)
    for (side, precision), runs in sides.items():
        losses = runs[0]["losses"] if task != "grpo" else []
        yield [
            task, side, precision, f"{rate(runs):.2f}", f"{step_seconds(runs):.2f}",
            f"{step_seconds(runs, 'processor_seconds'):.2f}", f"{peak(runs) / 2**30:.2f}",
            f"{losses[0]:.5f}" if losses else "",
            f"{rate(runs) / rate(best):.2f}" if side == "assay" else "",
            f"{peak(runs) / peak(best):.0%}" if side == "assay" else "",
        ]


def markdown(tasks):
    lines = ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * 3 + "---:|" * (len(HEADINGS) - 3)]
    for task, sides in tasks.items():
        lines += ["| " + " | ".join(row) + " |" for row in table_rows(task, sides)]
    return "\n".join(lines) + "\n"


def measure(options, names):
    """Runs the named tasks; returns what JSON can hold, and the table."""
    if not pathlib.Path(options.training).exists():
        sys.exit(f"{options.training} is not there: swift build -c release --product TrainingBenchmark")
    folder = training_workload.ensure(options.folder)
    tasks = {name: measure_task(options, folder, name) for name in names}
    first = next(iter(tasks.values()))[("trl", "float32")][0]
    record = {
        "workload": json.loads((folder / "workload.json").read_text()), "versions": first["versions"],
        "steps": options.steps, "turns": options.turns, "prompts": options.prompts, "rows_per_pass": options.rows,
        "tasks": {name: {" ".join(key): runs for key, runs in sides.items()} for name, sides in tasks.items()},
    }
    return record, markdown(tasks)

#!/usr/bin/env python3
"""Records, replays and credits programs of the real client packages and agent frameworks, unmodified, against planted truth.

    pip install -r scripts/clients/requirements.txt
    scripts/clients/credit.py [--program .build/release/assay] [--replays N] [NAME …]

Each program in `programs` plays Examples/agents/review.yaml: five roles, two of them in parallel. The values of what was
recorded are computed here from the file by enumeration, and every interval that `assay credit estimate` gives must hold its
value's truth. Programs whose packages are not installed are left out, and said to be.
"""
import argparse
import contextlib
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent / "programs"
PLANTED = ROOT / "Examples/agents/review.yaml"
# So that no interval misses by chance in many runs of this script.
LEVEL = 0.9999
PACKAGES = {"openai": "openai", "anthropic": "anthropic", "langgraph": "langgraph", "openai_agents": "agents"}


@contextlib.contextmanager
def served(program):
    """The address of a server that answers for the models."""
    child = subprocess.Popen(
        [program, "serve", "--planted", str(PLANTED), "--port", "0", "--delay-ms", "100"], stdout=subprocess.PIPE, text=True)
    try:
        yield child.stdout.readline().strip()
    finally:
        child.terminate()
        child.wait(timeout=20)


class Truth:
    """The system's values, from its file."""

    def __init__(self):
        import yaml
        system = yaml.safe_load(PLANTED.read_text())
        self.steps = [step for part in system["steps"] for step in part.get("block", [part])]
        self.outcome = system["outcome"]

    @staticmethod
    def chosen(rules, said, key, fallback):
        for rule in rules:
            allowed = {name: texts if isinstance(texts, list) else [texts] for name, texts in rule["when"].items()}
            if all(said.get(name) in texts for name, texts in allowed.items()):
                return rule[key]
        return fallback

    def value(self, fixed, said=None, index=0):
        """E[outcome] where these steps reply this."""
        said = said or {}
        if index == len(self.steps):
            return self.chosen(self.outcome["rules"], said, "value", self.outcome["default"])
        step = self.steps[index]
        if step["name"] in fixed:
            return self.value(fixed, {**said, step["name"]: fixed[step["name"]]}, index + 1)
        chances = step["chances"]
        if isinstance(chances, dict):
            chances = self.chosen(chances["rules"], said, "chances", chances["default"])
        return sum(chance * self.value(fixed, {**said, step["name"]: reply}, index + 1)
                   for reply, chance in zip(step["replies"], chances))


class Program:
    """One program under one ledger."""

    def __init__(self, assay, name, address, folder):
        self.assay, self.name, self.folder = assay, name, folder
        self.ledger = os.path.join(folder, f"{name}.sqlite")
        self.address = address
        self.command = [sys.executable, str(HERE / f"with_{name}.py")]
        self.environment = {**os.environ, "OPENAI_API_KEY": "sk-of-nobody-at-all", "PYTHONDONTWRITEBYTECODE": "1",
                            "ANTHROPIC_API_KEY": "sk-ant-of-nobody-at-all"}

    def credit(self, verb, *arguments, after=()):
        tail = ["--", *after] if after else []
        done = subprocess.run(
            [self.assay, "credit", verb, *arguments, "--ledger", self.ledger, *tail], cwd=self.folder,
            env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{self.name}: credit {verb} ended with {done.returncode}: {done.stderr}"
        return done.stdout

    def check(self, replays, jobs):
        started = time.monotonic()
        printed = self.credit(
            "record", "--upstream", self.address, "--outcome", "stdout-json:/score", "--replays-are-safe",
            after=self.command)
        score = json.loads(printed.splitlines()[-1])["score"]
        found = json.loads(self.credit(
            "estimate", "latest", "--method", "exact", "--level", str(LEVEL), "--replays", str(replays),
            "--jobs", str(jobs), "--force", "--json"))
        assert found["outcome"] == score
        lines = map(json.loads, self.credit("export", "latest", "--format", "advantages").splitlines())
        worst = self.compare(found, {line["decision"]: line for line in lines})
        roles = {role for credit in found["credits"] for role in credit["roles"]}
        assert roles == {step["role"] for step in Truth().steps}, roles
        blocks = len(found["credits"])
        assert blocks == 4, f"{self.name}: the two researchers are not one block of {blocks}"
        spent = [value["tokens"] / value["replays"] for value in found["values"]]
        assert spent[-1] == 0 and all(a > b for a, b in zip(spent, spent[1:])), f"{self.name}: {spent} tokens a replay"
        print(f"{self.name}: {blocks} blocks, outcome {score:g}, every interval holds its truth; the largest error of a "
              f"value is {worst:.2f} ({found['spending']['replays']} replays, {time.monotonic() - started:.0f} s)")

    def compare(self, found, lines):
        """Holds values and credits against the truth of what was recorded."""
        truth, said, values = Truth(), {}, []
        names = {step["role"]: step["name"] for step in truth.steps}
        values.append(truth.value(said))
        for credit in found["credits"]:
            for decision in credit["decisions"]:
                line = lines[decision]
                calls = line.get("tool_calls") or []
                text = json.loads(calls[0]["function"]["arguments"])["text"] if calls else line["response"]
                said[names[line["role"]]] = text
            values.append(truth.value(said))
        worst = 0
        for exact, value in zip(values, found["values"], strict=True):
            estimate = value["value"]
            assert estimate["lower"] <= exact + 1e-9 and exact - 1e-9 <= estimate["upper"], (self.name, exact, value)
            worst = max(worst, abs(exact - estimate["point"]))
        for (before, after), credit in zip(zip(values, values[1:]), found["credits"], strict=True):
            exact, estimate = after - before, credit["credit"]
            assert estimate["lower"] <= exact + 1e-9 and exact - 1e-9 <= estimate["upper"], (self.name, exact, credit)
        return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default=str(ROOT / ".build/release/assay"))
    parser.add_argument("--replays", type=int, default=2, help="replays of each value")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("names", nargs="*", default=list(PACKAGES))
    options = parser.parse_args()
    assay = os.path.abspath(options.program)
    if not os.access(assay, os.X_OK):
        sys.exit(f"there is no program at {assay}: run make build, or give --program")
    if importlib.util.find_spec("yaml") is None:
        return print("credit.py skipped: the package PyYAML is not installed")
    with tempfile.TemporaryDirectory() as folder, served(assay) as address:
        for name in options.names:
            if importlib.util.find_spec(PACKAGES[name]) is None:
                print(f"{name} skipped: the package {PACKAGES[name]} is not installed")
                continue
            Program(assay, name, address, folder).check(options.replays, options.jobs)


if __name__ == "__main__":
    main()

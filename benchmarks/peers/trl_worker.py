"""TRL's trainers as their users call them, timed. training.py starts it; it prints one JSON line:

    python benchmarks/peers/trl_worker.py FOLDER grpo|reward-model|dpo float32|bfloat16 --threads 2 --steps 3

float32, or float32 weights under bfloat16 autocast, which is what the trainers' `bf16` means. Gradient checkpointing is off, since it
buys memory with time. Every other setting that costs time is the trainer's default. Seconds run from the end of the first step,
which warms up, to the end of each later one: data loading, generation, reference pass and optimiser included; start-up, loading
and tokenising are not.
"""

import argparse
import json
import pathlib
import tempfile
import time

import datasets
import torch
import transformers
import trl


class StepClock(transformers.TrainerCallback):
    """Reads the clock at the end of each step, and from the log how long completions were."""

    def __init__(self):
        self.ends = []
        self.processor_ends = []
        self.lengths = []

    def on_step_end(self, args, state, control, **kwargs):
        self.ends.append(time.perf_counter())
        self.processor_ends.append(time.process_time())

    def on_log(self, args, state, control, logs=None, **kwargs):
        if "completions/mean_length" in (logs or {}):
            self.lengths.append(logs["completions/mean_length"])

    def mean_length(self):
        """Mean tokens of a completion; `None` where nothing is generated."""
        return sum(self.lengths) / len(self.lengths) if self.lengths else None


def recording(trainer_class):
    """The trainer, with each step's loss kept to the last digit; the log rounds it."""

    class Recording(trainer_class):
        def compute_loss(self, *arguments, **named):
            loss = super().compute_loss(*arguments, **named)
            self.losses.append(float(loss[0] if isinstance(loss, tuple) else loss))
            return loss

    Recording.losses = []
    return Recording


def common_settings(options, folder):
    return dict(
        output_dir=str(folder), max_steps=options.steps + 1, learning_rate=options.learning_rate,
        lr_scheduler_type="constant", max_grad_norm=1.0, bf16=options.dtype == "bfloat16", use_cpu=True,
        gradient_checkpointing=False, report_to=[], save_strategy="no", logging_steps=options.steps + 1, disable_tqdm=True, seed=1,
    )


def pairs_of(options, names):
    rows = json.loads((options.folder / "pairs.json").read_text())[: options.batch * (options.steps + 1)]
    return datasets.Dataset.from_list([{name: row[name] for name in names} for row in rows])


def pair_settings(options, folder):
    """No pair is dropped or cut; both sides take them in the file's order."""
    return dict(
        **common_settings(options, folder), per_device_train_batch_size=options.batch, max_length=None,
        train_sampling_strategy="sequential",
    )


def reward_trainer(options, folder, tokenizer):
    model = transformers.AutoModelForSequenceClassification.from_pretrained(options.folder / "reward", dtype=torch.float32)
    return recording(trl.RewardTrainer)(
        model=model, args=trl.RewardConfig(**pair_settings(options, folder)), processing_class=tokenizer,
        train_dataset=pairs_of(options, ["prompt", "chosen", "rejected"]),
    )


def dpo_trainer(options, folder, tokenizer):
    model = transformers.AutoModelForCausalLM.from_pretrained(options.folder / "policy", dtype=torch.float32)
    return recording(trl.DPOTrainer)(
        model=model, args=trl.DPOConfig(beta=options.beta, **pair_settings(options, folder)), processing_class=tokenizer,
        train_dataset=pairs_of(options, ["prompt", "chosen", "rejected"]),
    )


def characters(completions, **kwargs):
    return [float(len(text)) for text in completions]


def grpo_trainer(options, folder, tokenizer):
    model = transformers.AutoModelForCausalLM.from_pretrained(options.folder / "policy", dtype=torch.float32)
    lines = (options.folder / "prompts.jsonl").read_text().splitlines()[: options.prompts]
    rows = [{"prompt": json.loads(line)["question"] + "\n"} for line in lines]
    settings = trl.GRPOConfig(
        **common_settings(options, folder), per_device_train_batch_size=options.prompts * options.group,
        num_generations=options.group, max_completion_length=options.new_tokens,
    )
    return recording(trl.GRPOTrainer)(
        model=model, args=settings, processing_class=tokenizer, reward_funcs=characters,
        train_dataset=datasets.Dataset.from_list(rows),
    )


TRAINERS = {"grpo": grpo_trainer, "reward-model": reward_trainer, "dpo": dpo_trainer}


def peak_bytes():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def between(ends):
    return [later - earlier for earlier, later in zip(ends, ends[1:])]


def run(options, folder):
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.folder / "policy")
    trainer = TRAINERS[options.task](options, folder, tokenizer)
    clock = StepClock()
    trainer.add_callback(clock)
    trainer.train()
    each = options.prompts * options.group if options.task == "grpo" else options.batch
    return {
        "task": options.task, "dtype": options.dtype, "items_per_step": each, "step_seconds": between(clock.ends),
        "processor_seconds": between(clock.processor_ends), "losses": trainer.losses, "completion_tokens": clock.mean_length(), "peak_bytes": peak_bytes(),
        "versions": {"trl": trl.__version__, "transformers": transformers.__version__, "torch": torch.__version__},
    }


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("task", choices=TRAINERS)
    parser.add_argument("dtype", choices=["float32", "bfloat16"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=3, help="timed steps, after one that warms up")
    parser.add_argument("--batch", type=int, default=8, help="pairs a step")
    parser.add_argument("--prompts", type=int, default=8, help="prompts a step")
    parser.add_argument("--group", type=int, default=8, help="completions a prompt")
    parser.add_argument("--new-tokens", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=1e-5)
    parser.add_argument("--beta", type=float, default=0.1, help="of DPO")
    return parser.parse_args()


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    transformers.logging.set_verbosity_error()
    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(run(options, folder)), flush=True)


if __name__ == "__main__":
    main()

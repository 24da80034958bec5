"""What both sides train: a random 23M-parameter Qwen2 with a vocabulary head and with a score head, prompts, and pairs.

    python benchmarks/peers/training_workload.py --folder .build/peers

Prompts are GSM8K's questions and pairs RewardMATH's where `../shared/data` is beside the repository; elsewhere both are made of
seeded words and numbers of like lengths. Everything follows from the seed and these texts, so two machines time the same work.
"""

import argparse
import hashlib
import json
import pathlib
import random
import subprocess
import sys

import torch
import transformers

import workload

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
SEED = 20
# Characters of a prompt and one of its responses, at most.
LONGEST = 1400
PAIRS = 128
PROMPTS = 32
# Part of the folder's name: a change to what is made asks for a new folder.
VERSION = 2
# The byte 0xFF, which no UTF-8 text holds. Were padding the end token, transformers would read a score before the end, not at it.
PAD = "ÿ"


def read_lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def made_text(stream, words, characters):
    """Sentences of made-up words and small sums, of about so many characters."""
    parts, length = [], 0
    while length < characters:
        a, b = stream.randint(2, 99), stream.randint(2, 99)
        phrase = " ".join(word.strip() for word in stream.choices(words, k=6))
        parts.append(f"{phrase} {a} + {b} = {a + b}.")
        length += len(parts[-1]) + 1
    return " ".join(parts)


def made_rows():
    """Questions with answers, and pairs, in the shape and about the lengths of the real ones."""
    stream = random.Random(SEED)
    words = workload.make_words(random.Random(SEED))[:600]
    text = lambda low, high: made_text(stream, words, stream.randint(low, high))
    questions = [{"question": text(100, 350), "answer": text(150, 450)} for _ in range(2000)]
    pairs = [{"prompt": text(60, 300), "chosen": text(200, 950), "rejected": text(200, 950)} for _ in range(400)]
    return questions, pairs


def source_rows():
    questions, pairs = SHARED / "gsm8k" / "train.jsonl", SHARED / "rewardmath" / "pairs-train.jsonl"
    if questions.exists() and pairs.exists():
        return "gsm8k and rewardmath", read_lines(questions), read_lines(pairs)
    return "made-up text", *made_rows()


def make_policy(folder, questions):
    """The tokenizer and configuration that scripts/gsm8k makes, learned from the questions' text."""
    rows = folder / "tokenizer-text.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in questions))
    command = [sys.executable, ROOT / "scripts" / "gsm8k" / "make_policy.py", rows, folder / "policy"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    rows.unlink()


def save_models(folder):
    """The same random body, float32, under the vocabulary head and under a linear head."""
    torch.manual_seed(SEED)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder / "policy")
    config = transformers.AutoConfig.from_pretrained(folder / "policy")
    tokenizer.pad_token = PAD
    config.pad_token_id = tokenizer.pad_token_id
    generator = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    config.num_labels = 1
    scorer = transformers.AutoModelForSequenceClassification.from_config(config, dtype=torch.float32)
    scorer.model.load_state_dict(generator.model.state_dict())
    for name, model in (("policy", generator), ("reward", scorer)):
        model.save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    return tokenizer, sum(weight.numel() for weight in generator.parameters())


def common_prefix(*sequences):
    length = 0
    while all(length < len(ids) for ids in sequences) and len({ids[length] for ids in sequences}) == 1:
        length += 1
    return length


def encode_pair(tokenizer, row):
    """Texts as TRL gets them, and the ids that it makes of them: each whole text tokenised at once, the end token after it."""
    ids = lambda text: tokenizer(text)["input_ids"]
    prompt = row["prompt"] + "\n"
    chosen, rejected = (ids(prompt + row[name] + tokenizer.eos_token) for name in ("chosen", "rejected"))
    alone = ids(prompt)
    length = min(common_prefix(alone, chosen), common_prefix(alone, rejected))
    texts = {"prompt": prompt, "chosen": row["chosen"], "rejected": row["rejected"]}
    return {**texts, "chosen_ids": chosen, "rejected_ids": rejected, "prompt_length": length}


def fits(row):
    return all(row[name] and len(row["prompt"]) + len(row[name]) <= LONGEST for name in ("chosen", "rejected"))


def ensure(folder):
    """Makes what is not there yet under `folder`; returns that folder."""
    origin, questions, pairs = source_rows()
    key = hashlib.sha256(f"{VERSION} {origin}".encode()).hexdigest()[:8]
    folder = pathlib.Path(folder) / f"training-{key}"
    done = folder / "workload.json"
    if done.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    make_policy(folder, questions)
    tokenizer, parameters = save_models(folder)
    stream = random.Random(SEED)
    chosen = stream.sample([row for row in pairs if fits(row)], PAIRS)
    encoded = [encode_pair(tokenizer, row) for row in chosen]
    assert all(tokenizer.pad_token_id not in pair["chosen_ids"] + pair["rejected_ids"] for pair in encoded)
    (folder / "pairs.json").write_text(json.dumps(encoded))
    prompts = stream.sample(questions, PROMPTS)
    (folder / "prompts.jsonl").write_text("".join(json.dumps({"question": row["question"]}) + "\n" for row in prompts))
    lengths = sorted(len(pair[name]) for pair in encoded for name in ("chosen_ids", "rejected_ids"))
    about = {"text": origin, "parameters": parameters, "pair_tokens": {"median": lengths[PAIRS], "largest": lengths[-1]}}
    done.write_text(json.dumps(about) + "\n")
    return folder


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default=".build/peers")
    print(ensure(parser.parse_args().folder))

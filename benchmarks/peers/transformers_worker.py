"""Hugging Face transformers as its users call it, timed. run.py starts it and speaks JSON lines with it:

    python benchmarks/peers/transformers_worker.py FOLDER explicit|likelihood bfloat16|float32 THREADS

A request {"workload": "pairs", "rows": 4, "batch": 8} is answered with seconds, scores and the peak resident memory while
it ran. Loading the model and tokenising are not in the seconds. Batches are padded on the right under an attention mask,
rows in their order.
"""

import json
import pathlib
import resource
import sys
import time

import torch
import transformers

HEADS = {
    "explicit": transformers.AutoModelForSequenceClassification,
    "likelihood": transformers.AutoModelForCausalLM,
}


def load(folder, head, dtype):
    return HEADS[head].from_pretrained(folder / head, dtype=getattr(torch, dtype)).eval()


def sequences_of(rows):
    return [(row["prompt"], response) for row in rows for response in row["responses"]]


def pad(batch):
    longest = max(len(prompt) + len(response) for prompt, response in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros(len(batch), longest, dtype=torch.long)
    for i, (prompt, response) in enumerate(batch):
        length = len(prompt) + len(response)
        ids[i, :length] = torch.tensor(prompt + response)
        mask[i, :length] = 1
    return ids, mask


def explicit_scores(model, batch):
    ids, mask = pad(batch)
    return model(input_ids=ids, attention_mask=mask, use_cache=False).logits[:, 0].float().tolist()


def likelihood_scores(model, batch):
    """Sums of the response tokens' log-probabilities, softmax row by row in float32 over the response's positions."""
    ids, mask = pad(batch)
    logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits
    scores = []
    for i, (prompt, response) in enumerate(batch):
        start, end = len(prompt), len(prompt) + len(response)
        logprobs = torch.log_softmax(logits[i, start - 1 : end - 1].float(), dim=-1)
        scores.append(logprobs.gather(1, ids[i, start:end, None]).sum().item())
    return scores


def score(model, head, sequences, batch_size):
    function = explicit_scores if head == "explicit" else likelihood_scores
    scores = []
    with torch.inference_mode():
        for start in range(0, len(sequences), batch_size):
            scores += function(model, sequences[start : start + batch_size])
    return scores


def reset_peak():
    """Linux forgets a process's peak on request; elsewhere the peak is that of the whole process."""
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def peak_bytes():
    try:
        status = pathlib.Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def answer(model, head, request, rows):
    sequences = sequences_of(rows[request["workload"]][: request["rows"]])
    reset_peak()
    start = time.perf_counter()
    scores = score(model, head, sequences, request["batch"])
    seconds = time.perf_counter() - start
    tokens = sum(len(prompt) + len(response) for prompt, response in sequences)
    return {"seconds": seconds, "tokens": tokens, "scores": scores, "peak_bytes": peak_bytes()}


def main():
    folder, head, dtype, threads = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    torch.set_num_threads(threads)
    transformers.logging.set_verbosity_error()
    model = load(folder, head, dtype)
    rows = {name: json.loads((folder / f"{name}.ids.json").read_text()) for name in ("pairs", "groups")}
    print(json.dumps({"ready": transformers.__version__}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(model, head, json.loads(line), rows)), flush=True)


if __name__ == "__main__":
    main()

"""What both sides compute: a random checkpoint of a public model's shape, its tokenizer, and rows of text.

    python benchmarks/peers/workload.py --folder .build/peers --shape qwen2.5-0.5b

Everything follows from the seed and the shape, so two machines time the same work.
"""

import argparse
import json
import pathlib
import random

import tokenizers
import torch
import transformers

SHAPES = {
    "qwen2.5-0.5b": dict(
        hidden_size=896,
        intermediate_size=4864,
        num_hidden_layers=24,
        num_attention_heads=14,
        num_key_value_heads=2,
        vocab_size=151936,
        max_position_embeddings=32768,
        rope_theta=1e6,
    ),
    # For trying the scripts out.
    "tiny": dict(
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        vocab_size=16384,
        max_position_embeddings=4096,
        rope_theta=1e6,
    ),
}
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
PAD = "<|endoftext|>"
WORDS = 4000
SEED = 20


def linear_parameters(shape):
    """Weights of the linear layers of one token's pass, the vocabulary head apart."""
    width, inner = shape["hidden_size"], shape["intermediate_size"]
    keys = width // shape["num_attention_heads"] * shape["num_key_value_heads"]
    return shape["num_hidden_layers"] * (2 * width * width + 2 * width * keys + 3 * width * inner)


def make_words(stream):
    """Pronounceable words, with a space before each as running text has them."""
    syllables = [c + v for c in "bcdfghjklmnprstvwz" for v in "aeiou"]
    words = set()
    while len(words) < WORDS:
        words.add(" " + "".join(stream.choice(syllables) for _ in range(stream.randint(2, 4))))
    return sorted(words)


def make_tokenizer(words):
    """A byte-level BPE in which each of the words is one token."""
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    split = tokenizers.pre_tokenizers.Split(tokenizers.Regex(PATTERN), behavior="isolated")
    bytes_ = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([split, bytes_])
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=16000,
        special_tokens=[PAD],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(words * 2, trainer)
    return tokenizer


def make_row(stream, words, name, prompt_tokens, response_tokens):
    text = lambda count: "".join(stream.choice(words) for _ in range(count))
    return {"id": name, "prompt": text(prompt_tokens), "responses": [text(count) for count in response_tokens]}


def make_rows(words, count=256):
    """Two workloads: pairs of unequal lengths, and groups of six equally long responses."""
    stream = random.Random(SEED)
    between = stream.randint
    pairs = [
        make_row(stream, words, f"pair-{i}", between(60, 250), [between(40, 400), between(40, 400)]) for i in range(count)
    ]
    groups = [make_row(stream, words, f"group-{i}", 200, [200] * 6) for i in range(count)]
    return {"pairs": pairs, "groups": groups}


def encode(tokenizer, row):
    """A row's token ids: prompt and response tokenised apart, nothing added, as `--template raw` does it."""
    ids = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    return {"id": row["id"], "prompt": ids(row["prompt"]), "responses": [ids(response) for response in row["responses"]]}


def configuration(shape):
    return transformers.Qwen2Config(**shape, tie_word_embeddings=True, pad_token_id=0, eos_token_id=0, num_labels=1)


def save_checkpoints(folder, shape, tokenizer):
    """The same random body in bfloat16 under a linear head and under the vocabulary head."""
    torch.manual_seed(SEED)
    config = configuration(shape)
    classifier = transformers.AutoModelForSequenceClassification.from_config(config, dtype=torch.bfloat16)
    generator = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    generator.model.load_state_dict(classifier.model.state_dict())
    generator.tie_weights()
    for name, model in (("explicit", classifier), ("likelihood", generator)):
        model.save_pretrained(folder / name)
        wrapped = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=PAD, eos_token=PAD)
        wrapped.save_pretrained(folder / name)


def ensure(folder, shape_name):
    """Makes what is not there yet under `folder/shape`; returns that folder."""
    folder = pathlib.Path(folder) / shape_name
    done = folder / "done"
    if done.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    words = make_words(random.Random(SEED))
    tokenizer = make_tokenizer(words)
    tokenizer.save(str(folder / "tokenizer.json"))
    rows = make_rows(words)
    for name, items in rows.items():
        (folder / f"{name}.json").write_text(json.dumps(items))
        encoded = [encode(tokenizer, row) for row in items]
        assert all(len(r["prompt"]) == row["prompt"].count(" ") for r, row in zip(encoded, items)), "a word is not one token"
        (folder / f"{name}.ids.json").write_text(json.dumps(encoded))
    save_checkpoints(folder, SHAPES[shape_name], tokenizer)
    done.touch()
    return folder


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default=".build/peers")
    parser.add_argument("--shape", choices=SHAPES, default="qwen2.5-0.5b")
    arguments = parser.parse_args()
    print(ensure(arguments.folder, arguments.shape))

"""Makes a policy to be trained from scratch: a byte-level BPE tokenizer of 1,024 tokens, learned from GSM8K's rows, and the
configuration of a 23M-parameter Qwen2 decoder. No weights: `policy.weights: random` draws them.

    python3 scripts/gsm8k/make_policy.py ROWS.jsonl FOLDER        (needs the package `tokenizers`)
"""

import json
import os
import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

rows, folder = sys.argv[1], sys.argv[2]
os.makedirs(folder, exist_ok=True)


def texts():
    with open(rows, encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row["question"] + "\n" + row["answer"]


tokenizer = Tokenizer(models.BPE())
# Digits one by one, so that arithmetic has a fixed alphabet.
tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
)
tokenizer.decoder = decoders.ByteLevel()
trainer = trainers.BpeTrainer(
    vocab_size=1024, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
)
tokenizer.train_from_iterator(texts(), trainer)
tokenizer.save(os.path.join(folder, "tokenizer.json"))
with open(os.path.join(folder, "tokenizer_config.json"), "w") as file:
    json.dump({"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|endoftext|>"}, file)
config = {
    "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "dtype": "float32", "hidden_act": "silu",
    "hidden_size": 512, "intermediate_size": 1408, "num_hidden_layers": 8, "num_attention_heads": 8,
    "num_key_value_heads": 2, "vocab_size": 1024, "max_position_embeddings": 2048, "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0, "tie_word_embeddings": True, "eos_token_id": 0,
}
with open(os.path.join(folder, "config.json"), "w") as file:
    json.dump(config, file, indent=2)
lengths = [len(tokenizer.encode(text).ids) for text in texts()]
print(f"{tokenizer.get_vocab_size()} tokens; a row has {sum(lengths) / len(lengths):.0f}, at most {max(lengths)}")

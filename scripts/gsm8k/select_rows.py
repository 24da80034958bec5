"""Keeps the rows of GSM8K whose every annotation is one step between small whole numbers, such as <<3*12=36>>, and that are short.

    python3 scripts/gsm8k/select_rows.py TRAIN.jsonl POLICY_FOLDER OUT.jsonl      (needs the package `tokenizers`)

A policy of 23 million weights learns these within minutes, where all of GSM8K takes hours.
"""

import json
import os
import re
import sys

from tokenizers import Tokenizer

DIGITS, TOKENS = 2, 260
ANNOTATION = re.compile(r"<<([^>]*)>>")
STEP = re.compile(rf"\d{{1,{DIGITS}}}[-+*/]\d{{1,{DIGITS}}}=\d{{1,{DIGITS}}}")
rows, folder, out = sys.argv[1:4]
tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))


def is_kept(row):
    annotations = ANNOTATION.findall(row["answer"])
    length = sum(len(tokenizer.encode(row[field]).ids) for field in ("question", "answer"))
    return bool(annotations) and length <= TOKENS and all(map(STEP.fullmatch, annotations))


with open(rows, encoding="utf-8") as file:
    kept = [row for row in map(json.loads, file) if is_kept(row)]
with open(out, "w", encoding="utf-8") as file:
    file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in kept)
print(f"{len(kept)} rows kept")

"""Splits GSM8K's training rows before anything is trained on them, and orders them as `assay run --held-out 64` expects: held-out rows last.

    python3 scripts/gsm8k/split_rows.py TRAIN.jsonl FOLDER

A row is *easy* if it is short and its every annotation is one step between small whole numbers, such as <<3*12=36>>: a policy of 23 million
weights learns these within the hour, where all of GSM8K takes days. The last 64 easy rows are held out. Written are

    FOLDER/tokenizer-rows.jsonl    every row but the held-out ones, from which the tokenizer is learned
    FOLDER/all.jsonl               the same rows, then the held-out ones
    FOLDER/easy.jsonl              the easy ones of them, then the same held-out ones
"""

import json
import os
import re
import sys

DIGITS, CHARACTERS, HELD_OUT = 2, 600, 64
ANNOTATION = re.compile(r"<<([^>]*)>>")
STEP = re.compile(rf"\d{{1,{DIGITS}}}[-+*/]\d{{1,{DIGITS}}}=\d{{1,{DIGITS}}}")
rows, folder = sys.argv[1:3]
os.makedirs(folder, exist_ok=True)


def is_easy(row):
    annotations = ANNOTATION.findall(row["answer"])
    return len(row["question"]) + len(row["answer"]) <= CHARACTERS and bool(annotations) and all(map(STEP.fullmatch, annotations))


def write(name, selected):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in selected)


with open(rows, encoding="utf-8") as file:
    every = [json.loads(line) for line in file]
held_out = [row for row in every if is_easy(row)][-HELD_OUT:]
questions = {row["question"] for row in held_out}
pool = [row for row in every if row["question"] not in questions]
easy = [row for row in pool if is_easy(row)]
write("tokenizer-rows.jsonl", pool)
write("all.jsonl", pool + held_out)
write("easy.jsonl", easy + held_out)
print(f"{len(pool)} rows to train on, {len(easy)} of them easy; {len(held_out)} easy ones held out")

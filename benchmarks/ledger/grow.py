#!/usr/bin/env python3
"""Grows a ledger of recorded episodes, so that listing and reporting can be timed on many decisions.

    python3 benchmarks/ledger/grow.py assay.sqlite 100000

Every episode that the ledger holds is copied, its exchanges and replays with it, until there are so many recorded decisions. Each copy's
requests and answers end in a kilobyte of white space of their own, since what is alike is stored once: copies would else be smaller than real ones.
"""
import hashlib
import json
import sqlite3
import sys


def columns(ledger, table):
    return [row[1] for row in ledger.execute(f"PRAGMA table_info({table})")]


def copy(ledger, table, episode, new, change):
    names = columns(ledger, table)
    place = names.index("id" if table == "episode" else "episode")
    rows = ledger.execute(f"SELECT * FROM {table} WHERE {names[place]} = ?", (episode,)).fetchall()
    marks = ",".join("?" * len(names))
    for row in rows:
        row = list(row)
        row[place] = new
        change(names, row)
        ledger.execute(f"INSERT INTO {table} VALUES ({marks})", row)


def blank(text):
    """A kilobyte of white space that differs from text to text; behind a JSON document it changes nothing."""
    bits = "".join(f"{byte:08b}" for byte in hashlib.sha512(text.encode()).digest())
    return bits.translate({ord("0"): " ", ord("1"): "\n"}).encode() * 2


def main():
    path, wanted = sys.argv[1], int(sys.argv[2])
    ledger = sqlite3.connect(path)
    count = "SELECT count(*) FROM exchange WHERE replicate = 0 AND is_decision"
    episodes = [row[0] for row in ledger.execute("SELECT id FROM episode ORDER BY started")]
    have = ledger.execute(count).fetchone()[0]
    if not have:
        sys.exit("the ledger holds no decision to copy")
    number = 0

    def own(names, row):
        """Gives an exchange a last piece of its own."""
        for name in ("request", "answer"):
            place = names.index(name)
            pieces = json.loads(row[place])
            text = blank(f"{name} {row[0]} {row[1]} {row[2]}")
            digest = hashlib.sha256(text).digest()
            ledger.execute("INSERT OR IGNORE INTO content (digest, bytes) VALUES (?, ?)", (digest, text))
            identity = ledger.execute("SELECT id FROM content WHERE digest = ?", (digest,)).fetchone()[0]
            row[place] = json.dumps(pieces + [identity], separators=(",", ":"))

    for _ in range(max(0, -(-(wanted - have) // have))):
        for episode in episodes:
            number += 1
            new = f"{episode}-{number}"
            copy(ledger, "episode", episode, new, lambda names, row: None)
            copy(ledger, "replicate", episode, new, lambda names, row: None)
            copy(ledger, "exchange", episode, new, own)
    ledger.commit()
    print(ledger.execute(count).fetchone()[0], "decisions in", len(episodes) + number, "episodes")


main()

"""What the roles of Examples/agents/review.yaml are asked; each program beside this asks it through another package."""
import json

TASK = "Why is the sky blue?"
MODEL = "planted"


def system(role):
    return f"You are the {role}."


def plan():
    return f"Task: {TASK}"


def notes(plan):
    return f"Plan: <plan>{plan}</plan>"


def draft(physics, history):
    return f"Notes: <physics>{physics}</physics> <history>{history}</history>"


def verdict(draft):
    return f"Answer: <draft>{draft}</draft> Grade it 0 or 1."


def finish(verdict):
    print(json.dumps({"score": float(verdict)}))

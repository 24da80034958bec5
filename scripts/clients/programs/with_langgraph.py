"""The review as a LangGraph graph, whose two researchers run in one step."""
from typing import TypedDict

import prompts
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph

model = ChatOpenAI(model=prompts.MODEL)


class Review(TypedDict, total=False):
    plan: str
    physics: str
    history: str
    draft: str
    verdict: str


def ask(role, text):
    return model.invoke([("system", prompts.system(role)), ("user", text)]).text


graph = StateGraph(Review)
graph.add_node("planner", lambda state: {"plan": ask("planner", prompts.plan())})
graph.add_node("physicist", lambda state: {"physics": ask("physicist", prompts.notes(state["plan"]))})
graph.add_node("historian", lambda state: {"history": ask("historian", prompts.notes(state["plan"]))})
graph.add_node("writer", lambda state: {"draft": ask("writer", prompts.draft(state["physics"], state["history"]))})
graph.add_node("judge", lambda state: {"verdict": ask("judge", prompts.verdict(state["draft"]))})
graph.add_edge(START, "planner")
graph.add_edge("planner", "physicist")
graph.add_edge("planner", "historian")
graph.add_edge(["physicist", "historian"], "writer")
graph.add_edge("writer", "judge")
graph.add_edge("judge", END)
prompts.finish(graph.compile().invoke({})["verdict"])

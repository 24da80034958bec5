"""The review with the OpenAI Agents SDK, which speaks the responses API; the writer's answer is streamed."""
import asyncio

import prompts
from agents import Agent, Runner, set_tracing_disabled

set_tracing_disabled(True)
agents = {role: Agent(name=role, instructions=prompts.system(role), model=prompts.MODEL)
          for role in ["planner", "physicist", "historian", "writer", "judge"]}


async def ask(role, text):
    return (await Runner.run(agents[role], text)).final_output


async def main():
    plan = await ask("planner", prompts.plan())
    physics, history = await asyncio.gather(
        ask("physicist", prompts.notes(plan)), ask("historian", prompts.notes(plan)))
    written = Runner.run_streamed(agents["writer"], prompts.draft(physics, history))
    async for _ in written.stream_events():
        pass
    prompts.finish(await ask("judge", prompts.verdict(written.final_output)))


asyncio.run(main())

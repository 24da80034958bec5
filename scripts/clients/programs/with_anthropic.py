"""The review with the anthropic package: sync, async, streaming and a tool."""
import asyncio

import anthropic
import prompts

sync, parallel = anthropic.Anthropic(), anthropic.AsyncAnthropic()


def asked(role, text, **options):
    return dict(model=prompts.MODEL, max_tokens=64, system=prompts.system(role),
                messages=[{"role": "user", "content": text}], **options)


async def research(plan):
    async def one(role):
        return (await parallel.messages.create(**asked(role, prompts.notes(plan)))).content[0].text

    return await asyncio.gather(one("physicist"), one("historian"))


plan = sync.messages.create(**asked("planner", prompts.plan())).content[0].text
physics, history = asyncio.run(research(plan))
with sync.messages.stream(**asked("writer", prompts.draft(physics, history))) as stream:
    draft = "".join(stream.text_stream)
grade = {"name": "grade", "input_schema": {"type": "object", "properties": {"text": {"type": "string"}}}}
judged = sync.messages.create(
    **asked("judge", prompts.verdict(draft), tools=[grade], tool_choice={"type": "tool", "name": "grade"}))
prompts.finish(judged.content[0].input["text"])

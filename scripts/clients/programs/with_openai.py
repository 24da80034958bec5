"""The review with the openai package: sync, async, streaming and a tool."""
import asyncio
import json

import openai
import prompts

sync, parallel = openai.OpenAI(), openai.AsyncOpenAI()


def asked(role, text, **options):
    messages = [{"role": "system", "content": prompts.system(role)}, {"role": "user", "content": text}]
    return dict(model=prompts.MODEL, messages=messages, **options)


async def research(plan):
    async def one(role):
        answer = await parallel.chat.completions.create(**asked(role, prompts.notes(plan)))
        return answer.choices[0].message.content

    return await asyncio.gather(one("physicist"), one("historian"))


plan = sync.chat.completions.create(**asked("planner", prompts.plan())).choices[0].message.content
physics, history = asyncio.run(research(plan))
with sync.chat.completions.stream(**asked("writer", prompts.draft(physics, history))) as stream:
    draft = stream.get_final_completion().choices[0].message.content
grade = {"type": "function", "function": {"name": "grade", "parameters": {
    "type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}}}
call = sync.chat.completions.create(
    **asked("judge", prompts.verdict(draft), tools=[grade], tool_choice="required")).choices[0].message.tool_calls[0]
prompts.finish(json.loads(call.function.arguments)["text"])

"""Drives a cofferdam host with the Python package `mcp`, and prints what came of it as JSON.

Reads from stdin: {"url": ..., "command": [...], "samples": [{"tool", "arguments"}, ...]},
and optionally "talk": ..., the address of a host with the plugin of that name.
"""

import asyncio
import json
import sys

from mcp import Client, MCPError, StdioServerParameters

MODES = ["auto", "legacy", "2026-07-28"]


async def listed(client):
    """The names of all tools, page by page."""
    names, cursor = [], None
    while True:
        page = await client.list_tools(cursor=cursor)
        names += [tool.name for tool in page.tools]
        cursor = page.next_cursor
        if cursor is None:
            return names


async def error_code(client, name):
    try:
        await client.call_tool(name, {})
    except MCPError as error:
        return error.code
    return None


async def visit(server, mode, samples):
    """Lists and calls everything, and two things that go wrong."""
    async with Client(server, mode=mode) as client:
        calls = {}
        for sample in samples:
            result = await client.call_tool(sample["tool"], sample["arguments"])
            calls[sample["tool"]] = {
                "error": result.is_error,
                "text": result.content[0].text,
                "structured": result.structured_content is not None,
            }
        wrong = await client.call_tool(samples[0]["tool"], {})
        return {
            "version": client.protocol_version,
            "server": client.server_info.name if client.server_info else None,
            "tools": await listed(client),
            "calls": calls,
            "wrong_arguments": {"error": wrong.is_error, "text": wrong.content[0].text},
            "unknown_tool": await error_code(client, "no_such_tool"),
        }


async def talk(url, mode):
    """What a call says while it runs."""
    progress, logs = [], []

    async def on_progress(done, total, message):
        progress.append([done, total, message])

    async def on_log(params):
        logs.append([params.level, params.data])

    async with Client(url, mode=mode, logging_callback=on_log, log_level="info") as client:
        result = await client.call_tool("talk_steps", {}, progress_callback=on_progress)
        # Notifications are handled beside the answer.
        for _ in range(100):
            if len(progress) == 3 and len(logs) == 4:
                break
            await asyncio.sleep(0.02)
    return {"text": result.content[0].text, "progress": progress, "logs": logs}


async def main():
    given = json.load(sys.stdin)
    command, *arguments = given["command"]
    servers = {"http": given["url"], "stdio": StdioServerParameters(command=command, args=arguments)}
    came = {}
    if "talk" in given:
        came["talk"] = {mode: await talk(given["talk"], mode) for mode in MODES}
    for transport, server in servers.items():
        came[transport] = {mode: await visit(server, mode, given["samples"]) for mode in MODES}
    json.dump(came, sys.stdout)


asyncio.run(main())

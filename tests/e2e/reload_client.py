"""Changes the plugins of cofferdam hosts, and prints as JSON what the Python package `mcp` heard of it.

Reads from stdin: {"hosts": {"http": {"url", "folder"}, "stdio": {"command", "folder"}}, "one", "two"},
where `one` and `two` are components. Each host starts with an empty folder.
"""

import asyncio
import json
import os
import shutil
import sys

from mcp import Client, StdioServerParameters

PATIENCE = 60


def put(component, folder):
    """Another file in the place of an earlier one, at one stroke."""
    shutil.copy(component, os.path.join(folder, "new"))
    os.replace(os.path.join(folder, "new"), os.path.join(folder, "a.wasm"))


async def changes(client, changed, folder, given):
    """What is listed after each change that is heard of."""
    seen = []

    async def heard():
        await asyncio.wait_for(changed(), PATIENCE)
        seen.append([tool.name for tool in (await client.list_tools()).tools])

    put(given["one"], folder)
    await heard()
    put(given["two"], folder)
    await heard()
    # What is broken takes nothing away: the next to be heard of is the removal.
    with open(os.path.join(folder, "a.wasm"), "wb") as file:
        file.write(b"broken")
    seen.append([tool.name for tool in (await client.list_tools()).tools])
    os.remove(os.path.join(folder, "a.wasm"))
    await heard()
    return seen


async def legacy(server, folder, given):
    arrived = asyncio.Queue()

    async def on_message(message):
        if type(message).__name__ == "ToolListChangedNotification":
            arrived.put_nowait(message)

    async with Client(server, mode="legacy", message_handler=on_message) as client:
        return await changes(client, arrived.get, folder, given)


async def modern(server, folder, given):
    async with Client(server, mode="2026-07-28") as client:
        async with client.listen(tools_list_changed=True) as subscription:
            return await changes(client, subscription.__anext__, folder, given)


async def main():
    given = json.load(sys.stdin)
    came = {}
    for name, host in given["hosts"].items():
        server = host.get("url")
        if server is None:
            command, *arguments = host["command"]
            server = StdioServerParameters(command=command, args=arguments)
        came[name] = {
            "legacy": await legacy(server, host["folder"], given),
            "modern": await modern(server, host["folder"], given),
        }
    json.dump(came, sys.stdout)


asyncio.run(main())

# ruff: noqa: T201
"""Posts what comes from stdin, and prints what is said of each row."""

import json
import sys
import urllib.request

request = urllib.request.Request(
    f"{sys.argv[1]}/v1/execute", sys.stdin.buffer.read(), {"Content-Type": "application/json"}
)
with urllib.request.urlopen(request) as response:
    body = json.load(response)
for row in body["results"]:
    print(row["of"], row["state"], row["passed"], row["score"], (row.get("error") or {}).get("message"))
print("undecided", body["undecided"])

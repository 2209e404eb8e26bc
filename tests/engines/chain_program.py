"""A stage with three calls a row, as a program: rows on stdin, rows on stdout, settings as JSON in the first argument."""

import json
import sys
from functools import partial
from typing import Any

from syncode import stream
from syncode.engines import Ask, ModelOptions, Op, Request, Sampling, open_engine, step
from syncode.errors import SyncodeError
from syncode.schemas.records import Row, dropped

OPS = [Op(name, version=1, prompt=f"{name}.v1") for name in ("first", "second", "third")]


async def chain(row: Row, ask: Ask) -> list[Row]:
    """Return the row with the text of its third call; each call asks about the reply of the one before."""
    text, steps = str(row["text"]), []
    for k, op in enumerate(OPS):
        request = Request(
            row["id"], op, [{"role": "user", "content": f"{op.name}: {text}"}], Sampling(temperature=0.5), k
        )
        reply = await ask(request)
        if reply.error:
            return [dropped(row, "chain.engine", reply.error)]
        text = reply.text
        steps.append(step(request, reply))
    return [{**row, "text": text, "lineage": steps}]


def main(settings: dict[str, Any]) -> int:
    given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in settings.items()}
    options = ModelOptions(**given)
    try:
        with open_engine(options) as ask:
            stream.ask(partial(chain, ask=ask), None, None, stream.Flow(), load=options.concurrency)
    except SyncodeError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.code)
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))

"""The code that runs beside and inside the sandbox: standard library only, sent as code, never imported by untrusted code.

`keeper` (outside, may be root) starts `runner` (inside one long-lived sandbox, or outside where each program gets its own);
`runner` forks `item` for every program; `item` enters fresh namespaces (`isolate`) and runs the steps, Python ones through
`python_driver`. `wire` frames the messages; `rehearsal` and `forks` keep what a fork does short. `BOOT` loads the modules under
their own names, because the installed package is not visible in there.
"""

import types
from functools import cache
from importlib.resources import files

INSIDE = (
    "wire",
    "isolate",
    "forks",
    "timing",
    "crossing",
    "answering",
    "reach",
    "ahead",
    "stand_ins",
    "examining",
    "pytest_stand_in",
    "pytest_fixtures",
    "tally",
    "python_tests",
    "outcome",
    "examiner",
    "python_driver",
    "rehearsal",
    "item",
    "landlock",
    "runner",
)
OUTSIDE = ("isolate", "cgroup", "keeper")
"""Order of loading: each may import the ones before it; the last one's `main` is called."""

BOOT = """
import marshal, sys, types
with open(int(sys.argv[1]), 'rb') as stream:
    content = marshal.loads(stream.read())
sys.argv = ['']
for name in ('syncode', 'syncode.sandbox', 'syncode.sandbox.cell'):
    sys.modules[name] = package = types.ModuleType(name)
    package.__path__ = []
for name, code in content['modules']:
    module = types.ModuleType(f'syncode.sandbox.cell.{name}')
    sys.modules[module.__name__] = module
    setattr(package, name, module)
    exec(code, module.__dict__)
module.main(content['settings'])
"""
"""What `python -c` gets; its one argument is the descriptor to read modules and settings from, as `marshal` writes them."""


def modules(names: tuple[str, ...]) -> list[tuple[str, types.CodeType]]:
    """Return (name, code) of the modules for `BOOT`; the one that loads them is the same interpreter as this one."""
    return [(name, _compiled(name)) for name in names]


@cache
def _compiled(name: str) -> types.CodeType:
    return compile(files(__package__).joinpath(f"{name}.py").read_text(encoding="utf-8"), f"<{name}>", "exec")

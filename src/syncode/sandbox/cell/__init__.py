"""The code that runs beside and inside the sandbox: standard library only, sent as source, never imported by untrusted code.

`keeper` (outside, may be root) starts `runner` (inside one long-lived sandbox, or outside where each program gets its own);
`runner` forks `item` for every program; `item` enters fresh namespaces (`isolate`) and runs the steps, Python ones through
`python_driver`. `wire` frames the messages. `BOOT` loads the modules under their own names,
because the installed package is not visible in there.
"""

from importlib.resources import files

INSIDE = ("wire", "isolate", "pytest_stand_in", "python_tests", "python_driver", "item", "landlock", "runner")
OUTSIDE = ("wire", "isolate", "cgroup", "keeper")
"""Order of loading: each may import the ones before it; the last one's `main` is called."""

BOOT = """
import json, sys, types
with open(int(sys.argv[1]), 'rb') as stream:
    content = json.load(stream)
sys.argv = ['']
for name in ('syncode', 'syncode.sandbox', 'syncode.sandbox.cell'):
    sys.modules[name] = package = types.ModuleType(name)
    package.__path__ = []
for name, source in content['modules']:
    module = types.ModuleType(f'syncode.sandbox.cell.{name}')
    sys.modules[module.__name__] = module
    setattr(package, name, module)
    exec(compile(source, f'<{name}>', 'exec'), module.__dict__)
module.main(content['settings'])
"""
"""What `python -c` gets; its one argument is the descriptor to read sources and settings from."""


def sources(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return (name, source text) of the modules for `BOOT`."""
    folder = files(__package__)
    return [(name, folder.joinpath(f"{name}.py").read_text(encoding="utf-8")) for name in names]

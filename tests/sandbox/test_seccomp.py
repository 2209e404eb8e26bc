"""The filter as bytes: what a small interpreter of its instructions decides about system calls."""

import struct

import pytest

from syncode.sandbox.seccomp import ALLOW, ARCHITECTURES, CLONE3, EPERM, ERROR, KILL, X32, build

REFUSE = ERROR | EPERM


def decide(program: bytes, number: int, argument: int = 0, audit: int = 0) -> int:
    """Run classic BPF over a struct seccomp_data: number, architecture, (address,) first argument."""
    data = struct.pack("<IIQQ", number, audit, 0, argument)
    instructions = [struct.unpack_from("<HBBI", program, place) for place in range(0, len(program), 8)]
    place, accumulator = 0, 0
    while True:
        code, yes, no, value = instructions[place]
        place += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, value)
            case 0x06:
                return int(value)
            case 0x15 | 0x35 | 0x45:
                holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[code]
                place += yes if holds else no


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_what_is_refused_and_what_is_allowed(machine: str) -> None:
    architecture = ARCHITECTURES[machine]
    program = build(machine)
    assert program is not None
    assert len(program) % 8 == 0
    for name, number in architecture.refused.items():
        assert decide(program, number, audit=architecture.audit) == REFUSE, name
    assert decide(program, CLONE3, audit=architecture.audit) == ERROR | 38
    assert decide(program, architecture.clone, 0x11, architecture.audit) == ALLOW  # fork
    assert decide(program, architecture.clone, 0x3D0F00, architecture.audit) == ALLOW  # a thread
    for flag in (0x10000000, 0x20000000, 0x40000000, 0x20000, 0x08000000):
        assert decide(program, architecture.clone, flag | 0x11, architecture.audit) == REFUSE, hex(flag)
    assert decide(program, architecture.socket, 1, architecture.audit) == ALLOW
    for family in (2, 10, 16, 17):
        assert decide(program, architecture.socket, family, architecture.audit) == REFUSE
    assert decide(program, 0, audit=architecture.audit) == ALLOW
    assert decide(program, 0, audit=0xDEADBEEF) == KILL


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_ip_is_allowed_where_there_is_only_loopback(machine: str) -> None:
    architecture = ARCHITECTURES[machine]
    program = build(machine, loopback=True)
    assert program is not None
    for family in (1, 2, 10):
        assert decide(program, architecture.socket, family, architecture.audit) == ALLOW
    for family in (0, 3, 16, 17, 40):
        assert decide(program, architecture.socket, family, architecture.audit) == REFUSE
    for name, number in architecture.refused.items():
        assert decide(program, number, audit=architecture.audit) == REFUSE, name


def test_the_second_set_of_numbers_of_x86_is_closed() -> None:
    program = build("x86_64")
    assert program is not None
    assert decide(program, X32 + 1, audit=ARCHITECTURES["x86_64"].audit) == REFUSE


def test_a_machine_without_numbers_has_no_filter() -> None:
    assert build("m68k") is None

"""Looking at processes from outside, where a test ends one and wants to know what is left."""

import subprocess


def is_running(pid: int, program: str = "") -> bool:
    """Is there such a process, of that program, and not only its tombstone?"""
    told = subprocess.run(
        ["ps", "-o", "stat=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    state, _, name = told.strip().partition(" ")
    return state[:1] not in ("", "Z") and program in name

"""Looking at processes from outside, where a test ends one and wants to know what is left."""

import subprocess


def is_running(pid: int) -> bool:
    """Is there such a process, and not only its tombstone?"""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return state.strip()[:1] not in ("", "Z")

"""Stands in for `dontspy-data`: carries a command out, as far as it ends and needs nothing that is not there.

A server that has imported everything forks for each command, so that a page of ten commands does not start Python ten
times. The bundled sample is a smaller one, faces are not looked for, portraits are described in one process, and
frictionless is left out: each is tested elsewhere.
"""

import array
import json
import os
import socket
import sys
import traceback
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch


def run(words: list[str]) -> None:
    """Carry a command out; ends in SystemExit."""
    from dontspy_data.cli import main
    from dontspy_data.commands.collect import collect, import_
    from dontspy_data.commands.downstream import audit

    words = [word for word in words if word != "--serve"]
    # These need weights that are not in the repository, real servers, or a person's folder: only words are looked at.
    if looked_at := {"audit": audit, "collect": collect, "import": import_}.get("".join(words[:1])):
        looked_at.make_context(words[0], words[1:])
        sys.exit(0)
    bundled = Path(os.environ["SAMPLE"])  # a smaller one
    with (
        patch("dontspy_data.sample.path", lambda: bundled),
        patch("dontspy_data.portraits.engine.open_executor", lambda *_: nullcontext()),
        patch("dontspy_data.pipeline.build._has_faces_extra", lambda: False),
        patch("dontspy_data.check.tables.check_with_frictionless", lambda *_: iter(())),
    ):
        main(words)


def serve(address: str) -> None:
    """Fork for each command that a client sends, until the process that started this one ends it."""
    import dontspy_data.check.check
    import dontspy_data.contest.entries
    import dontspy_data.pipeline.refresh
    import dontspy_data.site.build  # noqa: F401 - what commands import

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        while True:
            client, _ = listening.accept()
            with client:
                client.sendall(bytes([_forked(client)]))


def _forked(client: socket.socket) -> int:
    body, fds, _, _ = socket.recv_fds(client, 1_000_000, 3)
    child = os.fork()
    if child:
        for fd in fds:
            os.close(fd)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF
    asked = json.loads(body)
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    status = 1
    try:
        run(asked["words"])
        status = 0
    except SystemExit as end:
        status = int(end.code) if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - shown, as Python would
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def ask(address: str, words: list[str]) -> int:
    """Have a command carried out here, and return its exit status."""
    asked = {"words": words, "folder": str(os.getcwd()), "environment": dict(os.environ)}  # noqa: PTH109
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(address)
        fds = array.array("i", [0, 1, 2])
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)]
        server.sendmsg([json.dumps(asked).encode()], rights)
        return server.recv(1)[0]


if __name__ == "__main__":  # the processes that a build starts import this file too
    if sys.argv[1] == "--server":
        serve(sys.argv[2])
    sys.exit(ask(sys.argv[1], sys.argv[2:]))

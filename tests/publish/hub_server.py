"""A stand-in for the Hugging Face Hub: as much of its API as `huggingface_hub` needs for a dataset repository.

It keeps commits as a list, checks the token, the parent commit and the SHA-256 of large files, as the Hub does.
"""

import base64
import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

REPOSITORY = "someone/faces"
TOKEN = "hf_the_right_one"
LARGE = 20_000


@dataclass
class Hub:
    """What the stand-in holds: commits, each with all its files, and large files by digest."""

    commits: list[tuple[str, dict[str, bytes]]] = field(default_factory=lambda: [("0" * 40, {})])
    titles: list[str] = field(default_factory=lambda: ["initial commit"])
    large: dict[str, bytes] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    before_commit: Any = None
    fails_on: str = ""
    answers_nonsense: bool = False

    @property
    def files(self) -> dict[str, bytes]:
        return self.commits[-1][1]

    def at(self, revision: str) -> dict[str, bytes]:
        return self.files if revision == "main" else dict(self.commits)[revision]

    def push(self, files: dict[str, bytes], title: str = "a commit") -> str:
        sha = hashlib.sha1(repr(sorted(files)).encode() + str(len(self.commits)).encode()).hexdigest()
        self.commits.append((sha, files))
        self.titles.append(title)
        return sha


def serve(hub: Hub) -> ThreadingHTTPServer:
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self._body()
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(f"{self.command} {path}")
        upload = path.startswith("/store/")
        if self.hub.fails_on and self.hub.fails_on in path:
            return self._json({"error": "Try later"}, 500)
        if self.hub.answers_nonsense:
            return self._json(["nonsense", {"sha": 5}])
        if not upload and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._json({"error": "Invalid credentials"}, 401)
        for pattern, act in ROUTES:
            if match := re.fullmatch(pattern, f"{self.command} {path}"):
                return act(self, body, *match.groups())
        return self._json({"error": "Not found"}, 404)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            pieces = []
            while size := int(self.rfile.readline().strip(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _json(self, value: Any, status: int = 200) -> None:
        self._send(json.dumps(value).encode(), {"Content-Type": "application/json"}, status)

    def _send(self, body: bytes, headers: dict[str, str], status: int = 200) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def info(self, _: bytes) -> None:
        siblings = [{"rfilename": path} for path in self.hub.files]
        self._json({"id": REPOSITORY, "sha": self.hub.commits[-1][0], "siblings": siblings, "tags": []})

    def tree(self, _: bytes, revision: str, below: str | None) -> None:
        entries = []
        for path, body in sorted(self.hub.at(revision).items()):
            if not path.startswith(f"{below}/" if below else ""):
                continue
            entry = {"type": "file", "path": path, "size": len(body), "oid": hashlib.sha1(body).hexdigest()}
            if len(body) > LARGE:
                entry["lfs"] = {
                    "oid": hashlib.sha256(body).hexdigest(),
                    "size": len(body),
                    "pointerSize": 130,
                }
            entries.append(entry)
        self._json(entries)

    def resolve(self, _: bytes, revision: str, path: str) -> None:
        files = self.hub.at(revision)
        if path not in files:
            headers = {"X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found"}
            return self._send(b"", headers, 404)
        etag = f'"{hashlib.sha1(files[path]).hexdigest()}"'
        sha = self.hub.commits[-1][0] if revision == "main" else revision
        return self._send(files[path], {"ETag": etag, "X-Repo-Commit": sha})

    def preupload(self, body: bytes, _: str) -> None:
        modes = [
            {
                "path": one["path"],
                "uploadMode": "lfs" if one["size"] > LARGE else "regular",
                "shouldIgnore": False,
            }
            for one in json.loads(body)["files"]
        ]
        self._json({"files": modes})

    def batch(self, body: bytes) -> None:
        base = f"http://{self.headers['Host']}"
        objects = []
        for one in json.loads(body)["objects"]:
            known = one["oid"] in self.hub.large
            actions = {} if known else {"actions": {"upload": {"href": f"{base}/store/{one['oid']}"}}}
            objects.append({**one, **actions})
        self._json({"transfer": "basic", "objects": objects})

    def store(self, body: bytes, digest: str) -> None:
        if hashlib.sha256(body).hexdigest() != digest:
            return self._json({"error": "wrong digest"}, 400)
        self.hub.large[digest] = body
        return self._json({})

    def commit(self, body: bytes, _: str) -> None:
        if self.hub.before_commit:
            self.hub.before_commit(self.hub)
        lines = [json.loads(line) for line in body.splitlines()]
        header = next(line["value"] for line in lines if line["key"] == "header")
        if header.get("parentCommit") not in (None, self.hub.commits[-1][0]):
            return self._json({"error": "A commit has happened since. Please refresh and try again."}, 412)
        files = dict(self.hub.files)
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.hub.large[value["oid"]]
            elif line["key"] == "deletedFile":
                del files[value["path"]]
        sha = self.hub.push(files, header["summary"])
        url = f"http://{self.headers['Host']}/datasets/{REPOSITORY}/commit/{sha}"
        return self._json({"commitUrl": url, "commitOid": sha, "success": True})

    def squash(self, _: bytes, __: str) -> None:
        self.hub.commits = [("1" * 40, self.hub.files)]
        self.hub.titles = ["Super-squash branch 'main'"]
        self._json({})

    def history(self, _: bytes, __: str) -> None:
        date = "2026-01-01T00:00:00.000Z"
        self._json(
            [
                {"id": sha, "title": title, "message": "", "date": date, "authors": []}
                for (sha, _), title in zip(reversed(self.hub.commits), reversed(self.hub.titles), strict=True)
            ]
        )

    def lfs_files(self, _: bytes) -> None:
        self._json(
            [
                {
                    "fileOid": digest,
                    "filename": digest,
                    "oid": digest,
                    "pushedAt": "2026-01-01T00:00:00.000Z",
                    "size": len(body),
                }
                for digest, body in self.hub.large.items()
            ]
        )

    def forget(self, body: bytes) -> None:
        for digest in json.loads(body)["deletions"]["sha"]:
            self.hub.forgotten.append(digest)
            del self.hub.large[digest]
        self._json({})

    def yaml(self, _: bytes) -> None:
        self._json({"errors": [], "warnings": []})


API = f"/api/datasets/{REPOSITORY}"
ROUTES: list[tuple[str, Any]] = [
    (rf"GET {API}(?:/revision/[^/]+)?", _Handler.info),
    (rf"GET {API}/tree/([^/]+)(?:/(.+))?", _Handler.tree),
    (rf"(?:GET|HEAD) /datasets/{REPOSITORY}/resolve/([^/]+)/(.+)", _Handler.resolve),
    (rf"POST {API}/preupload/([^/]+)", _Handler.preupload),
    (rf"POST /datasets/{REPOSITORY}\.git/info/lfs/objects/batch", _Handler.batch),
    (r"PUT /store/([0-9a-f]+)", _Handler.store),
    (rf"POST {API}/commit/([^/]+)", _Handler.commit),
    (rf"POST {API}/super-squash/([^/]+)", _Handler.squash),
    (rf"GET {API}/commits/([^/]+)", _Handler.history),
    (rf"GET {API}/lfs-files", _Handler.lfs_files),
    (rf"POST {API}/lfs-files/batch", _Handler.forget),
    (r"POST /api/validate-yaml", _Handler.yaml),
]

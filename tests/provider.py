"""An identity provider to test against: a process of its own that speaks OpenID Connect.

It signs with a key that it makes when it starts and prints its port. `/be` says who comes next,
and how it is to misbehave: `wrong` names one thing that it then does wrongly.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "joinery", "a secret of the client"

KEY = RSAKey.generate_key(2048, {"kid": "first"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "first"}, private=True)


class Provider(BaseHTTPRequestHandler):
    """Answers what a client of OpenID Connect asks."""

    codes: dict[str, dict[str, str]] = {}
    who: dict[str, str] = {"sub": "nobody"}

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(place.query).items()}
        if place.path == "/.well-known/openid-configuration":
            self.answer(self.described())
        elif place.path == "/keys":
            self.answer({"keys": [KEY.as_dict(private=False)]})
        elif place.path == "/be":
            Provider.who = asked
            self.answer({})
        elif place.path == "/authorize":
            self.authorize(asked)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
        given = base64.b64decode(self.headers.get("Authorization", "Basic ")[6:]).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        right = (
            asked is not None
            and given == f"{CLIENT}:{SECRET}"
            and asked["code_challenge"] == challenge
            and asked["redirect_uri"] == form.get("redirect_uri")
        )
        if not right or asked is None:
            self.answer({"error": "invalid_grant"}, status=400)
            return
        token = self.token(asked)
        self.answer({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def described(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorize(self, asked: dict[str, str]) -> None:
        code = token_urlsafe(16)
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.issuer}
        if self.who.get("wrong") == "denied":
            answer = {"error": "access_denied", "state": asked["state"]}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(answer)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def token(self, asked: dict[str, str]) -> str:
        wrong, now = self.who.get("wrong"), int(time.time())
        claims: dict[str, Any] = {
            "iss": "http://elsewhere.example" if wrong == "issuer" else self.issuer,
            "sub": self.who["sub"],
            "aud": "another" if wrong == "audience" else CLIENT,
            "iat": now,
            "exp": now - 3600 if wrong == "expired" else now + 300,
            "nonce": "another" if wrong == "nonce" else asked["nonce"],
        }
        if "email" in self.who:
            claims["email"] = self.who["email"]
            claims["email_verified"] = self.who.get("verified") == "1"
        if "amr" in self.who:
            claims["amr"] = [self.who["amr"]]
        if wrong == "unsigned":
            parts = ({"alg": "none"}, claims)
            plain = (base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in parts)
            return b".".join([*plain, b""]).decode()
        key = OTHER if wrong == "key" else KEY
        return jwt.encode({"alg": "RS256", "kid": "first"}, claims, key)

    def answer(self, body: dict[str, Any], *, status: int = 200) -> None:
        written = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the first line that is printed is the port."""


@contextmanager
def running() -> Iterator[str]:
    """Run a provider in a process of its own; yield what it calls itself."""
    command = [sys.executable, "-m", "tests.provider"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        sys.stdout.write(f"{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()

"""The fixture that keeps tests off the network."""

import socket

import pytest


def test_the_network_is_blocked() -> None:
    with pytest.raises(RuntimeError, match="a test tried to reach"), socket.socket() as connection:
        connection.connect(("192.0.2.1", 80))


def test_this_machine_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as connection:
        connection.connect(server.getsockname())

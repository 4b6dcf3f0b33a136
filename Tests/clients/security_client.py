"""psycopg 3 over TLS and with passwords: SCRAM, wrong passwords, users that are not there, plain text refused or not."""
import socket
import ssl
import struct
import sys

import psycopg
from check import check, done, equal

port, plaintext = sys.argv[1], sys.argv[2]
base = f"host=127.0.0.1 port={port} dbname=leibrix"


def one(dsn, **more):
    with psycopg.connect(f"{base} {dsn}", autocommit=True, connect_timeout=600, **more) as connection:
        return connection.execute("SELECT 1").fetchone()[0], connection.info


def tls():
    value, info = one("user=admin sslmode=require")
    equal(value, 1)
    with psycopg.connect(f"{base} user=admin sslmode=require") as connection:
        equal(connection.pgconn.ssl_in_use, True)


def plain():
    equal(one("user=admin sslmode=disable")[0], 1)


def refused(dsn, states):
    try:
        one(dsn)
    except psycopg.OperationalError as error:
        text = str(error)
        if not any(state in text for state in states):
            raise AssertionError(text) from error
        return True
    raise AssertionError("let in")


def make_users():
    with psycopg.connect(f"{base} user=admin sslmode=require", autocommit=True) as connection:
        connection.execute("CREATE USER ana PASSWORD 'sé cret ''quoted'''")
        connection.execute("CREATE USER bo PASSWORD 'other'")


def password():
    with psycopg.connect(f"{base} user=ana sslmode=require", password="sé cret 'quoted'", autocommit=True) as connection:
        equal(connection.execute("SELECT current_user").fetchone()[0], "ana")


def channel_binding():
    with psycopg.connect(f"{base} user=ana sslmode=require channel_binding=prefer", password="sé cret 'quoted'") as connection:
        equal(connection.execute("SELECT 1").fetchone()[0], 1)


def changed():
    with psycopg.connect(f"{base} user=admin sslmode=require", autocommit=True) as connection:
        connection.execute("ALTER USER ana PASSWORD 'new'")
    refused("user=ana password=old sslmode=require", ["password authentication failed", "28P01"])
    equal(one("user=ana password=new sslmode=require")[0], 1)


def dropped():
    with psycopg.connect(f"{base} user=admin sslmode=require", autocommit=True) as connection:
        connection.execute("DROP USER bo")
    refused("user=bo password=other sslmode=require", ["password authentication failed", "28P01"])


def not_an_admin():
    with psycopg.connect(f"{base} user=ana password=new sslmode=require", autocommit=True) as connection:
        try:
            connection.execute("CREATE USER eve PASSWORD 'x'")
        except psycopg.errors.InsufficientPrivilege:
            return True
    raise AssertionError("a user without rights made another")


def admin_password():
    with psycopg.connect(f"{base} user=admin sslmode=require", autocommit=True) as connection:
        connection.execute("ALTER USER admin PASSWORD 'root of it'")
    refused("user=admin sslmode=require", ["password", "28P01"])
    with psycopg.connect(f"{base} user=admin sslmode=require", password="root of it") as connection:
        equal(connection.execute("SELECT 1").fetchone()[0], 1)


def direct():
    """TLS from the first byte, as libpq 17's sslnegotiation=direct: ALPN must be postgresql."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["postgresql"])
    with socket.create_connection(("127.0.0.1", int(port)), timeout=600) as raw, context.wrap_socket(raw, server_hostname="localhost") as wire:
        equal(wire.selected_alpn_protocol(), "postgresql")
        body = struct.pack("!i", 196608) + b"user\0admin\0database\0leibrix\0\0"
        wire.sendall(struct.pack("!i", len(body) + 4) + body)
        seen = b""
        while b"Z\0\0\0\5" not in seen:
            more = wire.recv(4096)
            if not more:
                raise AssertionError(f"the server closed after {seen!r}")
            seen += more
        query = b"SELECT 'over ' || 'TLS'\0"
        wire.sendall(b"Q" + struct.pack("!i", len(query) + 4) + query)
        answer = b""
        while b"Z\0\0\0\5" not in answer:
            answer += wire.recv(4096)
        if b"over TLS" not in answer:
            raise AssertionError(repr(answer))


def direct_without_alpn():
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    with socket.create_connection(("127.0.0.1", int(port)), timeout=600) as raw:
        try:
            with context.wrap_socket(raw, server_hostname="localhost") as wire:
                wire.sendall(b"\0\0\0\x08\x04\xd2\x16\x2f")
                equal(wire.recv(1), b"")
        except (ssl.SSLError, ConnectionError):
            return


check("TLS", tls)
check("direct TLS", direct)
check("direct TLS of another protocol is refused", direct_without_alpn)
if plaintext == "plaintext":
    check("plain text on loopback", plain)
check("users", make_users)
check("SCRAM", password)
check("SCRAM with channel binding preferred", channel_binding)
check("a wrong password", lambda: refused("user=ana password=wrong sslmode=require", ["password authentication failed", "28P01"]))
check("an unknown user", lambda: refused("user=nobody password=x sslmode=require", ["password authentication failed", "28P01"]))
check("an unknown database", lambda: refused("user=ana password=new dbname=nowhere sslmode=require", ["3D000", "nowhere", "password"]))
check("a changed password", changed)
check("a dropped user", dropped)
check("rights", not_an_admin)
check("trust ends with the admin's password", admin_password)
done()

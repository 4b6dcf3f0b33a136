"""psycopg 3 over TLS and with passwords: SCRAM, wrong passwords, users that are not there, plain text refused or not."""
import sys

import psycopg
from check import check, done, equal

port, plaintext = sys.argv[1], sys.argv[2]
base = f"host=127.0.0.1 port={port} dbname=leibrix"


def one(dsn, **more):
    with psycopg.connect(f"{base} {dsn}", autocommit=True, connect_timeout=10, **more) as connection:
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


check("TLS", tls)
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

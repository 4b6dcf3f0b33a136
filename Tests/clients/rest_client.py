"""REST: POST /query with parameters and errors, large answers, compression, users, origins; GET /status."""
import gzip
import http.client
import json
import sys
import time

import pyarrow
from check import check, done, equal

port = int(sys.argv[1])


def ask(method, path, body=None, headers=None, raw=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    fields = {"Content-Type": "application/json", **(headers or {})}
    connection.request(method, path, raw if raw is not None else None if body is None else json.dumps(body), fields)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def query(sql, params=None, headers=None):
    answer, content = ask("POST", "/query", {"sql": sql} if params is None else {"sql": sql, "params": params}, headers)
    return answer.status, json.loads(content)


def rows():
    status, answer = query("SELECT 1 AS a, 'x' AS b, NULL AS c, true AS d, [1, 2] AS e, 1.5::DECIMAL(4,2) AS f, DATE '2026-01-31' AS g")
    equal(status, 200)
    equal([column["name"] for column in answer["columns"]], ["a", "b", "c", "d", "e", "f", "g"])
    equal(answer["columns"][0]["type"], "INTEGER")
    equal(answer["rows"], [[1, "x", None, True, [1, 2], 1.5, "2026-01-31"]])
    return equal(answer["rows_affected"], 1)


def parameters():
    status, answer = query("SELECT $1::INTEGER + 1, $2::VARCHAR || '!', $3::DATE, $4::BOOLEAN, $5::DOUBLE, $6::INTEGER[]", [41, "hi", "2026-02-28", False, 2.5, [1, None, 3]])
    equal(status, 200)
    equal(answer["rows"], [[42, "hi!", "2026-02-28", False, 2.5, [1, None, 3]]])
    status, answer = query("SELECT $1::INTEGER", ["x"])
    equal((status, answer["sqlstate"]), (400, "22P02"))
    status, answer = query("SELECT $1::INTEGER", [])
    return equal(status, 400)


def errors():
    status, answer = query("SELECT nothing FROM nowhere")
    equal((status, answer["sqlstate"]), (404, "42P01"))
    for member in ("error", "code", "hint"):
        assert member in answer, member
    status, answer = query("SELEC 1")
    equal((status, answer["sqlstate"], answer["position"]), (400, "42601", 1))
    equal(query("SELECT 1; SELECT 2")[0], 400)
    equal(ask("POST", "/query", raw="{", headers={})[0].status, 400)
    equal(ask("POST", "/query", {"sql": 1})[0].status, 400)
    equal(ask("POST", "/query", {"sql": "SELECT 1", "limit": 3})[0].status, 400)
    equal(ask("POST", "/query", {"sql": "SELECT 1"}, {"Content-Type": "text/plain"})[0].status, 400)
    equal(ask("POST", "/query", raw="x" * (2 << 20))[0].status, 413)
    return equal(ask("GET", "/query")[0].status, 405)


def large():
    status, answer = query("SELECT i, repeat('x', 50) AS t FROM range(200000) r(i)")
    equal((status, len(answer["rows"]), answer["rows"][199999][0]), (200, 200000, 199999))
    return equal(answer["rows_affected"], 200000)


def stopped():
    """A client that leaves stops its statement."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("POST", "/query", json.dumps({"sql": "SELECT sum(a.i * b.i) FROM range(300000) a(i), range(300000) b(i)"}), {"Content-Type": "application/json"})
    time.sleep(0.5)
    connection.close()
    for _ in range(100):
        running = query("SELECT count(*) FROM leibrix.queries WHERE query LIKE 'SELECT sum(a.i%' AND state = 'running'")[1]
        if running["rows"] == [[0]]:
            return True
        time.sleep(0.1)
    return False


def compressed():
    body = {"sql": "SELECT i, 'some text' AS t FROM range(50000) r(i)"}
    plain = ask("POST", "/query", body)[1]
    answer, content = ask("POST", "/query", body, {"Accept-Encoding": "gzip"})
    equal(answer.getheader("Content-Encoding"), "gzip")
    assert len(content) * 3 < len(plain), (len(content), len(plain))
    equal(gzip.decompress(content), plain)
    answer, small = ask("POST", "/query", {"sql": "SELECT 1"}, {"Accept-Encoding": "gzip"})
    equal(answer.getheader("Content-Encoding"), None)
    answer, content = ask("POST", "/query", body, {"Accept-Encoding": "zstd;q=1, gzip;q=0.5"})
    equal(answer.getheader("Content-Encoding"), "zstd")
    return equal(pyarrow.input_stream(pyarrow.py_buffer(content), compression="zstd").read(), plain)


def origins():
    answer, _ = ask("POST", "/query", {"sql": "SELECT 1"}, {"Origin": "https://evil.example"})
    equal(answer.status, 403)
    return equal(answer.getheader("Access-Control-Allow-Origin"), None)


def one_connection():
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    for number in range(5):
        connection.request("POST", "/query", json.dumps({"sql": "SELECT $1::INTEGER", "params": [number]}), {"Content-Type": "application/json"})
        equal(json.loads(connection.getresponse().read())["rows"], [[number]])
    return True


def status():
    answer, content = ask("GET", "/status")
    equal(answer.status, 200)
    state = json.loads(content)
    return equal((state["ready"], state["reasons"]), (True, []))


def users():
    import base64

    def authorization(user, password):
        return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}

    equal(query("CREATE USER rest_user PASSWORD 'secret'")[0], 200)
    try:
        status, answer = query("SELECT current_user", headers=authorization("rest_user", "secret"))
        equal((status, answer["rows"]), (200, [["rest_user"]]))
        equal(query("SELECT 1", headers=authorization("rest_user", "wrong"))[0], 401)
        equal(query("SELECT 1", headers=authorization("nobody", "secret"))[0], 401)
        equal(query("SELECT 1", headers={"Authorization": "Bearer x"})[0], 401)
    finally:
        equal(query("DROP USER rest_user")[0], 200)
    return True


check("rows", rows)
check("parameters", parameters)
check("errors", errors)
check("large answers", large)
check("a client that leaves", stopped)
check("compression", compressed)
check("origins", origins)
check("one connection", one_connection)
check("status", status)
check("users", users)
done()
